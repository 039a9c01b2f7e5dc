"""What the guard looks at, as the files beside ``guard.sh``: a name in ``checks``, and a file with its objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hybridc import cidr
from hybridc.catalog import ack, joins, operators
from hybridc.code import Stage
from hybridc.codes import CODES
from hybridc.lower import comparison
from hybridc.lower.bundle import Exclusion, Manifest
from hybridc.lower.delivery import Delivery
from hybridc.lower.eni_config import CHAIN
from hybridc.lower.exclusion_hook import ABSENT
from hybridc.lower.jobs import Target, script
from hybridc.rules.ignores import accepted
from hybridc.spec.model import Spec

KEPT_BY_LABEL = "node.kubernetes.io/exclude-from-lifecycle-management"
_PROXY = ("kube-system", "kube-proxy")
_CLUSTER_INFO = ("kube-public", "cluster-info")
OF_EVERY_NODE = (
    *("kubernetes.io/os", "kubernetes.io/arch", "kubernetes.io/hostname", "beta.kubernetes.io/os"),
    *("topology.kubernetes.io/region", "topology.kubernetes.io/zone", "node.kubernetes.io/instance-type"),
)
"""Labels that the kubelet or the cloud's controller gives to a node."""
KEEPS_OUT = ("NoSchedule", "NoExecute")
"""Effects of a taint that keep a pod off."""


def instructions(spec: Spec, delivery: Delivery, managed: list[Manifest]) -> dict[str, Any]:
    """Every file. ``managed`` are the ConfigMaps that others may write too."""
    found: dict[str, Any] = _workloads(spec, delivery)
    if spec.terway is not None:
        if spec.terway.credentials == "addonSecret":
            found["credentials"] = _line(ack.NAMESPACE, ack.CREDENTIALS_SECRET, "access-key-id", "access-key-secret")
        if not spec.terway.cni_chain:
            found["conflist"] = _line(ack.NAMESPACE, ack.ENI_CONFIG, CHAIN)
        harmless = _line("harmless", *operators.HARMLESS_PROVIDER_IDS)
        found["nodes"] = _ranges("idc", spec.cluster.node_cidrs) + harmless
    found["keys"] = "".join(_line(m["metadata"]["namespace"], m["metadata"]["name"], *m["data"]) for m in managed)
    if spec.node_init.mode == "script":
        found["version"] = f"{spec.cluster.minor}\n"
    if spec.node_init.mode == "script" and not joins.join(spec.node_init.join.method).agent:
        found["proxy"] = _proxy(spec)
        if spec.node_init.join.method == "kubeadm":
            found["join"] = _join(spec)
    return {"checks": "".join(f"{name}\n" for name in found), **found, **_beside(spec, delivery, found)}


def targets(spec: Spec, delivery: Delivery, managed: list[Manifest], checks: Iterable[str]) -> list[Target]:
    """The objects that the guard reads by name."""
    found = [Target(e.kind, e.namespace, e.name) for e in delivery.all]
    found += [Target("ConfigMap", str(m["metadata"]["namespace"]), str(m["metadata"]["name"])) for m in managed]
    if "credentials" in checks:
        found.append(Target("Secret", ack.NAMESPACE, ack.CREDENTIALS_SECRET))
    if "proxy" in checks:
        found += [Target("ConfigMap", *_PROXY), Target("DaemonSet", *_PROXY)]
    if "join" in checks:
        found.append(Target("ConfigMap", *_CLUSTER_INFO))
    return found


def _workloads(spec: Spec, delivery: Delivery) -> dict[str, Any]:
    """What a sync patches is compared; what somebody else excludes must be excluded by now."""
    found: dict[str, Any] = {}
    if delivery.patched:
        found["terms"] = comparison.objects(delivery.patched, may_be_absent=ABSENT in accepted(spec))
    if delivery.patched and spec.cluster.cni.delivery == "ssa":
        found["partial"] = _objects(delivery.patched)
    patched = {(one.kind, one.namespace, one.name) for one in delivery.patched}
    others = [one for one in delivery.all if (one.kind, one.namespace, one.name) not in patched]
    return {**found, "excluded": _objects(others)} if others else found


def _beside(spec: Spec, delivery: Delivery, checks: dict[str, Any]) -> dict[str, Any]:
    """What the checks read beside their own files."""
    found: dict[str, Any] = {name: script(name) for name in ("guard.sh", "terms.sh", "reach.sh")}
    found |= {f"look-{name}.sh": script(f"look-{name}.sh") for name in ("join", "proxy", "nodes") if name in checks}
    if "proxy" in checks:
        found["reach"] = _reach(spec)
    if {"excluded", "proxy"} & set(checks):
        found["keeps-off.gotmpl"] = script("keeps-off.gotmpl").rstrip() + '{{template "keeps-off" .}}\n'
    if "partial" in checks:
        found["owners.gotmpl"] = script("owners.gotmpl")
    for exclusion in delivery.patched:
        found |= comparison.files(exclusion)
    if KEPT_BY_LABEL in spec.node_init.labels.extra:
        found["kept-by-label"] = "yes\n"
    codes = {code for code in accepted(spec) if Stage.LIVE in CODES[code].stages}
    reasons = [_line(i.code, *str(i.reason).split()) for i in spec.ignores if str(i.code) in codes]
    return {**found, "accepted": "".join(reasons)} if reasons else found


def _objects(excluded: Iterable[Exclusion]) -> str:
    return "".join(_line(e.kind.lower(), e.namespace, e.name) for e in excluded)


def _ranges(word: str, networks: Iterable[str]) -> str:
    """``WORD CIDR FIRST LAST`` with addresses as numbers; dashes for IPv6, which the guard does not compare."""
    lines = []
    for network in networks:
        span = cidr.parse(str(network))
        numbers = ("-", "-") if span is None or span.version != 4 else (span.first, span.last)
        lines.append(_line(word, network, *numbers))
    return "".join(lines)


def _reach(spec: Spec) -> str:
    """What decides whether a cloud node can dial an API server."""
    dial = spec.cluster.api_server
    hosts = [str(dial).rpartition(":")[0].strip("[]"), *spec.node_init.hosts]
    own = _ranges("never", [*spec.cluster.service_cidrs, *spec.cluster.pod_cidrs])
    return _line("hosts", *(str(host).lower() for host in hosts)) + _line("dial", dial) + own


def _proxy(spec: Spec) -> str:
    known = [*OF_EVERY_NODE, ack.EXTERNAL_LABEL[0], *spec.node_init.labels.extra]
    lines = [_line("selected", *known)]
    for pool in spec.node_pools:
        for taint in pool.taints:
            named, _, effect = str(taint).rpartition(":")
            key, _, value = named.partition("=")
            if effect in KEEPS_OUT:
                lines.append(_line("taint", pool.name, key, f"={value}", effect))
    pods = spec.alibaba_cloud.vpc.pod_vswitches if spec.terway is not None else ()
    return "".join(lines) + _ranges("pods", (vswitch.cidr for vswitch in pods))


def _join(spec: Spec) -> str:
    """The hashes of CAs that new nodes take; ``any`` with unsafeSkipCAVerification."""
    hashes = [str(digest).partition(":")[2].lower() for digest in spec.cluster.ca_cert_hashes]
    return _line("sha256", *hashes) if hashes else "any\n"


def _line(*words: object) -> str:
    return " ".join(str(word) for word in words) + "\n"
