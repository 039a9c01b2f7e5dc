"""The registered cluster and its node pools as ACK has them."""

from __future__ import annotations

from hybridc.diagnostic import WARNING
from hybridc.live import cloud_reads as kinds
from hybridc.live.cloud_state import CloudState
from hybridc.lower.names import CLUSTER_TAG
from hybridc.preflight.cloud import pools_named
from hybridc.preflight.rule import CLOUD, Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

_REGISTERED, _RUNNING = "ExternalKubernetes", "running"


@live("CLD012", over=CLOUD)
def registered(spec: Spec, cloud: CloudState) -> Findings:
    """The registered cluster is not there, is no registered one, or is in another region or VPC.

    Node pools of another VPC cannot use the vSwitches of the spec. A cluster whose agent is not connected is a warning:
    it has to be before there is a node pool.

    Fails::
        registeredClusterID: c1123456789abcdef0123456789abcdef     # an ACK managed cluster
    Passes::
        the id of a cluster of type ExternalKubernetes, in vpc.id

    Source: ACK, DescribeClusterDetail: cluster_type, region_id, vpc_id, state.
    """
    wanted = spec.alibaba_cloud
    own = wanted.registered_cluster_id
    found = cloud.one(kinds.CLUSTER, str(own))
    if found is None:
        yield finding(own, f"ACK has no cluster {own} in {cloud.region} of this account", "correct the id")
        return
    told = (
        ("type", own, _REGISTERED, found.get("cluster_type")),
        ("region", wanted.region, wanted.region, found.get("region_id")),
        ("VPC", wanted.vpc.id, wanted.vpc.id, found.get("vpc_id")),
    )
    for what, value, needed, there in told:
        if there and there != needed:
            message = f"cluster {own}: its {what} is {there}, not {needed}"
            yield finding(value, message, "name the registered cluster of this IDC, or correct the spec")
    state = found.get("state", _RUNNING)
    if state != _RUNNING:
        advice = "connect its agent: the step agent.private of hybridc steps"
        yield finding(own, f"cluster {own} is {state}, not {_RUNNING}", advice, WARNING)


@live("CLD013", over=CLOUD)
def pool_of_others(spec: Spec, cloud: CloudState) -> Findings:
    """ACK has a node pool of a name of the spec that hybridc did not make, or several of one name.

    `hybridc publish pool` refuses it: it may serve something else. With `--adopt` it gets the tag and becomes the
    spec's. Of several pools of one name nobody knows which is meant.

    Fails::
        a pool cpu that somebody made in the console
    Passes::
        a pool cpu with the tag hybridc.dev/cluster: idc-shanghai

    Source: ACK, DescribeClusterNodePools; its names need not be unique.
    """
    for pool in spec.node_pools:
        found = pools_named(spec, cloud, pool)
        if len(found) > 1:
            message = f"the cluster has {len(found)} node pools {pool.name}"
            yield finding(pool.name, message, "rename or remove those that are not meant, or take another name")
        for each in found:
            tags = {tag.get("key"): tag.get("value") for tag in each.get("scaling_group", {}).get("tags", [])}
            if tags.get(CLUSTER_TAG) != spec.name:
                owner = f"belongs to {tags[CLUSTER_TAG]}" if tags.get(CLUSTER_TAG) else f"lacks the tag {CLUSTER_TAG}"
                name = each.get("nodepool_info", {}).get("nodepool_id", "")
                advice = "take another name; or, if it is meant: hybridc publish pool --adopt"
                yield finding(pool.name, f"node pool {pool.name} ({name}) {owner}", advice)
