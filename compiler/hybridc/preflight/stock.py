"""What the pools of a spec are made of: instance types, images, and how many vCPUs the account may have."""

from __future__ import annotations

from hybridc.catalog.systems import families, known_systems
from hybridc.diagnostic import ERROR
from hybridc.live import cloud_reads as kinds
from hybridc.live.cloud_state import CloudState, Data
from hybridc.preflight.cloud import growth
from hybridc.preflight.rule import CLOUD, Findings, live
from hybridc.rules.node.quota import arch
from hybridc.rules.rule import finding
from hybridc.spec.model import NodePool, Spec

_ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}


@live("CLD008", over=CLOUD)
def not_sold(spec: Spec, cloud: CloudState) -> Findings:
    """An instance type is not sold in the zones of its pool, or there is none left.

    A pool takes the next of its types where one is out of stock, so a type alone is a warning; an error where none of
    the types of a pool can be had in any of its zones. What is looked at is pay as you go, today.

    Fails::
        instanceTypes: [ecs.g5.xlarge]     # sold in cn-shanghai-b, the pool's vSwitches are in cn-shanghai-l
    Passes::
        instanceTypes: [ecs.g6.xlarge, ecs.g6.2xlarge]

    Source: ECS, DescribeAvailableResource: StatusCategory.
    """
    zones = {str(each.id): str(each.zone) for each in spec.alibaba_cloud.vpc.node_vswitches}
    for pool in spec.node_pools:
        mine = list(dict.fromkeys(zones[str(each)] for each in pool.vswitches if str(each) in zones))
        told = [(name, _lacks(cloud, str(name), mine)) for name in pool.instance_types]
        none = bool(mine) and all(told_of for _, told_of in told)
        for name, why in told:
            if why and mine:
                message = f"{name} {why}, where pool {pool.name} starts its nodes"
                yield finding(name, message, "add another type, or a vSwitch in another zone", ERROR if none else None)


def _lacks(cloud: CloudState, name: str, zones: list[str]) -> str:
    """What is wrong with an instance type in some zones; "" where one of them has it. Raises Unseen."""
    found = cloud.one(kinds.TYPE, name)
    sold = {each.get("ZoneId"): each for each in (found or {}).get("Zones", [])}
    here = [sold[zone] for zone in zones if zone in sold]
    if not here:
        others = sorted(str(zone) for zone in sold)
        return f"is not sold in {', '.join(zones)}" + (f" (but in {', '.join(others)})" if others else "")
    return "" if any(map(_has_stock, here)) else f"is out of stock in {', '.join(zones)}"


def _has_stock(zone: Data) -> bool:
    return zone.get("Status") != "SoldOut" and not zone.get("StatusCategory", "").endswith("WithoutStock")


@live("CLD009", over=CLOUD)
def image(spec: Spec, cloud: CloudState) -> Findings:
    """The image of a pool is not there, or is for another architecture or system than the pool's nodes.

    ACK refuses the pool, the instance does not boot, or the node script stops: it looks for the package manager of
    `nodeInit.os`. Images that are named by their type are ACK's own; only an `id` is looked at.

    Fails::
        nodeInit: {os: ubuntu-24.04}
        nodePools: [{image: {id: m-uf6a1b2c3d4e5f6}}]     # an image of Alibaba Cloud Linux
    Passes::
        an image of the region, of Ubuntu

    Source: ECS, DescribeImages: OSType, Platform, Architecture.
    """
    for pool in spec.node_pools:
        if pool.image.id is None:
            continue
        found = cloud.one(kinds.IMAGE, str(pool.image.id))
        if found is None:
            message = f"image {pool.image.id} is not there, or not available, in {cloud.region}"
            yield finding(pool.image.id, message, "copy the image into the region, or correct the id")
        else:
            yield from _fits(spec, pool, found)


def _fits(spec: Spec, pool: NodePool, found: Data) -> Findings:
    name, advice = pool.image.id, "name another image"
    if found.get("OSType", "linux").lower() != "linux":
        yield finding(name, f"image {name} is {found['OSType']}, and nodes are Linux", advice)
        return
    of = _ARCHITECTURES.get(found.get("Architecture", ""))
    for each in pool.instance_types:
        wanted = arch(spec, each)
        if of is not None and wanted is not None and of != wanted:
            yield finding(name, f"image {name} is {of}, {each} is {wanted}", advice)
    there, system = _family(found.get("Platform", "")), spec.node_init.os
    wanted_family = next((each.family for each in known_systems() if each.id == system), None)
    if spec.node_init.mode == "script" and there and wanted_family and there != wanted_family:
        message = f"image {name} is of {found['Platform']}, nodeInit.os is {system}"
        yield finding(name, message, "correct nodeInit.os, or name another image")


def _family(platform: str) -> str | None:
    return next((each.id for each in families().values() if platform in each.platforms), None)


@live("CLD014", over=CLOUD)
def quota(spec: Spec, cloud: CloudState) -> Findings:
    """The nodes that may come need more vCPUs than the account may have.

    Of each pool the largest type counts, at the pool's largest size, without the nodes that are there. ECS refuses the
    instance that is one too many, and the pool stays smaller than it should be.

    Fails::
        nodePools: [{instanceTypes: [ecs.g6.2xlarge], size: {max: 50}}]     # 400 vCPUs, 120 are left
    Passes::
        a quota that has room for them: console, ECS, Quotas

    Source: ECS, DescribeAccountAttributes: max-postpaid-instance-vcpu-count and used-postpaid-instance-vcpu-count.
    """
    found = cloud.one(kinds.QUOTA, kinds.CORES)
    if found is None:
        return
    needed = sum(growth(spec, cloud, pool) * _cores(cloud, pool) for pool in spec.node_pools)
    left = found["max"] - found["used"]
    if needed > left:
        message = f"node pools may need {needed} more vCPUs, the account has {max(0, left)} left of {found['max']}"
        yield finding("/spec/nodePools", message, "ask for more (ECS console, Quotas), or lower size.max")


def _cores(cloud: CloudState, pool: NodePool) -> int:
    """The vCPUs of the largest type of a pool; 0 where none is known. Raises Unseen."""
    sizes = [cloud.one(kinds.SIZE, str(name)) or {} for name in pool.instance_types]
    return max((each.get("CpuCoreCount", 0) for each in sizes), default=0)
