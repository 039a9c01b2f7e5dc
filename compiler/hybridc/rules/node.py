"""NODE: node pools and nodes."""

from __future__ import annotations

from hybridc.catalog import ack
from hybridc.rules.rule import ERROR, Findings, finding, rule
from hybridc.schema.suggest import nearest
from hybridc.spec.model import Spec
from hybridc.spec.origin import origins


@rule("NODE004", ERROR)
def reserved_label(spec: Spec) -> Findings:
    """A node pool sets a label that ACK sets itself.

    `alibabacloud.com/external` decides which CNI a node gets; the others tell ACK which node belongs to which pool.

    Source: ALIBABA_CLOUD_LABELS, ACK One "Create a custom script for a node pool".
    """
    for pool in spec.node_pools:
        for key in (*pool.labels, *(taint.partition("=")[0].partition(":")[0] for taint in pool.taints)):
            if key in ack.RESERVED_NODE_LABELS:
                where = key if origins(key) else next(t for t in pool.taints if t.startswith(key))
                yield finding(where, f"{key} is set by ACK", "remove it")
    for key in spec.node_init.labels.extra:
        if key in ack.RESERVED_NODE_LABELS:
            yield finding(key, f"{key} is set by ACK", "remove it")


@rule("NODE009", ERROR)
def role_on_nodes(spec: Spec) -> Findings:
    """Something needs a RAM role on the nodes.

    `terway.credentials: instanceRole` and `join.token.from: ramRole` read credentials of the instance's RAM role,
    which node pools of registered clusters cannot attach (`ram_role_name`: ACK managed clusters only). With a custom
    image or launch template that attaches one, accept it in `checks.ignore` with the reason.

    Source: ACK OpenAPI CreateClusterNodePool.
    """
    advice = "use the default, or accept it in checks.ignore with a reason when your nodes do have a role"
    if spec.terway is not None and spec.terway.credentials == "instanceRole":
        yield finding(spec.terway.credentials, "credentials: instanceRole needs a RAM role on every node", advice)
    if spec.node_init.join.token.source == "ramRole":
        yield finding(spec.node_init.join.token.source, "token.from: ramRole needs a RAM role on every node", advice)


@rule("NODE023", ERROR)
def size_out_of_bounds(spec: Spec) -> Findings:
    """The size of a node pool is outside of its own bounds.

    min ≤ desired ≤ max; the API refuses it, after everything else has been applied.

    Source: ACK OpenAPI CreateClusterNodePool.
    """
    for pool in spec.node_pools:
        size = pool.size
        if size.max is not None and size.min > size.max:
            yield finding(
                _written(size.min, size.max),
                f'pool "{pool.name}": min {size.min} is larger than max {size.max}',
                "min ≤ desired ≤ max",
            )
        elif size.desired < size.min:
            yield finding(
                _written(size.desired, size.min),
                f'pool "{pool.name}": desired {size.desired} is below min {size.min}',
                "min ≤ desired ≤ max",
            )
        elif size.max is not None and size.desired > size.max:
            yield finding(
                _written(size.desired, size.max),
                f'pool "{pool.name}": desired {size.desired} is above max {size.max}',
                "min ≤ desired ≤ max",
            )


def _written(*values: int) -> int:
    """The first of the values that stands in the file (a default has no line of its own)."""
    return next((value for value in values if origins(value)[0].kind == "spec"), values[0])


@rule("NODE024", ERROR)
def pool_named_twice(spec: Spec) -> Findings:
    """Two node pools of one name.

    The pool's request file, and the pool in ACK, are found by their name.

    Source: hybridc.
    """
    seen: dict[str, str] = {}
    for pool in spec.node_pools:
        if seen.setdefault(str(pool.name), pool.name) is not pool.name:
            yield finding(pool.name, f'two node pools are named "{pool.name}"', "rename one")


@rule("NODE025", ERROR)
def unknown_vswitch(spec: Spec) -> Findings:
    """A node pool names a vSwitch that is not among `nodeVSwitches`.

    Nothing would check its zone and its range, and pods of its nodes may find no pod vSwitch.

    Source: hybridc.
    """
    known = [str(switch.id) for switch in spec.alibaba_cloud.vpc.node_vswitches]
    pods = [str(switch.id) for switch in spec.alibaba_cloud.vpc.pod_vswitches]
    for pool in spec.node_pools:
        for vswitch in pool.vswitches:
            if vswitch in known:
                continue
            meant = nearest(vswitch, known)
            advice = f'did you mean "{meant}"?' if meant else f"node vSwitches: {', '.join(known)}"
            if vswitch in pods:
                advice = "this is a pod vSwitch; " + advice
            yield finding(vswitch, f'pool "{pool.name}": {vswitch} is not in alibabaCloud.vpc.nodeVSwitches', advice)
