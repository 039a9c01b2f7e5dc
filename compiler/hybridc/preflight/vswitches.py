"""The VPC and its vSwitches as they are, and as the spec says."""

from __future__ import annotations

from collections.abc import Iterator

from hybridc import cidr
from hybridc.diagnostic import WARNING
from hybridc.live import cloud_reads as kinds
from hybridc.live.cloud_state import CloudState, Data
from hybridc.preflight.cloud import growth, switches
from hybridc.preflight.rule import CLOUD, Findings, live
from hybridc.rules.pools import demand
from hybridc.rules.rule import Finding, finding
from hybridc.spec.items import Items
from hybridc.spec.model import Size, Spec, VSwitch


@live("CLD001", over=CLOUD)
def vswitches(spec: Spec, cloud: CloudState) -> Findings:
    """A vSwitch is not there, or is in another VPC or zone, or has another range than the spec says.

    ACK refuses a pool with such a vSwitch; Terway asks in vain for interfaces in it; routes, security groups and the
    exclusion of addresses from SNAT are made for the range of the spec.

    Fails::
        podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]     # it is in cn-shanghai-m
    Passes::
        what DescribeVSwitches shows: hybridc import --cloud

    Source: VPC, DescribeVSwitches.
    """
    for switch in switches(spec):
        found = cloud.one(kinds.VSWITCH, str(switch.id))
        if found is None:
            yield finding(switch.id, f"vSwitch {switch.id} is not in {cloud.region} of this account", "correct the id")
        else:
            yield from _differences(spec, switch, found)


def _differences(spec: Spec, switch: VSwitch, found: Data) -> Iterator[Finding]:
    told = (
        (switch.id, "VPC", spec.alibaba_cloud.vpc.id, found.get("VpcId", "")),
        (switch.zone, "zone", switch.zone, found.get("ZoneId", "")),
        (switch.cidr, "range", switch.cidr, found.get("CidrBlock", "")),
        (switch.ipv6_cidr, "IPv6 range", switch.ipv6_cidr, found.get("Ipv6CidrBlock", "")),
    )
    for value, what, wanted, there in told:
        if wanted is not None and not _same(wanted, there):
            shown = f"{what} is {there}" if there else f"has no {what}"
            message = f"vSwitch {switch.id}: its {shown}" if there else f"vSwitch {switch.id} {shown}"
            yield finding(value, f"{message}, the spec says {wanted}", "correct the spec, or name another vSwitch")


def _same(one: str, other: str) -> bool:
    return one == other or (cidr.canonical(one) or one) == (cidr.canonical(other) or other)


@live("CLD002", over=CLOUD)
def addresses(spec: Spec, cloud: CloudState) -> Findings:
    """The vSwitches have fewer free addresses than the nodes that may come, or their pods, can take.

    Counted as for NET013, with what DescribeVSwitches says is free today, and without the nodes that are there
    already. When the addresses run out, ACK cannot start a node, or its pods wait for an address.

    Fails::
        nodePools: [{name: cpu, size: {max: 50}}]     # 12 addresses are free in its vSwitches
    Passes::
        nodePools: [{name: cpu, size: {max: 10}}]

    Source: VPC, DescribeVSwitches: AvailableIpAddressCount.
    """
    grows = {str(pool.name): growth(spec, cloud, pool) for pool in spec.node_pools}
    for pool in spec.node_pools:
        mine = set(pool.vswitches)
        sharing = [other for other in spec.node_pools if set(other.vswitches) <= mine]
        needed, free = sum(grows[str(other.name)] for other in sharing), _free(cloud, mine)
        if free is not None and needed > free:
            names = ", ".join(str(other.name) for other in sharing)
            message = f"node pool{'s' if len(sharing) > 1 else ''} {names} may get {needed} more nodes, and "
            message += f"{', '.join(sorted(mine))} ha{'ve' if len(mine) > 1 else 's'} {free} free addresses"
            yield finding(pool.size.max or pool.name, message, "name one more vSwitch, or lower size.max")
    yield from _of_pods(spec, cloud, grows)


def _of_pods(spec: Spec, cloud: CloudState, grows: dict[str, int]) -> Findings:
    if spec.terway is None:
        return
    pools = [pool._replace(size=Size(grows[str(pool.name)], 0, None)) for pool in spec.node_pools]
    by_zone: dict[str, list[VSwitch]] = {}
    for switch in spec.alibaba_cloud.vpc.pod_vswitches:
        by_zone.setdefault(switch.zone, []).append(switch)
    for zone, needed in demand(spec._replace(node_pools=Items(pools)), spec.terway).items():
        here = by_zone.get(zone, [])
        free = _free(cloud, {switch.id for switch in here})
        if here and free is not None and needed.most > free:
            message = f"zone {zone} has {free} free pod addresses, and {needed.nodes} more nodes can take {needed.most}"
            advice = "add a pod vSwitch in this zone, or lower size.max of its node pools"
            yield finding(here[0].id, message, advice)


def _free(cloud: CloudState, ids: set[str]) -> int | None:
    """The free addresses of some vSwitches; None when one of them is not there, or does not say it. Raises Unseen."""
    found = [(cloud.one(kinds.VSWITCH, str(each)) or {}).get("AvailableIpAddressCount") for each in sorted(ids)]
    known = [number for number in found if number is not None]
    return sum(known) if len(known) == len(found) else None


@live("CLD003", over=CLOUD)
def vpc(spec: Spec, cloud: CloudState) -> Findings:
    """The VPC is not there, or has other ranges than the spec says.

    Overlaps are looked for with the ranges of the spec, and `noProxy`, routes and IPPools are made of them. A range
    that the VPC has and the spec lacks is a warning.

    Fails::
        vpc: {cidrs: [10.20.0.0/16]}     # the VPC has 10.30.0.0/16
    Passes::
        vpc: {cidrs: [10.20.0.0/16, 10.30.0.0/16]}

    Source: VPC, DescribeVpcs: CidrBlock and SecondaryCidrBlocks.
    """
    wanted = spec.alibaba_cloud.vpc
    found = cloud.one(kinds.VPC, str(wanted.id))
    if found is None:
        yield finding(wanted.id, f"VPC {wanted.id} is not in {cloud.region} of this account", "correct the id")
        return
    ranges = ranges_of(found)
    there = [span for span in map(cidr.parse, (*ranges, found.get("Ipv6CidrBlock", ""))) if span is not None]
    for each in wanted.cidrs:
        span = cidr.parse(each)
        if span is not None and not any(cidr.inside(span, outer) for outer in there):
            message = f"VPC {wanted.id} has no range {each}: it has {', '.join(ranges)}"
            yield finding(each, message, "correct vpc.cidrs")
    told = [span for span in map(cidr.parse, wanted.cidrs) if span is not None]
    for each in ranges:
        span = cidr.parse(each)
        if span is not None and not any(cidr.overlap(span, inner) for inner in told):
            message = f"VPC {wanted.id} also has the range {each}, which the spec lacks"
            yield finding("/spec/alibabaCloud/vpc/cidrs", message, "add it to vpc.cidrs", WARNING)


def ranges_of(vpc: Data) -> list[str]:
    """The IPv4 ranges of a VPC, the first one first."""
    found = [vpc.get("CidrBlock", ""), *vpc.get("SecondaryCidrBlocks", {}).get("SecondaryCidrBlock", [])]
    return [each for each in found if each]
