"""What the rules about the cloud ask for, and how far the pools of a spec may still grow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hybridc.live import cloud_reads as kinds
from hybridc.live.cloud_reads import Asked
from hybridc.live.cloud_state import CloudState, Data
from hybridc.lower.names import security_groups_of
from hybridc.spec.model import NodePool, Spec, VSwitch


def asked(specs: Sequence[Spec]) -> Asked:
    """Everything of the cloud that specs name."""
    pools = [pool for spec in specs for pool in spec.node_pools]
    return Asked(
        _each(spec.alibaba_cloud.vpc.id for spec in specs),
        _each(switch.id for spec in specs for switch in switches(spec)),
        _each(group for spec in specs for group in security_groups_of(spec)),
        _each(pool.image.id for pool in pools),
        _each(name for pool in pools for name in pool.instance_types),
        _each(spec.ram.user for spec in specs),
        _each(role for spec in specs for role in (spec.ram.role, token_role(spec))),
        _each(spec.alibaba_cloud.registered_cluster_id for spec in specs),
    )


def token_role(spec: Spec) -> str | None:
    """The role by which nodes read their token, where they do."""
    token = spec.node_init.join.token
    return token.role if spec.node_init.mode == "script" and token.source == "ramRole" else None


def _each(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(name) for name in names if name is not None))


def switches(spec: Spec) -> Iterator[VSwitch]:
    """The vSwitches of nodes and pods, one that serves both once."""
    vpc = spec.alibaba_cloud.vpc
    return iter({str(switch.id): switch for switch in (*vpc.pod_vswitches, *vpc.node_vswitches)}.values())


def pools_named(spec: Spec, cloud: CloudState, pool: NodePool) -> list[Data]:
    """The node pools of a name: ACK may have several. Raises Unseen."""
    found = cloud.all(kinds.POOL, str(spec.alibaba_cloud.registered_cluster_id))
    return [each for each in found if each.get("nodepool_info", {}).get("name") == pool.name]


def growth(spec: Spec, cloud: CloudState, pool: NodePool) -> int:
    """How many nodes a pool may still get. Raises Unseen."""
    there: int = sum(each.get("status", {}).get("total_nodes", 0) for each in pools_named(spec, cloud, pool))
    return max(0, pool.size.most - there)
