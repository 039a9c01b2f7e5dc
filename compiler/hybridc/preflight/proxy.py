"""kube-proxy on a cloud node: it must be scheduled there."""

from __future__ import annotations

from hybridc.catalog import ack, joins
from hybridc.live.state import State
from hybridc.lower.guard_checks import KEEPS_OUT, OF_EVERY_NODE
from hybridc.preflight.looks import Data, keeps_off, pod, terms, tolerates
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

PROXY = ("kube-system", "kube-proxy")
_SERVICES = "/spec/cluster/serviceCIDRs"


def decided_here(spec: Spec) -> bool:
    """Whether cloud nodes get their kube-proxy from the cluster: not with an agent of its own distribution."""
    return spec.node_init.mode == "script" and not joins.join(spec.node_init.join.method).agent


@live("NODE040")
def no_proxy_on_cloud_nodes(spec: Spec, state: State) -> Findings:
    """kube-proxy would not run on cloud nodes.

    Clusters whose plugin replaces kube-proxy (Cilium, Calico's eBPF) often have none, and the plugin stays in the
    IDC. On cloud nodes Terway needs the address of the API server's Service, and no Service would answer. Guard and
    `hybridc preflight` look for DaemonSet `kube-system/kube-proxy` and where it is scheduled. Accept it when cloud
    nodes get theirs in another way.

    Fails::
        kubectl -n kube-system delete daemonset kube-proxy
    Passes::
        kubectl -n kube-system get daemonset kube-proxy

    Source: Terway README; typhoon 1501, capi-helm-charts 343.
    """
    if not decided_here(spec):
        return
    name = "DaemonSet kube-system/kube-proxy"
    found = state.daemon_set(*PROXY)
    if found is None:
        message = (
            f"{name} is not in the cluster: no Service would answer on cloud nodes, that of the API server included"
        )
        yield finding(_SERVICES, message, "install kube-proxy, or accept NODE040 when nodes get theirs")
        return
    if keeps_off(found):
        message = f"{name} is kept off cloud nodes: no Service would answer there"
        yield finding(_SERVICES, message, "let kube-proxy run on every node")
        return
    known = {*OF_EVERY_NODE, ack.EXTERNAL_LABEL[0], *map(str, spec.node_init.labels.extra)}
    for key in sorted(pod(found).get("nodeSelector", {}).keys() - known):
        message = (
            f"{name} runs on nodes with the label {key} only, which cloud nodes lack: no Service would answer there"
        )
        yield finding(_SERVICES, message, "put it into nodeInit.labels.extra, or let it run everywhere")
    lacking = [_wanted(term) - known for term in terms(found)]
    if lacking and all(lacking):
        labels = ", ".join(sorted(lacking[-1]))
        message = f"{name} requires labels that cloud nodes lack ({labels}): no Service would answer there"
        yield finding(_SERVICES, message, "put them into nodeInit.labels.extra, or let it run everywhere")


def _wanted(term: Data) -> set[str]:
    return {each["key"] for each in term.get("matchExpressions", []) if each.get("operator") in ("In", "Exists")}


@live("NODE042")
def proxy_stands_no_taint(spec: Spec, state: State) -> Findings:
    """kube-proxy does not tolerate a taint of a node pool.

    kubeadm's tolerates everything; a manifest of one's own may not. The scheduler then keeps it off every node of the
    pool: no Service answers there, that of the API server included, and Terway does not start. Guard and
    `hybridc preflight` compare the tolerations of DaemonSet `kube-system/kube-proxy` with the `NoSchedule` and
    `NoExecute` taints of `nodePools`.

    Fails::
        tolerations: [{key: CriticalAddonsOnly, operator: Exists}]      # and a pool has workload=ack:NoSchedule
    Passes::
        tolerations: [{operator: Exists}]

    Source: Kubernetes, taints and tolerations.
    """
    found = state.daemon_set(*PROXY)
    if not decided_here(spec) or found is None or keeps_off(found):
        return
    stood = pod(found).get("tolerations", [])
    for pool in spec.node_pools:
        for taint in pool.taints:
            named, _, effect = taint.rpartition(":")
            key, _, value = named.partition("=")
            if effect in KEEPS_OUT and not any(tolerates(each, key, value, effect) for each in stood):
                message = f"DaemonSet kube-system/kube-proxy does not tolerate {taint}: no Service would answer there"
                yield finding(taint, message, "let it tolerate everything (operator: Exists)")
