"""Another version of Kubernetes: the control plane first, then new nodes for old ones.

Order and skew: kubernetes.io/releases/version-skew-policy (read 30 November 2026): no kubelet is newer than an API
server, or more than three minors older (two before 1.25). Cloud nodes are replaced: their packages are held
(``exclude=`` or ``apt-mark hold``), and ACK upgrades the nodes of its own clusters alone.
"""

from __future__ import annotations

from hybridc.catalog import ack, joins
from hybridc.lower.steps import filters
from hybridc.lower.steps.day_two import pools, terway
from hybridc.lower.steps.day_two.day import Day, Steps, see_node, synced
from hybridc.lower.steps.step import Step, ask, check, code, word

_MINOR = 'ltrimstr("v") | split(".")[1] | gsub("[^0-9]"; "") | tonumber'


def upgrade(day: Day) -> Steps:
    """``cluster.kubernetesVersion`` of the spec is the new one."""
    yield _see_skew(day)
    for pool in day.spec.node_pools:
        yield pools.pause(day, pools.target(pool))
    yield _control_plane(day)
    yield _see_control_plane(day)
    if day.spec.terway is not None:
        yield terway.see_version(day)
    yield from synced(day)
    yield from replaced(day, pools.is_old(day.spec.cluster.kubernetes_version))
    yield _see_kubelets(day) if day.spec.node_pools else None


def replaced(day: Day, old: str = "true") -> Steps:
    """New nodes for those that the filter ``old`` is true of, in every pool; looked at before the old ones go."""
    targets = [pools.target(pool) for pool in day.spec.node_pools]
    # New nodes join below; a CNI that was installed anew meanwhile has lost the exclusion.
    yield day.again("see.exclusion") if targets else None
    for pool in targets:
        yield pools.mark(day, pool, old)
    for pool in targets:
        yield pools.new(day, pool)
    yield see_node(day)
    for pool in targets:
        yield pools.replace(day, pool)
    if targets:
        yield pools.see_replaced()
    for spec_pool in day.spec.node_pools:
        yield day.again(f"pool.{spec_pool.name}.scale") if spec_pool.auto_scaling else None


def _see_skew(day: Day) -> Step:
    minor = day.spec.cluster.minor
    oldest = minor - (3 if minor >= 25 else 2)
    fits = f".items | all(.[]; .status.nodeInfo.kubeletVersion | {_MINOR} | . >= {oldest} and . <= {minor})"
    return Step(
        "see.skew",
        (),
        "kubectl: read Nodes",
        f"Every kubelet is 1.{oldest} to 1.{minor}: no API server of 1.{minor} takes an older one.",
        check(filters.asks("kubectl get nodes -o json", fits), "a kubelet does not fit: replace its node first"),
        "the command ends with 0",
        "",
    )


def _control_plane(day: Day) -> Step:
    method, version = day.spec.node_init.join.method, day.spec.cluster.kubernetes_version
    server = ask("CONTROL_PLANE", "user@host of a control-plane node")
    sentence = (
        f"The control plane of the IDC to {code(version)}, one minor at a time and every API server of it, before any "
        "kubelet: no kubelet may be newer than an API server."
    )
    if method == "kubeadm":
        sentence += (
            f" The command shows the plan; {code(f'kubeadm upgrade apply v{version}')} on the first control-plane node "
            "and `kubeadm upgrade node` on the others do it, with the package kubeadm of that version. No cloud node "
            "joins meanwhile: an older kubeadm need not know a newer cluster. Then the kubelets of the IDC."
        )
        command = f"ssh {server} sudo kubeadm upgrade plan {word(f'v{version}')}"
    else:
        own = {"k3s": "k3s", "rke2": "RKE2"}.get(method, "Whatever made the cluster")
        sentence += f" {own} does it: servers first, then the agents of the IDC."
        charts = joins.join(method).bundles(day.spec.cluster.cni.type)
        if charts is not None:
            sentence += (
                f" {charts.owner} applies the chart of the CNI again, and what was patched in is lost until the sync."
            )
        command = "kubectl version"
    return Step(
        "upgrade.control-plane",
        (),
        "root on the control plane",
        sentence,
        command,
        f"every API server is {code(version)}",
        "none: Kubernetes has no downgrade; a backup of etcd",
    )


def _see_control_plane(day: Day) -> Step:
    minor = day.spec.cluster.minor
    new = f'.serverVersion.minor | gsub("[^0-9]"; "") | tonumber >= {minor}'
    return Step(
        "see.control-plane",
        (),
        "kubectl",
        f"The API server is 1.{minor} or newer. Behind a load balancer this is one of them: look at each.",
        check(filters.asks("kubectl version -o json", new), "the control plane is older: let no new kubelet join"),
        "the command ends with 0",
        "",
    )


def _see_kubelets(day: Day) -> Step:
    old = pools.is_old(day.spec.cluster.kubernetes_version)
    label = "=".join(ack.EXTERNAL_LABEL)
    none = f".items | all(.[]; ({old}) | not)"
    return Step(
        "see.kubelets",
        (),
        "kubectl: read Nodes",
        f"Every cloud node has kubelet {code(day.spec.cluster.kubernetes_version)}.",
        check(filters.asks(f"kubectl get nodes -l {word(label)} -o json", none), "a cloud node has another kubelet"),
        "the command ends with 0",
        "",
    )
