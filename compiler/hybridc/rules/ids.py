"""ID: identifiers of Alibaba Cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hybridc.catalog import regions
from hybridc.rules.pools import in_region, meant_region, region_of_zones, without_endpoint
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import is_hole, sure
from hybridc.spec.model import Spec
from hybridc.spec.origin import origins
from hybridc.words import PLACEHOLDER, few, field, nearest

_CLUSTER_ID = re.compile(r"c[0-9a-z]{32}\Z")
_ALL = re.compile(r"<[^<>]*>")
_RESOURCE_GROUP_ID = re.compile(r"rg-[0-9a-z]+\Z")


@rule("ID003")
def zone_of_region(spec: Spec) -> Findings:
    """A zone that does not belong to the region.

    Terway looks its vSwitch up by the zone of the node; a zone that no node is in falls back to the node's own
    vSwitch without a word, and pods eat the addresses of nodes. Zones are `<region>-<letter>` (cn-hangzhou-j) or
    `<region><letter>` (eu-central-1a).

    Fails::
        alibabaCloud:
          region: cn-shanghai
          vpc: {podVSwitches: [{id: vsw-uf6podl, zone: cn-hangzhou-j, cidr: 10.20.64.0/19}]}
    Passes::
        alibabaCloud:
          region: cn-shanghai
          vpc: {podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]}

    Source: Terway issue 391; Alibaba Cloud region list.
    """
    region = sure(spec.alibaba_cloud.region)
    vpc = spec.alibaba_cloud.vpc
    zones = [s.zone for s in (*vpc.node_vswitches, *vpc.pod_vswitches)]
    zones = [zone for zone in zones if not is_hole(zone) and not PLACEHOLDER.search(zone)]
    known, other = region in regions.names(), region_of_zones(spec)
    if other is not None and (known or not without_endpoint(spec)):
        message = f'region "{region}" has none of the zones: every vSwitch is in {other}'
        sure_of = not known and other in regions.names()
        advice = f'did you mean "{other}"?' if sure_of else "correct the region, or the zones"
        yield finding(spec.alibaba_cloud.region, message, advice)
    wrong = [zone for zone in zones if not in_region(zone, region)]
    if other is not None or (not known and len(wrong) == len(zones)):
        return  # It is the region that is wrong; where nothing was said here, ID011 or OSS021 says so.
    for zone in wrong:
        example = f"{region}a" if region[-1].isdigit() else f"{region}-a"
        yield finding(
            zone,
            f'zone "{zone}" does not belong to region "{region}"',
            _near_zone(zone, region, zones) or f"zones of this region look like {example}",
        )


def _near_zone(zone: str, region: str, zones: Sequence[str]) -> str | None:
    if zone == region:
        used = few(dict.fromkeys(other for other in zones if other != zone and in_region(other, region)))
        return f"add the letter of the zone{f'; used here: {used}' if used else ''}"
    letter = zone[-1] if zone and zone[-1].isalpha() else ""
    meant = f"{region}{letter}" if region[-1].isdigit() else f"{region}-{letter}"
    return f'did you mean "{meant}"?' if letter and nearest(zone, [meant]) else None


@rule("ID011")
def unknown_region(spec: Spec) -> Findings:
    """A region that the catalog does not know.

    A wrong letter makes addresses of OSS, mirrors and ARNs that nobody serves: every node times out before its first
    step. Regions are added now and then; a new one is accepted in `checks.ignore`, with `nodeInit.oss.endpoint` given.

    Where no endpoint is given, OSS021 says it; where the zones are of another region, ID003.

    Fails::
        alibabaCloud:
          region: cn-shanghia
          vpc:
            nodeVSwitches: [{id: vsw-uf6nodel, zone: cn-shanghia-l, cidr: 10.20.0.0/24}]
            podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghia-l, cidr: 10.20.64.0/19}]
        nodeInit: {oss: {endpoint: oss-cn-shanghai-internal.aliyuncs.com}}
        nodePools: [{vSwitches: [vsw-uf6nodel]}]
    Passes::
        alibabaCloud: {region: cn-shanghai}

    Source: OSS, regions and endpoints.
    """
    region = sure(spec.alibaba_cloud.region)
    if region in regions.names() or without_endpoint(spec) or region_of_zones(spec) is not None:
        return  # Known, or one of OSS021 and ID003 says so.
    near = meant_region(spec)
    advice = f'did you mean "{near}"?' if near else "copy the region id from the console"
    yield finding(region, f'the catalog does not know a region "{region}"', f"{advice} A new one can be accepted")


@rule("ID012")
def unknown_zone(spec: Spec) -> Findings:
    """A zone that the catalog does not know in its region.

    Zones are added, so it may exist. When it does not, the vSwitch's zone was misread, and Terway finds no vSwitch for
    the nodes of the real one.

    Fails::
        alibabaCloud:
          vpc:
            nodeVSwitches:
              - {id: vsw-uf6nodel, zone: cn-shanghai-l, cidr: 10.20.0.0/24}
              - {id: vsw-uf6nodel2, zone: cn-shanghai-z, cidr: 10.20.1.0/24}
    Passes::
        alibabaCloud:
          vpc:
            nodeVSwitches:
              - {id: vsw-uf6nodel, zone: cn-shanghai-l, cidr: 10.20.0.0/24}
              - {id: vsw-uf6nodel2, zone: cn-shanghai-l, cidr: 10.20.1.0/24}

    Source: ECS, regions and zones.
    """
    region, vpc = sure(spec.alibaba_cloud.region), spec.alibaba_cloud.vpc
    listed = regions.zones(region)
    if not listed:
        return
    for switch in (*vpc.node_vswitches, *vpc.pod_vswitches):
        if not is_hole(switch.zone) and in_region(switch.zone, region) and switch.zone not in listed:
            letters = ", ".join(zone.removeprefix(region).lstrip("-") for zone in listed)
            yield finding(
                switch.zone,
                f"the catalog does not know zone {switch.zone}; of {region} it knows {letters}",
                "compare it with the vSwitch in the VPC console",
            )


@rule("ID004")
def placeholder(spec: Spec) -> Findings:
    """A placeholder that nobody replaced.

    `vsw-xxx`, `AZoneID`, `VswitchId`, `<…>` or `{{.ClusterID}}` from a page or a template. Terway reads
    `{"AZoneID": ["VswitchId"]}` without complaint and uses the node's vSwitch instead.

    Fails::
        ram: {user: <your-user>}
    Passes::
        ram: {user: ack-one-user-ce313528c3}

    Source: Alibaba's tutorial; Terway's parser.
    """
    for value in _identifiers(spec):
        if not is_hole(value) and PLACEHOLDER.search(value):
            where = field(origins(value)[0].pointer) if origins(value) else "value"
            yield finding(value, f'{where}: unreplaced placeholder "{value}"', "replace it with the real value")


def _identifiers(spec: Spec) -> Iterator[str]:
    """Ids and names: the values that a person copies from a console."""
    cloud = spec.alibaba_cloud
    yield from (spec.name, spec.cluster.api_server, cloud.region, cloud.account_id, cloud.registered_cluster_id)
    yield from (value for value in (cloud.resource_group_id, spec.ram.user, spec.ram.role) if value is not None)
    yield cloud.vpc.id
    for switch in (*cloud.vpc.node_vswitches, *cloud.vpc.pod_vswitches):
        yield from (switch.id, switch.zone)
    yield from cloud.vpc.security_groups
    yield spec.gitops.repo_url
    if not is_hole(spec.node_init.oss) and spec.node_init.oss:
        yield spec.node_init.oss.bucket
    for pool in spec.node_pools:
        yield from (pool.name, pool.key_pair)
    # A reason is prose, which may speak of <something>.
    yield from (entry.reason for entry in spec.ignores if not is_hole(entry.reason) and _ALL.fullmatch(entry.reason))


@rule("ID005")
def console_id(spec: Spec) -> Findings:
    """A resource group id or registered cluster id of an unusual form.

    `rg-…`, and `c` with 32 lower-case letters and digits. ENIs are tagged and policies are named after them; a wrong
    one leaves ENIs that no console shows with the cluster.

    Fails::
        alibabaCloud: {registeredClusterID: my-cluster}
    Passes::
        alibabaCloud: {registeredClusterID: c0123456789abcdef0123456789abcdef}

    Source: samples of the documentation.
    """
    cloud = spec.alibaba_cloud
    for value, kind, pattern in (
        (cloud.registered_cluster_id, "registered cluster", _CLUSTER_ID),
        (cloud.resource_group_id, "resource group", _RESOURCE_GROUP_ID),
    ):
        if value is None or is_hole(value) or pattern.match(value) or PLACEHOLDER.search(value):
            continue
        yield finding(value, f'"{value}" does not look like a {kind} id', "compare it with the console")
