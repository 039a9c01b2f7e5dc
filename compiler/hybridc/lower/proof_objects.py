"""Proofs: what Terway and the ACK agent read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack
from hybridc.lower.bundle import Bundle
from hybridc.lower.claim import Breach, Proof, embedded, find
from hybridc.lower.selectors import Labels
from hybridc.spec.model import Spec

_ENI = f"ConfigMap {ack.NAMESPACE}/{ack.ENI_CONFIG}"
_AGENT = f"ConfigMap {ack.NAMESPACE}/{ack.AGENT_CONFIG}"


def eni_conf(bundle: Bundle) -> dict[str, Any]:
    """The eni_conf of the output; {} when there is none."""
    item = find(bundle, "ConfigMap", ack.ENI_CONFIG)
    found: dict[str, Any] = embedded(item["data"].get("eni_conf", {})) if item is not None else {}
    return found


def overlays(bundle: Bundle) -> Iterator[dict[str, Any]]:
    """The eni_conf of each dynamic configuration."""
    for item in bundle.objects:
        if item["kind"] == "ConfigMap" and item["metadata"]["name"] != ack.ENI_CONFIG and "eni_conf" in item["data"]:
            yield embedded(item["data"]["eni_conf"])


def terway_configuration(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """ENI029, CNI001, ENI017: both files are there, no AccessKey is, and Terway keeps its hands off Calico's CRDs."""
    if spec.terway is None:
        return
    item = find(bundle, "ConfigMap", ack.ENI_CONFIG)
    data = item["data"] if item is not None else {}
    for key in ("eni_conf", "10-terway.conf"):
        if not data.get(key):
            yield Breach("ENI029", _ENI, f"{key} is missing: Terway does not start without it")
    policy = data.get("disable_network_policy")
    if spec.cluster.cni.type in ("calico", "canal") and (not isinstance(policy, str) or policy != "true"):
        message = f'disable_network_policy must be the string "true" beside {spec.cluster.cni.type}'
        yield Breach("CNI001", _ENI, message, policy)
    for conf in (eni_conf(bundle), *overlays(bundle)):
        for key in ("access_key", "access_secret"):
            if conf.get(key):
                yield Breach("ENI017", _ENI, f"{key} is not empty", conf[key])


def pod_vswitches(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """ENI001: each zone in which a pool may make nodes has a pod vSwitch in eni_conf."""
    if spec.terway is None:
        return
    zones = {str(switch.id): switch.zone for switch in spec.alibaba_cloud.vpc.node_vswitches}
    served = eni_conf(bundle).get("vswitches") or {}
    for name, body in bundle.node_pools.items():
        for vswitch in body["scaling_group"]["vswitch_ids"]:
            zone = zones.get(str(vswitch))
            if not served.get(zone):
                yield Breach("ENI001", _ENI, f"zone {zone} of node pool {name} has no pod vSwitch")


def agent_config(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """GIT016, OSS016, OSS001, OSS002: one key of the agent's object, and it names this script."""
    item = find(bundle, "ConfigMap", ack.AGENT_CONFIG)
    keys = list(item["data"]) if item is not None else []
    if keys != [ack.AGENT_CONFIG_KEY]:
        yield Breach("GIT016", _AGENT, f"it holds {', '.join(keys) or 'nothing'}, not {ack.AGENT_CONFIG_KEY} alone")
    if find(bundle, "ConfigMap", "provider") is not None:
        yield Breach("GIT016", f"ConfigMap {ack.NAMESPACE}/provider", "the object is the agent's own")
    url = item["data"].get(ack.AGENT_CONFIG_KEY, "") if item is not None else ""
    if url != bundle.script_url:
        yield Breach("OSS016", _AGENT, f"{ack.AGENT_CONFIG_KEY} is not where the script is published", url)
    if len(url) > ack.SCRIPT_URL_LIMIT:
        yield Breach("OSS002", _AGENT, f"{len(url)} characters, the agent takes {ack.SCRIPT_URL_LIMIT}", url)
    if (url or bundle.script is not None) and not url.startswith(("http://", "https://")):
        yield Breach("OSS001", _AGENT, f"{ack.AGENT_CONFIG_KEY} is no http(s) URL", url)


def pool_labels(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """INIT014: no pool's label or selector of the add-on says otherwise than the exclusion and the script."""
    key, value = ack.EXTERNAL_LABEL
    selector: Labels = ack.TERWAY_SELECTOR
    if selector != {key: value}:
        yield Breach("INIT014", "the catalog", f"the add-on selects {selector}, nodes have {key}={value}")
    for name, body in bundle.node_pools.items():
        for label in body["kubernetes_config"]["labels"]:
            if label["key"] == key and label["value"] != value:
                yield Breach("INIT014", f"node pool {name}", f"its label {key} is {label['value']}", label["value"])


PROOFS: tuple[Proof, ...] = (terway_configuration, pod_vswitches, agent_config, pool_labels)
