"""Controllers of other clouds that look after the nodes of this cluster, and autoscalers that buy them."""

from __future__ import annotations

from collections.abc import Iterator

from hybridc.catalog import ack, operators
from hybridc.live.state import State
from hybridc.lower.guard_checks import KEPT_BY_LABEL
from hybridc.preflight.looks import Data, name_of, pod
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

_WAITING = "node.cloudprovider.kubernetes.io/uninitialized"
_POOLS = "/spec/nodePools"
_FLAG = "--cloud-provider="
_LABEL, _CLOUD_NODE = ack.EXTERNAL_LABEL


@live("NODE041")
def another_cloud_controller(spec: Spec, state: State) -> Findings:
    """Another cloud-controller-manager looks after the nodes of this cluster.

    A cloud-controller-manager deletes a NotReady Node that its own cloud does not know, and cloud nodes are none of
    its. The guard says it in its log when nodes of the IDC have provider ids such as `vsphere://`, and refuses nothing;
    `hybridc preflight` also knows images, names and programs of such controllers, their flag `--cloud-provider`, and
    IDC nodes with the taint that waits for one. The label `node.kubernetes.io/exclude-from-lifecycle-management` keeps
    newer ones off; whether ACK's own controller heeds it too is not established. Provider ids of K3s, RKE2, k0s and
    kind are passed over: their controllers delete no Node.

    Fails::
        spec: {providerID: "vsphere://4221…"}
    Passes::
        nodeInit: {labels: {extra: {node.kubernetes.io/exclude-from-lifecycle-management: "true"}}}

    Source: cloud-provider controllers/nodelifecycle/node_lifecycle_controller.go; kubernetes
    docs/admin/cloud-controller-manager.md, --cloud-provider "cannot be empty"; cloud-provider-vsphere 677; K3s
    pkg/cloudprovider/instances.go.
    """
    if KEPT_BY_LABEL in spec.node_init.labels.extra:
        return
    advice = f"let it pass cloud nodes over: nodeInit.labels.extra can give them {KEPT_BY_LABEL}"
    own = set(map(str, (addon.name for addon in spec.addons)))
    named = set()
    for kind, item in _workloads(state):
        clouds, found = _clouds(item), _is(item, operators.CLOUD_CONTROLLERS, by_name=True)
        if item["metadata"]["name"] in own or not (found or _acts_on_nodes(item, clouds)):
            continue
        named.add(name_of(kind, item))
        what = "is a cloud-controller-manager" if found else "has the flag --cloud-provider of a controller of nodes,"
        yield finding(_POOLS, f"{name_of(kind, item)} {what}{_of(clouds)}", advice)
    machines = [node for node in state.nodes if node["metadata"].get("labels", {}).get(_LABEL) != _CLOUD_NODE]
    schemes = {node.get("spec", {}).get("providerID", "").partition("://")[0] for node in machines if _foreign(node)}
    if schemes and not named:
        message = (
            f"nodes of the IDC have provider ids of {', '.join(sorted(schemes))}: their controller may delete Nodes"
        )
        yield finding(_POOLS, message, advice)
    waiting = [node["metadata"]["name"] for node in machines if _waits(node)]
    if waiting and not (schemes or named):
        message = f"{waiting[0]} has the taint {_WAITING}: it waits for a cloud-controller-manager"
        yield finding(_POOLS, message, advice)


def _foreign(node: Data) -> bool:
    scheme, mark, _ = node.get("spec", {}).get("providerID", "").partition("://")
    return bool(mark) and scheme not in operators.HARMLESS_PROVIDER_IDS


def _waits(node: Data) -> bool:
    return any(taint.get("key") == _WAITING for taint in node.get("spec", {}).get("taints", []))


@live("NODE060")
def another_autoscaler(spec: Spec, state: State) -> Findings:
    """An autoscaler of another cloud runs in the cluster.

    It sees the same pending pods as that of ACK, and may buy machines in its cloud for pods that a node pool is there
    for. Some of them stop at a provider id that is not of their cloud and then scale nothing at all. An autoscaler of
    ACK's (`--cloud-provider=alicloud`) is passed over.

    Fails::
        cluster-autoscaler --cloud-provider=aws      # in the IDC, beside a pool with autoScaling
    Passes::
        nodePools: [{autoScaling: false}]

    Source: kubernetes/autoscaler cloudprovider/aws/aws_cloud_provider.go, AwsRefFromProviderId.
    """
    if not spec.node_pools:
        return
    for kind, item in _workloads(state):
        clouds = _clouds(item)
        if _is(item, operators.NODE_AUTOSCALERS) and clouds != [operators.OWN_CLOUD]:
            message = f"{name_of(kind, item)} scales nodes{_of(clouds)}, and sees the pods and nodes of these pools too"
            yield finding(_POOLS, message, "keep it to its own nodes and pods, or let one of both scale")


def _workloads(state: State) -> Iterator[tuple[str, Data]]:
    for kind in ("DaemonSet", "Deployment"):
        yield from ((kind, item) for item in state.all(kind))


def _is(item: Data, parts: tuple[str, ...], *, by_name: bool = False) -> bool:
    """Whether an image or a program of a workload has such a name.

    ``by_name``: or the workload itself, since some clouds call the image ``manager``.
    """
    containers = pod(item).get("containers", [])
    names = [each.get("image", "").partition("@")[0].rpartition("/")[2] for each in containers]
    names += [word for word in _words(item) if not word.startswith("-")]
    names += [item["metadata"]["name"]] if by_name else []
    return any(part in name for part in parts for name in names)


def _acts_on_nodes(item: Data, clouds: list[str]) -> bool:
    """Whether a flag says so: of any other cloud than ACK's, and not that somebody else does it (``external``)."""
    return bool(set(clouds) - {operators.OWN_CLOUD, "external"}) and not _is(item, operators.NODE_AUTOSCALERS)


def _clouds(item: Data) -> list[str]:
    """What the flag ``--cloud-provider`` of its containers says."""
    return sorted({word.removeprefix(_FLAG) for word in _words(item) if word.startswith(_FLAG)})


def _words(item: Data) -> list[str]:
    """What is kept of the commands of its containers."""
    return [
        word for each in pod(item).get("containers", []) for word in (*each.get("command", ()), *each.get("args", ()))
    ]


def _of(clouds: list[str]) -> str:
    return f" of {', '.join(clouds)}" if clouds else ""
