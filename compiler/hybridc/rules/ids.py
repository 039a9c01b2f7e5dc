"""ID: identifiers of Alibaba Cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybridc.rules.rule import ERROR, WARNING, Findings, finding, rule
from hybridc.schema.messages import PLACEHOLDER, field
from hybridc.schema.suggest import nearest
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec
from hybridc.spec.origin import origins

_CLUSTER_ID = re.compile(r"c[0-9a-z]{32}\Z")
_RESOURCE_GROUP_ID = re.compile(r"rg-[0-9a-z]+\Z")
_ZONE_TAIL = re.compile(r"-?[a-z]\Z")


@rule("ID001", ERROR, by_schema=True)
def vswitch_id() -> None:
    """A vSwitch id that is none.

    `vsw-` and lower-case letters and digits. Terway asks the API for this id on every node: a wrong one leaves pods
    without addresses.

    Source: VPC documentation.
    """


@rule("ID002", ERROR, by_schema=True)
def security_group_id() -> None:
    """A security group id that is none.

    `sg-` and lower-case letters and digits.

    Source: ECS documentation.
    """


@rule("ID003", ERROR)
def zone_of_region(spec: Spec) -> Findings:
    """A zone that does not belong to the region.

    Terway looks its vSwitch up by the zone of the node; a zone that no node is in falls back to the node's own
    vSwitch without a word, and pods eat the addresses of nodes. Zones are `<region>-<letter>` (cn-hangzhou-j) or
    `<region><letter>` (eu-central-1a).

    Source: Terway issue 391; Alibaba Cloud region list.
    """
    region = str(spec.alibaba_cloud.region)
    vpc = spec.alibaba_cloud.vpc
    for switches in (vpc.node_vswitches, vpc.pod_vswitches):
        for switch in () if is_hole(switches) else switches:
            if is_hole(switch) or is_hole(switch.zone) or PLACEHOLDER.search(switch.zone):
                continue
            zone = str(switch.zone)
            if not (zone.startswith(region) and _ZONE_TAIL.match(zone.removeprefix(region))):
                example = f"{region}a" if region[-1].isdigit() else f"{region}-a"
                yield finding(
                    switch.zone,
                    f'zone "{zone}" does not belong to region "{region}"',
                    _near_zone(zone, region) or f"zones of this region look like {example}",
                )


def _near_zone(zone: str, region: str) -> str | None:
    letter = zone[-1] if zone and zone[-1].isalpha() else ""
    meant = f"{region}{letter}" if region[-1].isdigit() else f"{region}-{letter}"
    return f'did you mean "{meant}"?' if letter and nearest(zone, [meant]) else None


@rule("ID004", ERROR)
def placeholder(spec: Spec) -> Findings:
    """A placeholder that nobody replaced.

    `vsw-xxx`, `AZoneID`, `VswitchId`, `<…>` or `{{.ClusterID}}` from a page or a template. Terway reads
    `{"AZoneID": ["VswitchId"]}` without complaint and uses the node's vSwitch instead.

    Source: Alibaba's tutorial; Terway's parser.
    """
    for value in _identifiers(spec):
        if not is_hole(value) and PLACEHOLDER.search(str(value)):
            where = field(origins(value)[0].pointer) if origins(value) else "value"
            yield finding(value, f'{where}: unreplaced placeholder "{value}"', "replace it with the real value")


def _identifiers(spec: Spec) -> Iterator[str]:
    """Ids and names: the values that a person copies from a console."""
    cloud = spec.alibaba_cloud
    yield from (spec.name, spec.cluster.api_server, cloud.region, cloud.account_id, cloud.registered_cluster_id)
    yield from (value for value in (cloud.resource_group_id, spec.ram.user, spec.ram.role) if value is not None)
    yield cloud.vpc.id
    for switches in (cloud.vpc.node_vswitches, cloud.vpc.pod_vswitches):
        for switch in () if is_hole(switches) else switches:
            if not is_hole(switch):
                yield from (switch.id, switch.zone)
    yield from () if is_hole(cloud.vpc.security_groups) else cloud.vpc.security_groups
    yield spec.gitops.repo_url
    if not is_hole(spec.node_init.oss) and spec.node_init.oss:
        yield spec.node_init.oss.bucket
    for pool in () if is_hole(spec.node_pools) else spec.node_pools:
        if not is_hole(pool):
            yield from (pool.name, pool.key_pair)


@rule("ID005", WARNING)
def console_id(spec: Spec) -> Findings:
    """A resource group id or registered cluster id of an unusual form.

    `rg-…`, and `c` with 32 lower-case letters and digits. ENIs are tagged and policies are named after them; a wrong
    one leaves ENIs that no console shows with the cluster.

    Source: samples of the documentation.
    """
    cloud = spec.alibaba_cloud
    for value, kind, pattern in (
        (cloud.registered_cluster_id, "registered cluster", _CLUSTER_ID),
        (cloud.resource_group_id, "resource group", _RESOURCE_GROUP_ID),
    ):
        if value is None or is_hole(value) or pattern.match(str(value)) or PLACEHOLDER.search(str(value)):
            continue
        yield finding(value, f'"{value}" does not look like a {kind} id', "compare it with the console")


@rule("ID006", ERROR, by_schema=True)
def vpc_or_instance_type() -> None:
    """A VPC id or an instance type of an impossible form.

    `vpc-…`; instance types start with `ecs.`.

    Source: samples of the documentation.
    """


@rule("ID007", ERROR, by_schema=True)
def account_id() -> None:
    """The account id is not a number of 16 digits, in quotes.

    RAM and OSS resource names (`acs:oss:*:<id>:<bucket>/<key>`) use it. Without quotes YAML reads a number.

    Source: ECS and OSS authorization pages.
    """


@rule("ID010", ERROR, by_schema=True)
def region() -> None:
    """A region of an impossible form.

    `cn-hangzhou`, `eu-central-1`: lower case, with a dash.

    Source: Alibaba Cloud region list.
    """
