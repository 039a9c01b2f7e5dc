"""What Alibaba Cloud alone knows of the ids that were seen: account, VPC, ranges and zones, node pools as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from hybridc.catalog import ack
from hybridc.catalog.ram import addons
from hybridc.importer.seen import Data, Found, Note, Seen, filled
from hybridc.live import cloud_reads as kinds
from hybridc.live.cloud_reads import Asked
from hybridc.live.cloud_state import CloudState
from hybridc.live.reads import Id
from hybridc.lower.names import CLUSTER_TAG
from hybridc.preflight.vswitches import ranges_of
from hybridc.source.document import Document

_CLOUD = "/spec/alibabaCloud"
_PODS, _NODES, _GROUPS = f"{_CLOUD}/vpc/podVSwitches", f"{_CLOUD}/vpc/nodeVSwitches", f"{_CLOUD}/vpc/securityGroups"
_POOLS = "/spec/nodePools"


class Known(NamedTuple):
    """What has to be known before the cloud can be asked; ``account`` may be ""."""

    account: str
    region: str
    asked: Asked


def known(seen: Mapping[str, Seen], spec: Document | None) -> Known:
    """Of the ids that were seen, and of those that a spec has."""

    def of(pointer: str) -> Any:
        value = seen[pointer].value if pointer in seen else _at(spec, pointer)
        return value if filled(value) or isinstance(value, list) else None

    items = [*_items(of(_PODS)), *_items(of(_NODES))]
    return Known(
        _text(of(f"{_CLOUD}/accountID")),
        _text(of(f"{_CLOUD}/region")),
        Asked(
            vpcs=_texts([of(f"{_CLOUD}/vpc/id")]),
            vswitches=_texts(each.get("id") for each in items),
            groups=_texts(of(_GROUPS) or ()),
            clusters=_texts([of(f"{_CLOUD}/registeredClusterID")]),
            addons=True,
        ),
    )


def follow(cloud: CloudState) -> Asked:
    """What the first answers name: the VPC of the cluster and of vSwitches, the vSwitches of node pools."""
    switches = {str(switch) for pool in _all(cloud, kinds.POOL) for switch in _group(pool).get("vswitch_ids", [])}
    vpcs = [each.get("vpc_id") for each in _all(cloud, kinds.CLUSTER)]
    vpcs += [each.get("VpcId") for each in _all(cloud, kinds.VSWITCH)]
    there = {each.name for each in cloud.objects if each.kind in (kinds.VPC, kinds.VSWITCH)}
    return Asked(
        vpcs=tuple(each for each in _texts(vpcs) if each not in there),
        vswitches=tuple(sorted(switches - there)),
    )


def complete(seen: Mapping[str, Seen], cloud: CloudState, name: str) -> Found:
    """The fields that the cloud fills, and fields that were seen with what it adds to them.

    ``name`` is that of the spec, where one is known: pools that belong to another one are left alone.
    """
    yield Seen(f"{_CLOUD}/accountID", cloud.account, "STS, GetCallerIdentity")
    yield Seen(f"{_CLOUD}/region", cloud.region, "what ACK and VPC answered for")
    yield from _vpc(cloud)
    if _PODS in seen:
        pods = [_filled(cloud, dict(each)) for each in _items(seen[_PODS].value)]
        yield seen[_PODS]._replace(value=pods, where=f"{seen[_PODS].where}; VPC, DescribeVSwitches")
    own = name or (seen["/metadata/name"].value if "/metadata/name" in seen else None)
    ours = [each for each in _all(cloud, kinds.POOL) if own is None or _tag(each) in (None, own)]
    pools = [each for each in ours if _group(each).get("vswitch_ids")]
    if pools:
        yield from _node_pools(pools, cloud)
    groups = _texts(group for pool in pools for group in _group(pool).get("security_group_ids", []))
    if _GROUPS not in seen and groups:
        yield Seen(_GROUPS, list(groups), "ACK, DescribeClusterNodePools", flow=True)
    names = [each for each in addons() if each in {item.get("name") for item in _all(cloud, kinds.ADDON)}]
    if "/spec/addons" not in seen and names:
        yield Seen("/spec/addons", [{"name": each} for each in names], "ACK, ListClusterAddonInstances")
    for each, why in sorted(cloud.unseen.items()):
        yield Note(f"cannot see {each} ({why})")


def _vpc(cloud: CloudState) -> Found:
    found = _all(cloud, kinds.VPC)
    if len(found) > 1:
        yield Note(f"vpc.id: the cluster and its vSwitches are in {', '.join(each.get('VpcId', '') for each in found)}")
    elif found:
        yield Seen(f"{_CLOUD}/vpc/id", found[0].get("VpcId", ""), "VPC, DescribeVpcs")
        yield Seen(f"{_CLOUD}/vpc/cidrs", ranges_of(found[0]), "VPC, DescribeVpcs", flow=True)


def _node_pools(pools: list[Data], cloud: CloudState) -> Found:
    ids = _texts(switch for pool in pools for switch in _group(pool)["vswitch_ids"])
    there = [each for each in ids if Id(kinds.VSWITCH, "", each) in cloud.objects]
    switches = [_filled(cloud, {"id": each}) for each in there]
    if len(there) == len(ids):
        where = "ACK, DescribeClusterNodePools; VPC, DescribeVSwitches"
        yield Seen(_NODES, switches, where)
        yield Seen(_POOLS, [_pool(each) for each in pools], "ACK, DescribeClusterNodePools")


def _pool(pool: Data) -> Data:
    group, scaling = _group(pool), pool.get("auto_scaling", {})
    kind, image = group.get("image_type", ""), group.get("image_id", "")
    nodes = group.get("desired_size", pool.get("status", {}).get("total_nodes", 0))
    found: Data = {"name": pool.get("nodepool_info", {}).get("name", "<pool>"), "vSwitches": group["vswitch_ids"]}
    found["instanceTypes"] = group.get("instance_types") or ["<instance-type>"]
    if kind in ack.IMAGE_TYPES or image:
        found["image"] = {"type": kind} if kind in ack.IMAGE_TYPES else {"id": image}
    found["keyPair"] = group.get("key_pair") or "<key-pair>"
    if scaling.get("enable"):
        size = {"min": scaling.get("min_instances", 0), "max": scaling.get("max_instances", 0)}
        return found | {"autoScaling": True, "size": size}
    found["size"] = {"desired": nodes}
    return found


def _filled(cloud: CloudState, item: Data) -> Data:
    """A vSwitch of a spec with what DescribeVSwitches says of it."""
    found = cloud.objects.get(Id(kinds.VSWITCH, "", str(item.get("id"))), {})
    told = {"zone": found.get("ZoneId"), "cidr": found.get("CidrBlock"), "ipv6CIDR": found.get("Ipv6CidrBlock")}
    return item | {key: value for key, value in told.items() if value}


def _group(pool: Data) -> Data:
    found: Data = pool.get("scaling_group", {})
    return found


def _tag(pool: Data) -> str | None:
    """The cluster that a pool's tag names."""
    tags = {tag.get("key"): tag.get("value") for tag in _group(pool).get("tags", [])}
    return tags.get(CLUSTER_TAG)


def _all(cloud: CloudState, kind: str) -> list[Data]:
    return [cloud.objects[each] for each in sorted(cloud.objects) if each.kind == kind]


def _at(spec: Document | None, pointer: str) -> Any:
    value: Any = spec.data if spec is not None else None
    for key in pointer.split("/")[1:]:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _items(value: Any) -> list[Data]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value and filled(value)))
