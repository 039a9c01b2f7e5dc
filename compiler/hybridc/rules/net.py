"""NET: addresses and routes.

The VPC may well contain the IDC's ranges (Alibaba's own tutorial does that with 10.0.0.0/8): VPC routing forbids a
custom route only when it is equal to, or lies inside, a vSwitch's CIDR or 100.64.0.0/10. So an overlap with the VPC
warns, and an overlap with a vSwitch is an error.
"""

from __future__ import annotations

import ipaddress

from hybridc.rules import addresses
from hybridc.rules.addresses import Range, overlap
from hybridc.rules.rule import ERROR, WARNING, Findings, finding, rule
from hybridc.schema.messages import field
from hybridc.spec.hole import HoleError
from hybridc.spec.model import Spec
from hybridc.spec.origin import origins

_RESERVED = "100.64.0.0/10"
_SPECIAL = ("169.254.0.0/16", "127.0.0.0/8", "224.0.0.0/4", "fe80::/10", "::1/128", "ff00::/8")


@rule("NET001", ERROR)
def not_a_network(spec: Spec) -> Findings:
    """A CIDR that is no network in masked form.

    Terway skips a part of `service_cidr` that it cannot parse without a word and then looks for another Service
    CIDR; Calico refuses an IPPool that is not masked. `10.10.25.1/24` is an address with a prefix length, not a
    network; the network is `10.10.25.0/24`.

    Source: Terway `types.IPNetSet.SetIPNet`; Calico IPPool validation.
    """
    cloud = spec.alibaba_cloud.vpc
    values = [*spec.cluster.service_cidrs, *spec.cluster.node_cidrs, *spec.cluster.pod_cidrs, *cloud.cidrs]
    for switch in (*cloud.node_vswitches, *cloud.pod_vswitches):
        values += [switch.cidr, switch.ipv6_cidr] if switch.ipv6_cidr is not None else [switch.cidr]
    for value in values:
        if addresses.parse(str(value)) is None:
            masked = addresses.canonical(str(value))
            where = field(origins(value)[0].pointer) if origins(value) else "CIDR"
            yield finding(
                value,
                f'{where}: "{value}" is not a network address',
                f"write the masked form: {masked}" if masked else "write a network such as 10.10.25.0/24",
            )


@rule("NET002", ERROR)
def services_overlap(spec: Spec) -> Findings:
    """The Service CIDR overlaps nodes, pods or a vSwitch.

    Traffic to such an address is taken by kube-proxy on every node and never reaches the node or pod behind it.
    The Service CIDR of a running cluster cannot change, so the other range has to move.

    Source: Alibaba Cloud, "Plan CIDR blocks for an ACK cluster".
    """
    for service in addresses.services(spec):
        for other in _parts(spec):
            if overlap(service, other):
                yield finding(
                    other.value,
                    f"{service} overlaps {other}",
                    "choose another range for it: the Service CIDR of a running cluster cannot change",
                )


@rule("NET003", ERROR)
def services_in_vpc(spec: Spec) -> Findings:
    """The Service CIDR overlaps the VPC.

    A Service address that the VPC also routes is ambiguous on cloud nodes. ACK refuses such a plan; for a cluster
    that already lives with it, name the rule in `checks.ignore`.

    Source: Alibaba Cloud, "Plan CIDR blocks for an ACK cluster": must not overlap the VPC CIDR.
    """
    for service in addresses.services(spec):
        if any(overlap(service, other) for other in _parts(spec)):
            continue
        for vpc in addresses.vpc(spec):
            if overlap(service, vpc):
                yield finding(
                    service.value,
                    f"{service} overlaps the {vpc}",
                    "use another VPC range; for an existing cluster accept it in checks.ignore with a reason",
                )


@rule("NET004", ERROR)
def idc_overlaps_vswitch(spec: Spec) -> Findings:
    """An IDC range overlaps a vSwitch.

    The VPC's own route to the vSwitch wins over any route to the IDC, and a custom route equal to or inside a
    vSwitch's CIDR is refused: cloud nodes can never reach these IDC addresses.

    Source: VPC CreateRouteEntry.
    """
    for switch in addresses.vswitches(spec):
        for idc in (*addresses.nodes(spec), *addresses.pods(spec)):
            if overlap(idc, switch):
                yield finding(
                    switch.value,
                    f"{idc} overlaps {switch}: the route to the IDC would be shadowed",
                    "use a vSwitch outside of the IDC's ranges",
                )


@rule("NET005", WARNING)
def idc_in_vpc(spec: Spec) -> Findings:
    """An IDC range, or the API server, lies in the VPC's range.

    It works only with routes in the VPC's route table that are more specific than the VPC's own CIDR: without them
    cloud nodes look for the IDC inside the VPC, and joins time out.

    Source: Alibaba Cloud, "Plan CIDR blocks for an ACK cluster", scenario 4; VPC CreateRouteEntry.
    """
    switches = addresses.vswitches(spec)
    advice = "add a more specific route to the VPC's route table, and check it before the first node joins"
    for idc in (*addresses.nodes(spec), *addresses.pods(spec)):
        if any(overlap(idc, switch) for switch in switches):
            continue
        for vpc in addresses.vpc(spec):
            if overlap(idc, vpc):
                yield finding(idc.value, f"{idc} lies in the {vpc}", advice)
    address = addresses.api_server_address(spec)
    if address is not None:
        endpoint = Range("API server", spec.cluster.api_server, ipaddress.ip_network(address))
        for vpc in addresses.vpc(spec):
            if overlap(endpoint, vpc) and not any(overlap(endpoint, switch) for switch in switches):
                yield finding(endpoint.value, f"{endpoint} lies in the {vpc}", advice)


@rule("NET006", ERROR)
def nodes_overlap_pods(spec: Spec) -> Findings:
    """IDC node CIDR and IDC pod CIDR overlap.

    Calico would hand out addresses of machines to pods.

    Source: Alibaba Cloud, "Plan CIDR blocks for an ACK cluster".
    """
    for node in addresses.nodes(spec):
        for pod in addresses.pods(spec):
            if overlap(node, pod):
                yield finding(pod.value, f"{node} and {pod} overlap", "correct the two ranges")


@rule("NET007", ERROR)
def reserved_by_alibaba(spec: Spec) -> Findings:
    """A range overlaps 100.64.0.0/10.

    Alibaba Cloud serves metadata (100.100.100.200), DNS (100.100.2.136 and .138), internal OSS and package mirrors
    from this range: nodes lose them, and the VPC refuses routes into it.

    Source: VPC and SLB documentation.
    """
    reserved = Range("reserved", _RESERVED, ipaddress.ip_network(_RESERVED))
    for item in addresses.every(spec):
        if overlap(item, reserved):
            yield finding(item.value, f"{item} overlaps {_RESERVED}, reserved by Alibaba Cloud", "choose another range")


@rule("NET008", ERROR)
def special_purpose(spec: Spec) -> Findings:
    """A range overlaps link-local, loopback or multicast addresses.

    They never leave a host (node-local-dns listens on 169.254.20.10), so nothing with such an address is reachable.

    Source: RFC 6890; Calico IPPool validation.
    """
    special = [Range("special", cidr, ipaddress.ip_network(cidr)) for cidr in _SPECIAL]
    for item in addresses.every(spec):
        for other in special:
            if overlap(item, other):
                yield finding(
                    item.value,
                    f"{item} overlaps {other.value}, a link-local, loopback or multicast range",
                    "choose another range",
                )


@rule("NET009", ERROR)
def vswitch_outside_vpc(spec: Spec) -> Findings:
    """A vSwitch does not lie in the VPC.

    One of the two is mistyped, or the VPC has a secondary CIDR that the spec does not list.

    Source: VPC CreateVSwitch.
    """
    vpc = addresses.vpc(spec)
    for switch in addresses.vswitches(spec):
        same = [item for item in vpc if item.network.version == switch.network.version]
        if same and not addresses.inside(switch, same):
            yield finding(
                switch.value,
                f"{switch} is not inside the VPC ({', '.join(str(item.value) for item in same)})",
                "correct the CIDR, or list the VPC's secondary CIDR in alibabaCloud.vpc.cidrs",
            )


@rule("NET010", ERROR)
def vswitches_overlap(spec: Spec) -> Findings:
    """Two vSwitches overlap.

    A VPC cannot hold such a pair, so one of them is mistyped.

    Source: VPC CreateVSwitch.
    """
    switches = addresses.vswitches(spec)
    for index, later in enumerate(switches):
        for earlier in switches[:index]:
            if overlap(earlier, later) and earlier.name.split()[-1] != later.name.split()[-1]:
                yield finding(later.value, f"{later} and {earlier} overlap", "correct one of them")


def _parts(spec: Spec) -> list[Range]:
    """Every range that pods and nodes have; what needs a broken value is left out."""
    found: list[Range] = []
    for group in (addresses.nodes, addresses.pods, addresses.vswitches):
        try:
            found += group(spec)
        except HoleError:
            continue
    return found
