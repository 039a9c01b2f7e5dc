"""What node pools need: the zones that their nodes can be in, and the addresses that their pods can take."""

from __future__ import annotations

import re
from typing import NamedTuple

from hybridc.catalog import regions
from hybridc.rules.node.quota import pods
from hybridc.spec.hole import is_hole, sure
from hybridc.spec.model import NodePool, PoolSize, Spec, Terway
from hybridc.words import PLACEHOLDER, nearest

ZONE_TAIL = re.compile(r"-?[a-z]\Z")
"""What a zone has behind its region: cn-hangzhou-j, eu-central-1a."""


class Demand(NamedTuple):
    """What a zone may need: nodes at most, their pod addresses at most, and one a node when pools spread evenly."""

    nodes: int
    most: int
    least: int


def in_region(zone: str, region: str) -> bool:
    """Whether a zone is one of the region's, by its name."""
    return zone.startswith(region) and ZONE_TAIL.match(zone.removeprefix(region)) is not None


def odd_zones(spec: Spec) -> bool:
    """Whether some vSwitch has a zone that cannot be (ID003 says so): what follows from zones means nothing then."""
    vpc = spec.alibaba_cloud.vpc
    region = sure(spec.alibaba_cloud.region)
    return not all(in_region(switch.zone, region) for switch in (*vpc.node_vswitches, *vpc.pod_vswitches))


def region_of_zones(spec: Spec) -> str | None:
    """The region that every zone is in, when none is in the spec's: then it is the region that is wrong."""
    vpc, region = spec.alibaba_cloud.vpc, sure(spec.alibaba_cloud.region)
    zones = [switch.zone for switch in (*vpc.node_vswitches, *vpc.pod_vswitches)]
    zones = [zone for zone in zones if not is_hole(zone) and not PLACEHOLDER.search(zone)]
    others = {ZONE_TAIL.sub("", zone) for zone in zones}
    whole = vpc.node_vswitches.whole and vpc.pod_vswitches.whole
    if len(others) != 1 or (region in regions.names() and (len(zones) == 1 or not whole)):
        return None
    return None if in_region(zones[0], region) else others.pop()


def meant_region(spec: Spec) -> str | None:
    """The known region that is meant by one that the catalog does not know: that of the zones, else a near name."""
    zones = region_of_zones(spec)
    return zones if zones in regions.names() else nearest(spec.alibaba_cloud.region, regions.names())


def without_endpoint(spec: Spec) -> bool:
    """Whether the script lies in OSS at an address that nothing tells (OSS021)."""
    known = len(regions.internal_endpoints(sure(spec.alibaba_cloud.region))) == 1
    oss = spec.node_init.oss
    return not (known or is_hole(oss) or oss is None) and is_hole(oss.endpoint)


def zones_of_pools(spec: Spec) -> dict[str, tuple[str, str]]:
    """``{zone: (pool name, vSwitch id as the pool names it)}`` for every zone that a node pool can start nodes in."""
    zones = _zones(spec)
    found: dict[str, tuple[str, str]] = {}
    for pool in spec.node_pools:
        for vswitch in pool.vswitches:
            if vswitch in zones:
                found.setdefault(zones[vswitch], (pool.name, vswitch))
    return found


def _zones(spec: Spec) -> dict[str, str]:
    """By vSwitch; of one that is listed twice (ENI003 says so) the first zone counts."""
    return {switch.id: switch.zone for switch in reversed(spec.alibaba_cloud.vpc.node_vswitches)}


def type_pods(spec: Spec, pool: NodePool) -> list[tuple[int, str]]:
    """``(pod addresses, instance type)`` for the types of a pool whose ENI quota is known."""
    found = [(pods(spec, name), name) for name in pool.instance_types]
    return [(number, name) for number, name in found if number is not None]


def pool_size(terway: Terway, pool: NodePool) -> PoolSize:
    """The addresses that nodes of a pool keep warm: of its dynamic configuration, else the cluster's."""
    overlay = terway.dynamic_configs.get(pool.terway_config) if pool.terway_config is not None else None
    return terway.pool_size if overlay is None or overlay.pool_size is None else overlay.pool_size


def demand(spec: Spec, terway: Terway) -> dict[str, Demand]:
    """``{zone: what it may need}``; a pool of several zones can end up in one of them when the others are sold out."""
    zones = _zones(spec)
    found: dict[str, Demand] = {}
    for pool in spec.node_pools:
        nodes = pool.size.most
        each = max([pool_size(terway, pool).max, 1, *(number for number, _ in type_pods(spec, pool))])
        mine = {zones[vswitch] for vswitch in pool.vswitches if vswitch in zones}
        for zone in mine:
            before = found.get(zone, Demand(0, 0, 0))
            least = -(-nodes // len(mine))
            found[zone] = Demand(before.nodes + nodes, before.most + nodes * each, before.least + least)
    return found
