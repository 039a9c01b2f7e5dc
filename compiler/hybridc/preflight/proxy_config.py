"""kube-proxy's configuration: the API server that it dials, and the pods that it takes for its own."""

from __future__ import annotations

from collections.abc import Iterator

from hybridc import cidr
from hybridc.live.state import State
from hybridc.live.texts import clusters, mapping, networks, text
from hybridc.preflight.proxy import PROXY, decided_here
from hybridc.preflight.reach import dialled
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import TERWAY, finding
from hybridc.spec.model import Spec, Terway

_WHERE = "ConfigMap kube-system/kube-proxy"
_PODS = "/spec/alibabaCloud/vpc/podVSwitches"
_BY_RANGE = ("", "ClusterCIDR")


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
    if not decided_here(spec):
        return
    config = state.config_map(*PROXY) or {}
    server = text(next(clusters(config.get("kubeconfig.conf")), {}), "server")
    yield from dialled(spec, server, "kube-proxy dials", "no Service would answer", f"{_WHERE}, kubeconfig.conf")


@live("NET034", over=TERWAY)
def proxy_hides_pods(spec: Spec, terway: Terway, state: State) -> Findings:
    """kube-proxy hides pods of cloud nodes behind their node's address.

    It masquerades what comes to the address of a Service from outside its own pods' range, and takes pods of cloud
    nodes, which have addresses of the VPC, for strangers (`NET022`). Guard and `hybridc preflight` read `clusterCIDR`
    and `detectLocalMode`; the guard says it in its log, and refuses nothing: traffic flows. With `NodeCIDR` kube-proxy
    also ends on a Node that gets no podCIDR. Read in the source, not run with Terway.

    Fails::
        clusterCIDR: 10.100.0.0/16
    Passes::
        clusterCIDR: ""

    Source: Kubernetes 1.37.2, pkg/proxy/iptables/proxier.go, pkg/proxy/node.go, cmd/kube-proxy/app/server_linux.go.
    """
    if not decided_here(spec):
        return
    config = mapping((state.config_map(*PROXY) or {}).get("config.conf"))
    mode = text(config, "detectLocalMode")
    strangers = ", ".join(_strangers(spec, networks(config.get("clusterCIDR")))) if mode in _BY_RANGE else ""
    advice = "give kube-proxy an empty clusterCIDR, unless pods of cloud nodes may come with their node's address"
    if strangers:
        message = f"kube-proxy takes pods of cloud nodes ({strangers}) for strangers: clusterCIDR is another range"
        yield finding(_PODS, message, advice, where=_WHERE)
    elif mode == "NodeCIDR":
        message = "kube-proxy takes pods of cloud nodes for strangers, and ends on a Node without podCIDR: NodeCIDR"
        yield finding(_PODS, message, f"{advice}, and detectLocalMode ClusterCIDR", where=_WHERE)
    elif mode == "BridgeInterface":
        message = "kube-proxy takes pods of cloud nodes, which are on no bridge, for strangers: BridgeInterface"
        yield finding(_PODS, message, f"{advice}, and detectLocalMode ClusterCIDR", where=_WHERE)


def _strangers(spec: Spec, ranges: list[str]) -> Iterator[str]:
    """The ranges of cloud pods outside of kube-proxy's, of which it takes the first of a family."""
    spans = [span for each in ranges if (span := cidr.parse(each)) is not None]
    own = {span.version: span for span in reversed(spans)}
    for switch in spec.alibaba_cloud.vpc.pod_vswitches:
        for pods in (switch.cidr, switch.ipv6_cidr):
            span = None if pods is None else cidr.parse(pods)
            if span is not None and span.version in own and not cidr.inside(span, own[span.version]):
                yield str(pods)
