"""kube-proxy on a cloud node: it must be scheduled there, and reach the API server from there."""

from __future__ import annotations

import ipaddress
import re

from hybridc import cidr
from hybridc.catalog import ack, joins
from hybridc.live.state import State
from hybridc.lower.guard_checks import KEEPS_OUT, OF_EVERY_NODE
from hybridc.preflight.looks import Data, keeps_off, pod, terms
from hybridc.preflight.rule import Findings, live
from hybridc.rules.ranges import Range, ranges_of
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

_PROXY = ("kube-system", "kube-proxy")
_SERVER = re.compile(r"""(?:^|[{,])\s*(?:-\s+)?server:\s*["']?([^\s"'#,}]+)""", re.MULTILINE)
_SERVICES = "/spec/cluster/serviceCIDRs"


def _decided_here(spec: Spec) -> bool:
    """Whether cloud nodes get their kube-proxy from the cluster: not with an agent of its own distribution."""
    return spec.node_init.mode == "script" and not joins.join(spec.node_init.join.method).agent


@live("NET030")
def proxy_dials_what_is_not_there(spec: Spec, state: State) -> Findings:
    """kube-proxy dials an API server that a cloud node cannot reach.

    kubespray and KubeKey give every node a proxy of its own and write its address (`https://127.0.0.1:6443`,
    `lb.kubesphere.local`) into the ConfigMap `kube-proxy`, from which every node reads. A cloud node has no such
    proxy: no Service answers there, and Terway never reaches the API server. Guard and `hybridc preflight` read the
    ConfigMap; the guard also asks whether a name resolves, which preflight cannot, so that there a name is a warning.
    Neither lets addresses of Services and pods or link-local ones pass: a node has no such network before it has
    joined. Any other server that is not `cluster.apiServer` is named in the guard's log: from the IDC nobody sees
    whether the cloud reaches it.

    Fails::
        server: https://127.0.0.1:6443
    Passes::
        server: https://10.200.1.253:6443

    Source: kubespray roles/kubernetes/kubeadm/tasks/main.yml, "Update server field in kube-proxy kubeconfig"; kubekey
    1143.
    """
    if not _decided_here(spec):
        return
    config = state.config_map(*_PROXY) or {}
    server = _SERVER.search(config.get("kubeconfig.conf", ""))
    host = _host(server[1]) if server else ""
    if (
        not server
        or not host
        or host in map(str, spec.node_init.hosts)
        or host == _host(f"//{spec.cluster.api_server}")
    ):
        return
    asked, where = f"kube-proxy dials {server[1]}", "ConfigMap kube-system/kube-proxy, kubeconfig.conf"
    if _is_the_node(host):
        message = (
            f"{asked}, which is the node itself: on a cloud node nothing listens there, and no Service would answer"
        )
        yield finding(spec.cluster.api_server, message, f"let it dial {spec.cluster.api_server}", where=where)
    elif (own := _range_of(spec, host)) is not None:
        message = f"{asked}, in the {own}, a network that a node has only after it has joined: no Service would answer"
        yield finding(spec.cluster.api_server, message, f"let it dial {spec.cluster.api_server}", where=where)
    elif _address(host) is None:
        message = f"{asked}, a name that cloud nodes must resolve"
        advice = "give the name in nodeInit.hosts, unless the DNS of the VPC knows it"
        yield finding(spec.cluster.api_server, message, advice, "warning", where=where)


def _host(url: str) -> str:
    rest = url.partition("//")[2].partition("/")[0]
    return rest[1:].partition("]")[0] if rest.startswith("[") else rest.rpartition(":")[0] or rest


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_the_node(host: str) -> bool:
    address = _address(host)
    if address is None:
        return host.lower() == "localhost"
    return address.is_loopback or address.is_unspecified or address.is_link_local


def _range_of(spec: Spec, host: str) -> Range | None:
    """The range of Services or pods that the address lies in."""
    span = cidr.parse(host)
    ranges = ranges_of(spec)
    own = (*ranges.services, *ranges.pods)
    return None if span is None else next((item for item in own if cidr.inside(span, item.span)), None)


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
    if not _decided_here(spec):
        return
    name = "DaemonSet kube-system/kube-proxy"
    found = state.daemon_set(*_PROXY)
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
    found = state.daemon_set(*_PROXY)
    if not _decided_here(spec) or found is None or keeps_off(found):
        return
    stood = pod(found).get("tolerations", [])
    for pool in spec.node_pools:
        for taint in pool.taints:
            named, _, effect = taint.rpartition(":")
            key, _, value = named.partition("=")
            if effect in KEEPS_OUT and not any(_tolerates(each, key, value, effect) for each in stood):
                message = f"DaemonSet kube-system/kube-proxy does not tolerate {taint}: no Service would answer there"
                yield finding(taint, message, "let it tolerate everything (operator: Exists)")


def _tolerates(toleration: dict[str, str], key: str, value: str, effect: str) -> bool:
    """As the scheduler does; of ``operator`` what every release has."""
    if toleration.get("effect", effect) not in ("", effect) or toleration.get("key", key) not in ("", key):
        return False
    operator = toleration.get("operator", "Equal")
    return operator == "Exists" or (operator == "Equal" and toleration.get("value", "") == value)
