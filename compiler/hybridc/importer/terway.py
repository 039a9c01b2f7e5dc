"""Terway, as its eni-config and its DaemonSet tell: addresses, vSwitches, security groups, what is passed through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hybridc.catalog import ack, regions
from hybridc.catalog.terway import keys
from hybridc.eni_config.json_reader import Json
from hybridc.importer.seen import Found, Note, Seen, Sources, filled, is_data
from hybridc.live.texts import networks
from hybridc.lower.names import TERWAY_CONFIG_LABEL
from hybridc.preflight.looks import pod
from hybridc.source.document import join
from hybridc.source.secrets import is_telling
from hybridc.spec.hole import is_hole

_TERWAY = "/spec/terway"
_VPC = "/spec/alibabaCloud/vpc"
_IMAGE = re.compile(r"/terway:v?([0-9]+\.[0-9]+\.[0-9]+(?:-[0-9a-z.]+)?)")
_OVERLAY = f"{ack.ENI_CONFIG}-"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_HYBRIDC = {"cniVersion", "name", "type", "capabilities", "eniip_virtual_type", "host_stack_cidrs"}
_BANDWIDTH = {"bandwidth": True}


def observe(sources: Sources) -> Found:
    """``terway``, and what only eni-config tells of ``alibabaCloud`` and ``cluster``."""
    for each, item in sources.all("DaemonSet"):
        images = (_IMAGE.search(str(container.get("image", ""))) for container in pod(item).get("containers", ()))
        version = next((match[1] for match in images if match), None)
        if each.name == ack.TERWAY_DAEMON_SET and version:
            yield Seen(f"{_TERWAY}/version", version, f"DaemonSet {each.namespace}/{each.name}, its image")
    data = sources.eni_config or sources.config_map(ack.NAMESPACE, ack.ENI_CONFIG)
    where = sources.eni_path if sources.eni_config is not None else f"ConfigMap {ack.NAMESPACE}/{ack.ENI_CONFIG}"
    if data:
        yield from _eni_conf(data.get("eni_conf"), f"{where}, eni_conf", sources)
        yield from _cni_conf(data, where)
    for each, item in sources.all("ConfigMap"):
        if each.namespace == ack.NAMESPACE and each.name.startswith(_OVERLAY):
            conf = _json(item.get("data", {}).get("eni_conf"))
            name = each.name.removeprefix(_OVERLAY)
            yield Seen(
                join(f"{_TERWAY}/dynamicConfigs", name), _overlay(conf), f"ConfigMap {each.namespace}/{each.name}"
            )

    named = overlays([node for _, node in sources.all("Node")])
    for name in (name for name in named if not name.startswith(_OVERLAY)):
        if sources.config_map(ack.NAMESPACE, name):
            yield Note(
                f"ConfigMap {ack.NAMESPACE}/{name}, which Nodes name in {TERWAY_CONFIG_LABEL}, was left out: those of "
                f"terway.dynamicConfigs are called {_OVERLAY}<name>"
            )


def overlays(nodes: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ConfigMaps over eni-config that Nodes name in their label."""
    names = {str(node["metadata"].get("labels", {}).get(TERWAY_CONFIG_LABEL, "")) for node in nodes}
    return sorted(filter(_NAME.fullmatch, names))


def _json(text: str | None) -> dict[str, Any]:
    """JSON as a person wrote it (comments, templates); what could not be read, or was not filled in, is left out."""
    data = _without_holes(Json(text or "").data)
    return data if isinstance(data, dict) else {}


def _without_holes(value: Any) -> Any:
    if is_hole(value):
        return None
    if isinstance(value, dict):
        return {key: _without_holes(below) for key, below in value.items() if not is_hole(below)}
    return [_without_holes(item) for item in value if not is_hole(item)] if isinstance(value, list) else value


def _is_whole(text: str | None) -> bool:
    """Whether an eni_conf is the configuration of a cluster: filled in, and no piece of one."""
    data = Json(text or "").data
    return isinstance(data, dict) and "vswitches" in data and not any(map(is_hole, data.values()))


def _eni_conf(text: str | None, where: str, sources: Sources) -> Found:
    conf = _json(text)
    if any(conf.get(key) for key in ("access_key", "access_secret")):
        yield Note(
            f"{where} holds AccessKeys, which were not read. Terway takes those of the Secret "
            f"{ack.NAMESPACE}/{ack.CREDENTIALS_SECRET}, and a build empties these"
        )
    conf = {key: value for key, value in conf.items() if filled(key)}
    yield from _vswitches(conf.get("vswitches"), where, sources)
    tags = conf.get("eni_tags") if isinstance(conf.get("eni_tags"), dict) else {}
    tags = {key: value for key, value in (tags or {}).items() if filled(value)}
    if ack.CLUSTER_TAG in tags:
        yield Seen("/spec/alibabaCloud/registeredClusterID", tags.pop(ack.CLUSTER_TAG), f"{where}, eni_tags")
    if tags:
        yield Seen(f"{_TERWAY}/eniTags", tags, f"{where}, eni_tags", flow=True)
    if services := networks(conf.get("service_cidr")):
        yield Seen("/spec/cluster/serviceCIDRs", services, f"{where}, service_cidr", flow=True)
    if groups := _groups(conf):
        yield Seen(f"{_VPC}/securityGroups", groups, f"{where}, security_groups", flow=True)
    if isinstance(group := conf.get("resource_group_id"), str) and group and filled(group):
        yield Seen("/spec/alibabaCloud/resourceGroupID", group, f"{where}, resource_group_id")
    for each in _settings(_with_absent(conf) if _is_whole(text) else conf, _TERWAY):
        missing = [name for name in each.where.split(" and ") if name not in conf]
        how = f"; without {' and '.join(missing)} Terway does so" if missing else ""
        yield each._replace(where=f"{where}, {each.where}{how}")
    if (stack := conf.get("ip_stack")) in ("ipv4", "dual"):
        yield Seen(f"{_TERWAY}/ipStack", stack, f"{where}, ip_stack")
    passed, left = _passed("eni_conf", conf)
    if passed:
        yield Seen(f"{_TERWAY}/extraEniConf", passed, f"{where}: keys without a field of their own")
    for key in left:
        yield Note(f"{where}: {key} was left out: {_why(key)}")


def _with_absent(conf: dict[str, Any]) -> dict[str, Any]:
    """A whole eni_conf with what Terway takes for keys that are not there: hybridc's own defaults may be others."""
    absent = {name: key.absent for name, key in keys("eni_conf").items() if key.absent is not None}
    return {**absent, **conf}


def _vswitches(zones: Any, where: str, sources: Sources) -> Found:
    zones = zones if isinstance(zones, dict) else {}
    pools = {each.name: pool.get("spec", {}).get("cidr") for each, pool in sources.all("IPPool")}
    found = []
    for zone, switches in zones.items():
        for switch in switches if isinstance(switches, list) else ():
            if isinstance(switch, str) and filled(switch) and filled(zone):
                name, ranges = f"aliyun-pod-{switch}", {"cidr": f"<cidr-of-{switch}>"}
                ranges |= {
                    key: pools[pool] for key, pool in (("cidr", name), ("ipv6CIDR", f"{name}-v6")) if pools.get(pool)
                }
                found.append({"id": switch, "zone": zone, **ranges})
    if found:
        yield Seen(f"{_VPC}/podVSwitches", found, f"{where}, vswitches", flow=True)
        region = region_of(found[0]["zone"])
        if region:
            yield Seen("/spec/alibabaCloud/region", region, f"{where}, the zones of vswitches")


def region_of(zone: str) -> str | None:
    """The region of a zone (cn-hangzhou-j, eu-central-1a); None when the catalog does not know it."""
    known = (name for name in regions.names() if zone in regions.zones(name) or re.fullmatch(rf"{name}-?[a-z]", zone))
    return next(known, None)


def _groups(conf: Mapping[str, Any]) -> list[str]:
    several = conf.get("security_groups")
    found = [*(several if isinstance(several, list) else ()), conf.get("security_group")]
    return list(dict.fromkeys(each for each in found if isinstance(each, str) and each and filled(each)))


def _settings(conf: Mapping[str, Any], base: str) -> Iterator[Seen]:
    """What eni-config and an overlay of it say in the same words."""
    least, most = conf.get("min_pool_size"), conf.get("max_pool_size")
    if isinstance(least, int) and isinstance(most, int):
        yield Seen(f"{base}/poolSize", {"min": least, "max": most}, "min_pool_size and max_pool_size", flow=True)
    known = keys("eni_conf")["vswitch_selection_policy"]
    if isinstance(policy := conf.get(known.name), str):
        # Terway takes every word that it does not know for the default.
        yield Seen(f"{base}/vSwitchSelection", policy if policy in known.values else known.absent, known.name)


def _overlay(conf: dict[str, Any]) -> dict[str, Any]:
    found = {each.pointer.strip("/"): each.value for each in _settings(conf, "")}
    if groups := _groups(conf):
        found["securityGroups"] = groups
    if isinstance(tags := conf.get("eni_tags"), dict):
        found["eniTags"] = tags
    passed, _ = _passed("eni_conf", conf)
    if isinstance(own := conf.get("vswitches"), dict):
        passed["vswitches"] = own
    return {**found, **({"extraEniConf": passed} if passed else {})}


def _passed(table: str, conf: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What goes into a pass-through, and the keys that cannot."""
    passed, left = {}, []
    for key, value in conf.items():
        known = keys(table).get(key)
        if key in _HYBRIDC and table == "cni_conf":
            continue
        if known is not None and known.use == "spec":
            continue
        if is_telling(key) or key in ("version", "access_key", "access_secret"):
            left += [key] if value and key not in ("version", "access_key", "access_secret") else []
        elif known is not None and known.use != "pass":
            left += [key] if value else []
        elif is_data(value):
            passed[key] = value
    return passed, left


def _why(key: str) -> str:
    known = keys("eni_conf").get(key)
    return (known.why if known is not None else None) or "it is named like a secret, or no Terway reads it"


def _cni_conf(data: Mapping[str, str], where: str) -> Found:
    conf = _json(data.get("10-terway.conf"))
    inside = f"{where}, 10-terway.conf"
    kind = str(conf.get("eniip_virtual_type", "")).lower()
    if kind in ("veth", "datapathv2"):
        yield Seen(f"{_TERWAY}/datapath", kind, f"{inside}, eniip_virtual_type")
    elif kind:
        yield Note(f"{inside}: eniip_virtual_type {kind} has no field; hybridc writes veth or datapathv2")
    passed, _ = _passed("cni_conf", conf)
    if conf.get("capabilities", _BANDWIDTH) != _BANDWIDTH and filled(conf.get("capabilities")):
        passed["capabilities"] = conf["capabilities"]
    hosts = conf.get("host_stack_cidrs")
    if isinstance(hosts, list) and len(hosts) == 1 and str(hosts[0]).endswith("/32") and kind == "datapathv2":
        yield Seen("/spec/cluster/nodeLocalDNS", str(hosts[0]).removesuffix("/32"), f"{inside}, host_stack_cidrs")
    elif hosts and is_data(hosts):
        passed["host_stack_cidrs"] = hosts
    if passed:
        yield Seen(f"{_TERWAY}/extraCniConf", passed, f"{inside}: keys without a field of their own")
    plugins = _json(data.get("10-terway.conflist")).get("plugins")
    if isinstance(plugins, list) and plugins and is_data(plugins):
        chain = [
            _own(each, conf) if isinstance(each, dict) and each.get("type") == "terway" else each for each in plugins
        ]
        yield Seen(f"{_TERWAY}/cniChain", chain, f"{where}, 10-terway.conflist")


def _own(plugin: dict[str, Any], conf: dict[str, Any]) -> dict[str, Any]:
    """Terway's plugin of a chain, without what 10-terway.conf says as well."""
    return {key: value for key, value in plugin.items() if key == "type" or conf.get(key) != value}
