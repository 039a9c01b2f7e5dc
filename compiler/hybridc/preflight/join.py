"""What a node that joins is given: ConfigMap kube-public/cluster-info."""

from __future__ import annotations

from hybridc.live.state import State
from hybridc.live.texts import clusters, decoded, text
from hybridc.preflight.certificate import key_hashes
from hybridc.preflight.reach import dialled
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

CLUSTER_INFO = ("kube-public", "cluster-info")
_WHERE = f"ConfigMap {'/'.join(CLUSTER_INFO)}"


def by_kubeadm(spec: Spec) -> bool:
    """Whether nodes join by kubeadm, which reads cluster-info."""
    return spec.node_init.mode == "script" and spec.node_init.join.method == "kubeadm"


def _given(state: State) -> tuple[str, str]:
    """The server and the CA (PEM) of cluster-info; "" for what it lacks. Raises Unseen."""
    found = next(clusters((state.config_map(*CLUSTER_INFO) or {}).get("kubeconfig")), {})
    return text(found, "server"), decoded(found.get("certificate-authority-data"))


@live("NET033")
def joins_are_sent_elsewhere(spec: Spec, state: State) -> Findings:
    """A node that joins is sent to an API server that it cannot reach.

    kubeadm reads ConfigMap `kube-public/cluster-info` from `cluster.apiServer`, and goes on with the server that stands
    there: the kubelet dials it for good. kubespray and KubeKey may leave an address or a name there that only nodes of
    the IDC know. Guard and `hybridc preflight` say of it what they say of kube-proxy's (`NET030`). A cloud node asks
    that server before it joins, and ends with exit 15.

    Fails::
        server: https://lb.kubesphere.local:6443
    Passes::
        nodeInit: {hosts: {lb.kubesphere.local: 10.200.1.253}}

    Source: kubeadm cmd/kubeadm/app/discovery/token/token.go (1.37.2); kubekey 1143.
    """
    if by_kubeadm(spec):
        server, _ = _given(state)
        yield from dialled(spec, server, "nodes that join are sent to", "no join would succeed", _WHERE)


@live("NODE043")
def nothing_to_join_with(spec: Spec, state: State) -> Findings:
    """What a node needs to join is not in the cluster.

    kubeadm reads ConfigMap `kube-public/cluster-info` first, and takes its CA only when the hash of one of the
    certificates there is in `cluster.caCertHashes`. Without the ConfigMap, or with the hash of another cluster or of a
    CA that was replaced, no node joins, and the autoscaler buys the next. Guard and `hybridc preflight` compute the
    hashes. Accept it while a CA is being replaced.

    Fails::
        cluster: {caCertHashes: ["sha256:…"]}      # of another cluster
    Passes::
        hybridc explain INIT008      # how the hash is computed

    Source: kubeadm cmd/kubeadm/app/discovery/token/token.go and app/util/pubkeypin (1.37.2).
    """
    if not by_kubeadm(spec):
        return
    server, ca = _given(state)
    if not server:
        message = f"{_WHERE} is not there, or names no API server: a node that joins reads it first"
        yield finding(spec.cluster.api_server, message, "kubeadm init phase bootstrap-token makes it anew")
        return
    taken = {str(digest).lower() for digest in spec.cluster.ca_cert_hashes}
    there = key_hashes(ca)
    if taken and not taken.intersection(there):
        message = f"{_WHERE} has {', '.join(there) or 'no CA'}, none of cluster.caCertHashes: no node would join"
        yield finding("/spec/cluster/caCertHashes", message, "put the hash of this cluster's CA there")
