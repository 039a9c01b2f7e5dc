"""DaemonSets of the IDC that would start on cloud nodes, and where these would pull the images from."""

from __future__ import annotations

from collections.abc import Iterator

from hybridc.catalog import ack, network
from hybridc.live.state import State
from hybridc.lower.delivery import deliver
from hybridc.lower.guard_checks import KEEPS_OUT, OF_EVERY_NODE
from hybridc.preflight.looks import Data, name_of, pod, terms, tolerates
from hybridc.preflight.machines import listed, several
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import TERWAY, finding
from hybridc.spec.model import NodePool, Spec, Terway

Labels = dict[str, str | None]
"""Labels of a node; None for a value that only the node knows."""
_MEANT = {("kube-system", "kube-proxy"), ("kube-system", ack.TERWAY_DAEMON_SET)}
_MEANT |= {("kube-system", name) for name in network.LOCAL_DNS_DAEMON_SETS}


def lands(spec: Spec, workload: Data) -> bool:
    """Whether its pods fit on the nodes of a pool: labels, and taints that they must tolerate."""
    return any(_fits(workload, _labels(spec, pool)) and _stands(workload, pool) for pool in spec.node_pools)


def _labels(spec: Spec, pool: NodePool) -> Labels:
    key, value = ack.EXTERNAL_LABEL
    own = {str(name): str(text) for name, text in {**spec.node_init.labels.extra, **pool.labels}.items()}
    return {**dict.fromkeys(OF_EVERY_NODE), "kubernetes.io/os": "linux", ack.POOL_LABEL: None, **own, key: value}


def _fits(workload: Data, labels: Labels) -> bool:
    selected = pod(workload).get("nodeSelector", {})
    if any(key not in labels or labels[key] not in (None, value) for key, value in selected.items()):
        return False
    required = terms(workload)
    return not required or any(_term(term, labels) for term in required)


def _term(term: Data, labels: Labels) -> bool:
    # metadata.name is the one field that there is: it names nodes of today.
    if any(each.get("operator") == "In" for each in term.get("matchFields", [])):
        return False
    return all(_expression(each, labels) for each in term.get("matchExpressions", []))


def _expression(expression: Data, labels: Labels) -> bool:
    key, values = expression.get("key", ""), expression.get("values", [])
    known = labels.get(key)
    match expression.get("operator"):
        case "In":
            return key in labels and (known is None or known in values)
        case "NotIn":
            return known is None or known not in values
        case "DoesNotExist":
            return key not in labels
    return key in labels


def _stands(workload: Data, pool: NodePool) -> bool:
    stood = pod(workload).get("tolerations", [])
    for taint in pool.taints:
        named, _, effect = str(taint).rpartition(":")
        key, _, value = named.partition("=")
        if effect in KEEPS_OUT and not any(tolerates(each, key, value, effect) for each in stood):
            return False
    return True


def _there(spec: Spec, state: State) -> Iterator[Data]:
    """The DaemonSets of cloud nodes, but for those that the spec keeps off."""
    excluded = {(str(each.namespace), str(each.name)) for each in deliver(spec).all if each.kind == "DaemonSet"}
    for item in state.all("DaemonSet"):
        if _id(item) not in excluded and lands(spec, item):
            yield item


def _id(item: Data) -> tuple[str, str]:
    return item["metadata"].get("namespace", ""), item["metadata"]["name"]


def _for_the_cloud(item: Data) -> bool:
    """Whether it asks for cloud nodes itself."""
    key, _ = ack.EXTERNAL_LABEL
    asked = [each for term in terms(item) for each in term.get("matchExpressions", []) if each.get("key") == key]
    return key in pod(item).get("nodeSelector", {}) or any(each.get("operator") in ("In", "Exists") for each in asked)


@live("CNI051", over=TERWAY)
def others_of_the_idc(spec: Spec, terway: Terway, state: State) -> Findings:
    """DaemonSets of the IDC would start on cloud nodes.

    What `CNI024` asks a person to look for, seen: DaemonSets whose node selector, affinity and tolerations fit the
    nodes of a pool, but for kube-proxy, Terway, NodeLocal DNSCache and what asks for cloud nodes itself. Storage
    plugins, load balancers and exporters of the IDC find neither their devices nor their network there; log collectors
    and monitors may be wanted.

    Fails::
        a DaemonSet that tolerates everything, without an affinity
    Passes::
        cluster: {cni: {excludeAlso: [{kind: DaemonSet, namespace: metallb-system, name: speaker}]}}

    Source: Kubernetes, DaemonSets; Alibaba Cloud 208052: "any other workload … can be set the same way".
    """
    found = [each for each in _there(spec, state) if _id(each) not in _MEANT and not _for_the_cloud(each)]
    if found:
        names = ["/".join(_id(each)) for each in found]
        message = f"{several('DaemonSet', names)} of the IDC would start on cloud nodes: {listed(names, 20)}"
        hosts = sorted({host for each in found for host in _hosts(each)} - set(network.PUBLIC_REGISTRIES))
        pulled = f"; whether the VPC reaches {listed(hosts)} is not seen" if hosts else ""
        yield finding("/spec/cluster/cni", message, f"what belongs to the IDC goes into excludeAlso{pulled}")


@live("NODE065", over=TERWAY)
def images_out_of_reach(spec: Spec, terway: Terway, state: State) -> Findings:
    """Cloud nodes would pull images from a registry that a VPC does not reach.

    Every DaemonSet that fits a cloud node starts there, kube-proxy first: without its image no Service answers, and the
    node stays without a network. A VPC without a NAT gateway reaches none of the public registries. Nothing is said of
    a registry that has an entry in `registryMirrors`, nor with a proxy. Accept it where the VPC has a way out.

    Fails::
        image: registry.k8s.io/kube-proxy:v1.34.2
    Passes::
        nodeInit: {registryMirrors: {registry.k8s.io: [{url: https://registry.idc.example.com}]}}

    Source: kubeadm, imageRepository; catalog/network.toml, registries.
    """
    init = spec.node_init
    if init.proxy is not None or "_default" in init.registry_mirrors:
        return
    pulled: dict[str, list[str]] = {}
    for item in _there(spec, state):
        for host in sorted(_hosts(item)):
            if host in network.PUBLIC_REGISTRIES and host not in init.registry_mirrors:
                pulled.setdefault(host, []).append(name_of("DaemonSet", item))
    for host, names in sorted(pulled.items()):
        message = f"cloud nodes would pull from {host}, which a VPC without internet does not reach: {listed(names)}"
        advice = f"a registryMirrors entry for {host}, an image of another registry, or accept it with a NAT gateway"
        yield finding("/spec/nodeInit", message, advice)


def _hosts(item: Data) -> set[str]:
    """The registries of its images, as containerd reads a reference."""
    return {_host(each["image"]) for each in pod(item).get("containers", []) if each.get("image")}


def _host(image: str) -> str:
    first, slash, _ = image.partition("/")
    return first if slash and (set(first) & {".", ":"} or first == "localhost") else "docker.io"
