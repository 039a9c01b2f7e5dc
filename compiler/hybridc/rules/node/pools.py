"""NODE: node pools, their sizes and their names. What their machines are is in ``node_machines``."""

from __future__ import annotations

from hybridc.catalog import ack
from hybridc.rules.partial import members
from hybridc.rules.rule import Finding, Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import NodePool, Spec
from hybridc.spec.origin import written
from hybridc.words import MOST_NAMES, few, nearest


@rule("NODE004")
def reserved_label(spec: Spec) -> Findings:
    """A node pool sets a label that ACK sets itself.

    `alibabacloud.com/external` decides which CNI a node gets; the others tell ACK which node belongs to which pool. A
    pool that overrides one gives nodes without a working network, or nodes that scaling in never finds.

    Fails::
        nodePools:
          - labels: {alibabacloud.com/external: "false"}
    Passes::
        nodePools:
          - labels: {workload: cpu}

    Source: ALIBABA_CLOUD_LABELS, ACK One "Create a custom script for a node pool".
    """
    for pool in spec.node_pools:
        for key, _ in members(pool.labels):
            if key in ack.RESERVED_NODE_LABELS:
                yield finding(key, f"{key} is set by ACK", "remove it")
        for taint in pool.taints:
            key = taint.partition("=")[0].partition(":")[0]
            if key in ack.RESERVED_NODE_LABELS:
                yield finding(taint, f"{key} is set by ACK", "remove it")
    for key, _ in members(spec.node_init.labels.extra):
        if key in ack.RESERVED_NODE_LABELS:
            yield finding(key, f"{key} is set by ACK", "remove it")


@rule("NODE006")
def weak_pool(spec: Spec) -> Findings:
    """A pool that depends on the stock of one instance type or of one zone.

    ACK calls its elastic strength "weak": when the type is sold out there, scaling out stops although pods wait.

    Fails::
        nodePools: [{vSwitches: [vsw-uf6nodel], instanceTypes: [ecs.g7.2xlarge, ecs.g7.4xlarge]}]
    Fails::
        nodePools: [{vSwitches: [vsw-uf6nodel, vsw-uf6nodel2], instanceTypes: [ecs.g7.2xlarge]}]
    Passes::
        nodePools: [{vSwitches: [vsw-uf6nodel, vsw-uf6nodel2], instanceTypes: [ecs.g7.2xlarge, ecs.g7.4xlarge]}]

    Source: ACK console, elastic strength of a node pool.
    """
    for pool in spec.node_pools:
        if not pool.vswitches.whole or not pool.instance_types.whole or is_hole(pool.name):
            continue
        one = [f"one vSwitch ({pool.vswitches[0]})"] if len(pool.vswitches) == 1 else []
        one += [f"one instance type ({pool.instance_types[0]})"] if len(pool.instance_types) == 1 else []
        if one:
            where = pool.vswitches[0] if len(pool.vswitches) == 1 else pool.instance_types[0]
            what = "an instance type" if len(pool.vswitches) > 1 else "a vSwitch of another zone"
            yield finding(
                where,
                f'pool "{pool.name}" has {" and ".join(one)}: when that is sold out, it cannot grow',
                f"add {what}" + (" and an instance type" if len(one) > 1 else ""),
            )


@rule("NODE009")
def role_on_nodes(spec: Spec) -> Findings:
    """Something needs a RAM role on the nodes.

    `terway.credentials: instanceRole` and `join.token.from: ramRole` read credentials of the instance's RAM role,
    which node pools of registered clusters cannot attach (`ram_role_name`: ACK managed clusters only). Terway would
    start without credentials and no pod would get an address. With a custom image or launch template that attaches a
    role, accept it in `checks.ignore` with the reason.

    Fails::
        terway: {credentials: instanceRole}
    Passes::
        terway: {credentials: addonSecret}

    Source: ACK OpenAPI CreateClusterNodePool.
    """
    advice = "use the default, or accept it in checks.ignore with a reason when your nodes do have a role"
    credentials = None if is_hole(spec.terway) or spec.terway is None else spec.terway.credentials
    if not is_hole(credentials) and credentials == "instanceRole":
        yield finding(credentials, "credentials: instanceRole needs a RAM role on every node", advice)
    if spec.node_init.join.token.source == "ramRole":
        yield finding(spec.node_init.join.token.source, "token.from: ramRole needs a RAM role on every node", advice)


@rule("NODE015")
def node_controller(spec: Spec) -> Findings:
    """There are node pools, and the add-on cloud-node-controller is not listed.

    It deletes the Node objects of released instances, and ACK names it as a prerequisite of node pools. Without it
    nodes stay NotReady after every scale-in, and what was bound to them stays too.

    Fails::
        addons: [{name: metrics-server}]
        nodePools: [{name: cpu}]
    Passes::
        addons: [{name: cloud-node-controller}]
        nodePools: [{name: cpu}]

    Source: ACK One "Create and manage node pools", "Automatically clean up NotReady nodes".
    """
    if not spec.addons.whole or any(addon.name == ack.NODE_CONTROLLER for addon in spec.addons):
        return
    for pool in spec.node_pools:
        yield finding(
            pool.name,
            f"there are node pools, and addons does not list {ack.NODE_CONTROLLER}",
            f"write addons: [{{name: {ack.NODE_CONTROLLER}}}]; without it nodes stay NotReady after every scale-in",
        )
        return


@rule("NODE034")
def nothing_scales(spec: Spec) -> Findings:
    """A pool is to scale by itself, and no add-on of the spec does it.

    `autoScaling` only says within which bounds. What looks for pending pods and asks for nodes is the add-on
    cluster-autoscaler or ack-goatscaler, with rights of its own; without it the pool stays at its first size.

    Fails::
        nodePools: [{autoScaling: true, size: {min: 0, max: 20}}]
    Passes::
        addons: [{name: cloud-node-controller}, {name: cluster-autoscaler}]
        nodePools: [{autoScaling: true, size: {min: 0, max: 20}}]

    Source: ACK One, "Enable auto scaling for a node pool" of registered clusters: rights, then the add-on.
    """
    if not spec.addons.whole or any(addon.name in ack.AUTOSCALERS for addon in spec.addons):
        return
    for pool in spec.node_pools:
        if not is_hole(pool.auto_scaling) and pool.auto_scaling:
            names = " or ".join(ack.AUTOSCALERS)
            yield finding(
                pool.name,
                f'pool "{pool.name}" is to scale by itself, and addons lists neither {names.replace(" or ", " nor ")}',
                f"add {names} to addons: its rights are then in cloud/ram/; or accept this when something else scales",
            )
            return


@rule("NODE016")
def many_nodes(spec: Spec) -> Findings:
    """The pools may grow beyond the node quota of a registered cluster.

    The default is 100 nodes; beyond it scaling out fails, at the time of the load.

    Fails::
        nodePools:
          - size: {max: 150}
    Passes::
        nodePools:
          - size: {max: 50}

    Source: ACK One, limits of registered clusters (2021).
    """
    most = [pool.size.most for pool in spec.node_pools]
    if spec.node_pools.whole and sum(most) > ack.NODE_QUOTA:
        yield finding(
            max(most),
            f"the pools may grow to {sum(most)} nodes, the quota of a registered cluster is {ack.NODE_QUOTA}",
            "have the quota raised, then accept this in checks.ignore with the ticket as the reason",
        )


@rule("NODE023")
def size_out_of_bounds(spec: Spec) -> Findings:
    """The size of a node pool is outside of its own bounds.

    min ≤ desired ≤ max; the API refuses it, after everything else has been applied.

    Fails::
        nodePools:
          - size: {desired: 60, max: 50}
    Passes::
        nodePools:
          - size: {desired: 2, max: 50}

    Source: ACK OpenAPI CreateClusterNodePool.
    """
    for pool in spec.node_pools:
        size = pool.size
        if is_hole(size.min) or is_hole(size.max) or is_hole(size.desired) or is_hole(pool.name):
            continue
        if size.max is not None and size.min > size.max:
            yield _size(pool, size.min, size.max, f"min {size.min} is larger than max {size.max}")
        elif size.desired < size.min:
            yield _size(pool, size.desired, size.min, f"desired {size.desired} is below min {size.min}")
        elif size.max is not None and size.desired > size.max:
            yield _size(pool, size.desired, size.max, f"desired {size.desired} is above max {size.max}")


def _size(pool: NodePool, first: int, second: int, problem: str) -> Finding:
    """A finding at the first of the two that stands in the file (a default has no line of its own)."""
    where = next((value for value in (first, second) if written(value)), first)
    return finding(where, f'pool "{pool.name}": {problem}', "min ≤ desired ≤ max")


@rule("NODE024")
def pool_named_twice(spec: Spec) -> Findings:
    """Two node pools of one name.

    The pool's request file, and the pool in ACK, are found by their name: one would overwrite the other.

    Fails::
        nodePools: [{name: cpu}, {name: cpu}]
    Passes::
        nodePools: [{name: cpu}, {name: spot}]

    Source: hybridc.
    """
    seen: dict[str, str] = {}
    for pool in spec.node_pools:
        if not is_hole(pool.name) and seen.setdefault(pool.name, pool.name) is not pool.name:
            yield finding(pool.name, f'two node pools are named "{pool.name}"', "rename one")


@rule("NODE025")
def unknown_vswitch(spec: Spec) -> Findings:
    """A node pool names a vSwitch that is not among `nodeVSwitches`.

    Nothing would check its zone and its range, and pods of its nodes may find no pod vSwitch.

    Fails::
        nodePools:
          - vSwitches: [vsw-other]
    Passes::
        nodePools:
          - vSwitches: [vsw-uf6nodel]

    Source: hybridc.
    """
    vpc = spec.alibaba_cloud.vpc
    if not vpc.node_vswitches.whole:
        return
    known_ids = {switch.id: None for switch in vpc.node_vswitches}
    pods = {switch.id for switch in vpc.pod_vswitches if not is_hole(switch.id)}
    for pool in spec.node_pools:
        for vswitch in pool.vswitches:
            if vswitch in known_ids or is_hole(pool.name):
                continue
            meant = nearest(vswitch, known_ids, MOST_NAMES)
            advice = f'did you mean "{meant}"?' if meant else f"node vSwitches: {few(known_ids)}"
            if vswitch in pods:
                advice = "this is a pod vSwitch; " + advice
            yield finding(vswitch, f'pool "{pool.name}": {vswitch} is not in alibabaCloud.vpc.nodeVSwitches', advice)
