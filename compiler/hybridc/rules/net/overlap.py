"""NET: ranges that must not meet.

The VPC may well contain the IDC's ranges (Alibaba's own tutorial does that with 10.0.0.0/8): VPC routing forbids a
custom route only when it is equal to, or lies inside, a vSwitch's CIDR or 100.64.0.0/10. So an overlap with the VPC
warns, and an overlap with a vSwitch is an error.
"""

from __future__ import annotations

from hybridc import cidr
from hybridc.catalog.network import DOCKER_BRIDGE, RESERVED, SPECIAL
from hybridc.cidr import Span, overlap
from hybridc.rules.ranges import Group, Range, api_server, ranges_of
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec
from hybridc.spec.origin import origins
from hybridc.words import few, field


@rule("NET001")
def not_a_network(spec: Spec) -> Findings:
    """A CIDR that is no network in masked form.

    Terway skips a part of `service_cidr` that it cannot parse without a word and then looks for another Service
    CIDR; Calico refuses an IPPool that is not masked. `10.10.25.1/24` is an address with a prefix length, not a
    network; the network is `10.10.25.0/24`.

    Fails::
        alibabaCloud: {vpc: {podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.65.0/19}]}}
    Fails::
        cluster: {podCIDRs: [10.100.0.1/16]}
    Passes::
        alibabaCloud: {vpc: {podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]}}

    Source: Terway `types.IPNetSet.SetIPNet`; Calico IPPool validation.
    """
    cloud = spec.alibaba_cloud.vpc
    cluster = spec.cluster
    values = [*cluster.service_cidrs, *cluster.node_cidrs, *cluster.pod_cidrs, *cloud.cidrs]
    for switch in (*cloud.node_vswitches, *cloud.pod_vswitches):
        values += [switch.cidr] if switch.ipv6_cidr is None else [switch.cidr, switch.ipv6_cidr]
    for value in values:
        if not is_hole(value) and cidr.parse(value) is None:
            masked = cidr.canonical(value)
            where = field(origins(value)[0].pointer) if origins(value) else "CIDR"
            yield finding(
                value,
                f'{where}: "{value}" is not a network address',
                f"write the masked form: {masked}" if masked else "write a network such as 10.10.25.0/24",
            )


@rule("NET002")
def services_overlap(spec: Spec) -> Findings:
    """The Service CIDR overlaps nodes, pods or a vSwitch.

    Traffic to such an address is taken by kube-proxy on every node and never reaches the node or pod behind it.
    The Service CIDR of a running cluster cannot change, so the other range has to move.

    Fails::
        cluster: {serviceCIDRs: [172.16.0.0/16], nodeCIDRs: [172.16.8.0/26]}
    Passes::
        cluster: {serviceCIDRs: [172.16.0.0/16], nodeCIDRs: [192.168.0.0/26]}

    Source: Alibaba Cloud, "Plan CIDR blocks for an ACK cluster".
    """
    ranges = ranges_of(spec)
    services = Group(ranges.services)
    for other in (*ranges.nodes, *ranges.pods, *ranges.vswitches):
        if service := services.meets(other):
            yield finding(
                other.value,
                f"{service} overlaps {other}",
                "choose another range for it: the Service CIDR of a running cluster cannot change",
            )


@rule("NET003")
def services_in_vpc(spec: Spec) -> Findings:
    """The Service CIDR overlaps the VPC.

    A Service address that the VPC also routes is ambiguous on cloud nodes. ACK refuses such a plan; for a cluster
    that already lives with it, name the rule in `checks.ignore`.

    Fails::
        cluster: {serviceCIDRs: [10.20.128.0/18]}
        alibabaCloud: {vpc: {cidrs: [10.20.0.0/16]}}
    Passes::
        cluster: {serviceCIDRs: [172.16.0.0/16]}
        alibabaCloud: {vpc: {cidrs: [10.20.0.0/16]}}

    Source: Alibaba Cloud, "Plan CIDR blocks for an ACK cluster": must not overlap the VPC CIDR.
    """
    ranges = ranges_of(spec)
    parts, cloud = Group((*ranges.nodes, *ranges.pods, *ranges.vswitches)), Group(ranges.vpc)
    for service in ranges.services:
        vpc = cloud.meets(service)
        if vpc is not None and parts.meets(service) is None:
            yield finding(
                service.value,
                f"{service} overlaps the {vpc}",
                "use another VPC range; for an existing cluster accept it in checks.ignore with a reason",
            )


@rule("NET004")
def idc_overlaps_vswitch(spec: Spec) -> Findings:
    """An IDC range overlaps a vSwitch.

    The VPC's own route to the vSwitch wins over any route to the IDC, and a custom route equal to or inside a
    vSwitch's CIDR is refused: cloud nodes can never reach these IDC addresses.

    Fails::
        cluster: {podCIDRs: [10.20.64.0/18]}
        alibabaCloud: {vpc: {podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]}}
    Passes::
        cluster: {podCIDRs: [10.100.0.0/16]}
        alibabaCloud: {vpc: {podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]}}

    Source: VPC CreateRouteEntry.
    """
    ranges = ranges_of(spec)
    ours = Group((*ranges.nodes, *ranges.pods))
    for switch in ranges.vswitches:
        if idc := ours.meets(switch):
            yield finding(
                switch.value,
                f"{idc} overlaps {switch}: the route to the IDC would be shadowed",
                "use a vSwitch outside of the IDC's ranges",
            )


@rule("NET005")
def idc_in_vpc(spec: Spec) -> Findings:
    """An IDC range, or the API server, shares addresses with the VPC's range.

    It works only with routes in the VPC's route table that are more specific than the VPC's own CIDR: without them
    cloud nodes look for the IDC inside the VPC, and joins time out.

    Fails::
        cluster: {podCIDRs: [10.20.128.0/18]}
        alibabaCloud: {vpc: {cidrs: [10.20.0.0/16]}}
    Passes::
        cluster: {podCIDRs: [10.100.0.0/16]}
        alibabaCloud: {vpc: {cidrs: [10.20.0.0/16]}}

    Source: Alibaba Cloud, "Plan CIDR blocks for an ACK cluster", scenario 4; VPC CreateRouteEntry.
    """
    ranges = ranges_of(spec)
    idc = (*ranges.nodes, *ranges.pods)
    endpoint = api_server(spec)
    # An address of a range that is reported anyway needs no route of its own.
    alone = endpoint is not None and Group(idc).meets(endpoint) is None
    vswitches, cloud = Group(ranges.vswitches), Group(ranges.vpc)
    for item in (*idc, *((endpoint,) if endpoint is not None and alone else ())):
        vpc = cloud.meets(item)
        if vpc is not None and vswitches.meets(item) is None:
            how = "lies in" if cidr.inside(item.span, vpc.range.span) else "holds"
            yield finding(
                item.value,
                f"{item} {how} the {vpc.range}",
                "add a more specific route to the VPC's route table, and check it before the first node joins",
            )


@rule("NET006")
def nodes_overlap_pods(spec: Spec) -> Findings:
    """IDC node CIDR and IDC pod CIDR overlap.

    Calico would hand out addresses of machines to pods.

    Fails::
        cluster: {nodeCIDRs: [10.100.8.0/24], podCIDRs: [10.100.0.0/16]}
    Passes::
        cluster: {nodeCIDRs: [192.168.0.0/24], podCIDRs: [10.100.0.0/16]}

    Source: Alibaba Cloud, "Plan CIDR blocks for an ACK cluster".
    """
    ranges = ranges_of(spec)
    nodes = Group(ranges.nodes)
    for pod in ranges.pods:
        if node := nodes.meets(pod):
            yield finding(pod.value, f"{node} and {pod} overlap", "correct the two ranges")


@rule("NET007")
def reserved_by_alibaba(spec: Spec) -> Findings:
    """A range overlaps 100.64.0.0/10.

    Alibaba Cloud serves metadata (100.100.100.200), DNS (100.100.2.136 and .138), internal OSS and package mirrors
    from this range: nodes lose them, and the VPC refuses routes into it.

    Fails::
        cluster: {nodeCIDRs: [100.64.8.0/24]}
    Passes::
        cluster: {nodeCIDRs: [192.168.0.0/24]}

    Source: VPC and SLB documentation.
    """
    reserved = _span(RESERVED)
    for item in ranges_of(spec).every():
        if overlap(item.span, reserved):
            yield finding(item.value, f"{item} overlaps {RESERVED}, reserved by Alibaba Cloud", "choose another range")


@rule("NET008")
def special_purpose(spec: Spec) -> Findings:
    """A range overlaps link-local, loopback or multicast addresses.

    They never leave a host (node-local-dns listens on 169.254.20.10), so nothing with such an address is reachable.

    Fails::
        cluster: {nodeCIDRs: [169.254.8.0/24]}
    Passes::
        cluster: {nodeCIDRs: [192.168.0.0/24]}

    Source: RFC 6890; Calico IPPool validation.
    """
    special = [(text, _span(text)) for text in SPECIAL]
    for item in ranges_of(spec).every():
        for text, span in special:
            if overlap(item.span, span):
                message = f"{item} overlaps {text}, a link-local, loopback or multicast range"
                yield finding(item.value, message, "choose another range")


@rule("NET009")
def vswitch_outside_vpc(spec: Spec) -> Findings:
    """A vSwitch does not lie in the VPC.

    One of the two is mistyped, or the VPC has a secondary CIDR that the spec does not list.

    Fails::
        alibabaCloud:
          vpc:
            cidrs: [10.20.0.0/16]
            podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.21.64.0/19}]
    Passes::
        alibabaCloud:
          vpc:
            cidrs: [10.20.0.0/16, 10.21.0.0/16]
            podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.21.64.0/19}]

    Source: VPC CreateVSwitch.
    """
    ranges = ranges_of(spec)
    if not ranges.vpc.whole:
        return
    cloud = Group(ranges.vpc)
    named = {version: [item.value for item in ranges.vpc if item.span.version == version] for version in (4, 6)}
    for switch in ranges.vswitches:
        # The widest of those that it meets: when it does not lie in that one, it lies in none.
        vpc, same = cloud.meets(switch), named[switch.span.version]
        if same and (vpc is None or not cidr.inside(switch.span, vpc.range.span)):
            yield finding(
                switch.value,
                f"{switch} is not inside the VPC ({few(same)})",
                "correct the CIDR, or list the VPC's secondary CIDR in alibabaCloud.vpc.cidrs",
            )


@rule("NET010")
def vswitches_overlap(spec: Spec) -> Findings:
    """Two vSwitches overlap.

    A VPC cannot hold such a pair, so one of them is mistyped.

    Fails::
        alibabaCloud:
          vpc:
            podVSwitches:
              - {id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}
              - {id: vsw-uf6podm, zone: cn-shanghai-m, cidr: 10.20.80.0/20}
    Passes::
        alibabaCloud:
          vpc:
            podVSwitches:
              - {id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}
              - {id: vsw-uf6podm, zone: cn-shanghai-m, cidr: 10.20.96.0/19}

    Source: VPC CreateVSwitch.
    """
    by_id: dict[str, list[Range]] = {}
    for switch in ranges_of(spec).vswitches:
        by_id.setdefault(switch.name.split()[-1], []).append(switch)
    earlier = Group()
    for ranges in by_id.values():
        for later in ranges:
            if other := earlier.meets(later):
                yield finding(later.value, f"{later} and {other} overlap", "correct one of them")
        earlier.add(ranges)


@rule("NET014")
def docker_bridge(spec: Spec) -> Findings:
    """A range overlaps 172.17.0.0/16, Docker's default bridge.

    A machine with Docker on it (a build host, an old node, a custom image) keeps 172.17.0.0/16 for itself: it
    answers such addresses from its own bridge, and nothing behind them is reachable from there.

    Fails::
        cluster: {podCIDRs: [172.17.0.0/16]}
    Passes::
        cluster: {podCIDRs: [10.100.0.0/16]}

    Source: Alibaba Cloud, "Plan CIDR blocks for an ACK cluster"; Docker's default address pool.
    """
    docker = _span(DOCKER_BRIDGE)
    ranges = ranges_of(spec)
    for item in (*ranges.services, *ranges.nodes, *ranges.pods, *ranges.vswitches):
        if overlap(item.span, docker):
            yield finding(
                item.value,
                f"{item} overlaps Docker's default bridge ({DOCKER_BRIDGE})",
                "choose another range, or make sure that no machine that talks to it runs Docker",
            )


@rule("NET019")
def api_server_in_cluster_range(spec: Spec) -> Findings:
    """The API server's address lies in the Service or pod CIDR.

    A cloud node dials the API server before it has kube-proxy or a CNI, when Service and pod addresses mean nothing:
    the join times out, and the autoscaler buys the next node.

    Fails::
        cluster: {apiServer: 172.16.0.1:6443, serviceCIDRs: [172.16.0.0/16]}
    Passes::
        cluster: {apiServer: 192.168.0.10:6443, serviceCIDRs: [172.16.0.0/16]}

    Source: inferred from the order in which a node comes up.
    """
    endpoint = api_server(spec)
    if endpoint is None:
        return
    ranges = ranges_of(spec)
    if item := Group((*ranges.services, *ranges.pods)).meets(endpoint):
        yield finding(
            endpoint.value,
            f"{endpoint} lies in the {item}",
            "use the address of a machine or a load balancer that cloud nodes reach without the cluster's network",
        )


def _span(text: str) -> Span:
    span = cidr.parse(text)
    if span is None:
        raise ValueError(text)
    return span
