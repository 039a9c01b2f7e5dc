"""The checks of a live eni_conf that no spec stands behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hybridc import cidr
from hybridc.catalog import ack, terway
from hybridc.catalog.terway import Release
from hybridc.diagnostic import ERROR, WARNING
from hybridc.eni_config.json_reader import Json
from hybridc.eni_config.keys import Problem, client_limit_problems, dotted, ipam_problems, mismatches, problems
from hybridc.source.document import join
from hybridc.spec.hole import is_hole
from hybridc.words import PLACEHOLDER, nearest

_VSWITCH = re.compile(r"vsw-[a-z0-9]+\Z")
_GROUP = re.compile(r"sg-[a-z0-9]+\Z")
_ZONE = re.compile(r"[a-z]{2,3}-[a-z][a-z0-9-]*[0-9-][a-z]\Z")


def eni_conf_findings(json: Json, version: Release, *, complete: bool) -> Iterator[Problem]:
    """Everything that is wrong with the keys of an eni_conf; ``complete``: also what is missing."""
    conf = json.data
    if not isinstance(conf, dict):
        return
    meant = misspelled("eni_conf", conf)
    for key, value in conf.items():
        for problem in problems("eni_conf", key, value, version):
            severity = ERROR if key in meant else problem.severity
            yield problem._replace(pointer=join("", key) + problem.pointer, severity=severity)
    there = {*conf, *meant.values()}
    sound = {key: value for key, value in conf.items() if _sound(key, value)}
    missing = complete and json.whole
    yield from _access_keys(conf)
    yield from _vswitches(sound, missing=missing and "vswitches" not in there)
    yield from _security_groups(sound, version, missing=missing and not there & _GROUP_KEYS)
    yield from _pool(sound)
    yield from _service_cidr(sound, missing=missing and "service_cidr" not in there)
    if missing and "eni_tags" not in meant.values() and ack.CLUSTER_TAG not in (sound.get("eni_tags") or {}):
        at = "/eni_tags" if "eni_tags" in conf else ""
        message = f"eni_tags lacks {ack.CLUSTER_TAG}=<cluster id>: no console shows these ENIs with the cluster"
        yield Problem("ENI022", WARNING, at, message, "add the tag; ENIs that exist do not get it")
    for key, message in client_limit_problems(sound):
        yield Problem("ENI020", WARNING, join("", key), message, "set both, the burst larger than the rate")
    for key, severity, message in ipam_problems(sound):
        advice = "leave it out: the daemon on each node hands out addresses itself"
        yield Problem("ENI024", severity, join("", key), message, advice)


_GROUP_KEYS = {"security_group", "security_groups"}


def misspelled(table: str, conf: dict[str, Any]) -> dict[str, str]:
    """``{key: known key}`` for what Terway does not know and what is not there under its right name either."""
    known = terway.keys(table)
    near = {key: nearest(key, known) for key in conf if key not in known}
    return {key: meant for key, meant in near.items() if meant is not None and meant not in conf}


def _sound(key: str, value: Any) -> bool:
    """Whether a value has the type that its key wants; what has not is reported for that alone."""
    known = terway.keys().get(key)
    return known is not None and not is_hole(value) and not list(mismatches(known.type, value))


def _access_keys(conf: dict[str, Any]) -> Iterator[Problem]:
    for key in ("access_key", "access_secret"):
        if isinstance(conf.get(key), str) and conf[key] and not PLACEHOLDER.search(conf[key]):
            message = f"{key} stands in a ConfigMap, where everybody can read it"
            advice = f"replace it, and leave it empty: Terway reads the Secret {ack.NAMESPACE}/{ack.CREDENTIALS_SECRET}"
            yield Problem("ENI017", ERROR, join("", key), message, advice)


def _vswitches(conf: dict[str, Any], *, missing: bool) -> Iterator[Problem]:
    zones = conf.get("vswitches") or {}
    known = [zone for zone in zones if not PLACEHOLDER.search(zone)]
    for zone in known:
        if not _ZONE.match(zone):
            yield Problem("ID003", ERROR, join("/vswitches", zone), f'"{zone}" is not a zone', _ZONE_HELP, True)
    if missing or ("vswitches" in conf and not known):
        at = "/vswitches" if "vswitches" in conf else ""
        message = "no zone has a pod vSwitch: Terway silently uses each node's own"
        yield Problem("ENI001", ERROR, at, message, 'add "vswitches": {"<zone>": ["vsw-…"]}', True)
    first: dict[str, str] = {}
    for zone, switches in zones.items():
        if is_hole(switches):
            continue
        if switches == []:
            message = f"zone {zone} has no pod vSwitch: Terway silently uses the node's own"
            yield Problem("ENI001", ERROR, join("/vswitches", zone), message, "add one, or remove the zone")
        here: set[str] = set()
        for index, switch in enumerate(switches or ()):
            pointer = join(join("/vswitches", zone), index)
            if not isinstance(switch, str) or PLACEHOLDER.search(switch):
                continue
            if not _VSWITCH.match(switch):
                message = f'"{switch}" is not a vSwitch id'
                yield Problem(
                    "ID001", ERROR, pointer, message, "copy the id from the VPC console: vsw-…, in lower case"
                )
            elif first.setdefault(switch, zone) != zone or switch in here:
                where = f"under {first[switch]} and {zone}" if first[switch] != zone else "twice"
                message = f"vSwitch {switch} is listed {where}"
                yield Problem("ENI003", ERROR, pointer, message, "a vSwitch has one zone: list it there, once")
            here.add(switch)


_ZONE_HELP = "zones look like cn-hangzhou-j or eu-central-1a"


def _security_groups(conf: dict[str, Any], version: Release, *, missing: bool) -> Iterator[Problem]:
    single, several = conf.get("security_group") or "", conf.get("security_groups") or []
    places = [("/security_group", single)] if single else []
    places += [(f"/security_groups/{index}", group) for index, group in enumerate(several) if isinstance(group, str)]
    for pointer, group in places:
        if not PLACEHOLDER.search(group) and not _GROUP.match(group):
            message = f'"{group}" is not a security group id'
            yield Problem("ID002", ERROR, pointer, message, "copy the id from the ECS console: sg-…, in lower case")
    count, limit = len({group for _, group in places}), terway.security_group_limit(version)
    if count > limit:
        message = f"{count} security groups, {terway.told(dotted(version))} allows {limit}"
        yield Problem("ENI008", ERROR, places[-1][0], message, "remove some: Terway does not start with more")
    if missing:
        message = "no security group: Terway takes those of the node's primary ENI"
        yield Problem("ENI009", WARNING, "", message, 'add "security_groups": ["sg-…"]')


def _pool(conf: dict[str, Any]) -> Iterator[Problem]:
    least, most = conf.get("min_pool_size"), conf.get("max_pool_size")
    for key, size in (("min_pool_size", least), ("max_pool_size", most)):
        if size is not None and size < 0:
            yield Problem("ENI005", ERROR, join("", key), f"{key} is {size}", "write a number from 0 on")
    if least is not None and least > (most or 0) >= 0:
        message = f"min_pool_size {least} is larger than max_pool_size {most or 0}"
        if "max_pool_size" in conf:
            yield Problem(
                "ENI005", ERROR, "/min_pool_size", message, "Terway clamps min to max: min must not exceed it"
            )
    warm = conf.get("ip_warm_up_size")
    if warm is not None and most is not None and warm > most:
        message = f"ip_warm_up_size {warm} is larger than max_pool_size {most}"
        yield Problem("ENI007", WARNING, "/ip_warm_up_size", message, "lower it: the rest is given back at once")


def _service_cidr(conf: dict[str, Any], *, missing: bool) -> Iterator[Problem]:
    value = conf.get("service_cidr") or ""
    if missing:
        message = "no service_cidr: Terway looks for it in kubeadm's ConfigMap, and does not start without"
        yield Problem("ENI021", WARNING, "", message, 'add "service_cidr" with the Service CIDR of the cluster')
    if not value or PLACEHOLDER.search(value):
        return
    for part in value.split(","):
        if cidr.parse(part.strip()) is None:
            masked = cidr.canonical(part.strip())
            advice = f"write the masked form: {masked}" if masked else "write the Service CIDR of the cluster"
            message = f'service_cidr: "{part}" is not a network, Terway silently skips it'
            yield Problem("NET001", ERROR, "/service_cidr", message, advice)
    if conf.get("ip_stack") == "dual" and ":" not in value:
        message = "ip_stack dual needs an IPv6 range in service_cidr"
        yield Problem("ENI012", ERROR, "/service_cidr", message, "add it after a comma, or use ipv4")
