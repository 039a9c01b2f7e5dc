"""NET: ranges that are too small, routes and peers that are too many, and what firewalls must let through."""

from __future__ import annotations

from hybridc import cidr
from hybridc.catalog import cni as catalog
from hybridc.catalog import kubernetes, network
from hybridc.cidr import Span
from hybridc.diagnostic import ERROR, WARNING
from hybridc.rules.partial import whole_pools
from hybridc.rules.pools import demand
from hybridc.rules.ranges import Range, ranges_of
from hybridc.rules.rule import TERWAY, Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.items import Items
from hybridc.spec.model import Spec, Terway


@rule("NET011")
def one_vswitch_for_nodes_and_pods(spec: Spec) -> Findings:
    """A pod vSwitch is also a node vSwitch.

    Pods and nodes then take addresses from one range: a burst of pods leaves none for the next node, and the
    exclusion of pod addresses from SNAT or firewalls hits nodes as well. Alibaba's own text wants two.

    Fails::
        alibabaCloud:
          vpc:
            nodeVSwitches: [{id: vsw-uf6l, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]
            podVSwitches: [{id: vsw-uf6l, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]
        nodePools: [{vSwitches: [vsw-uf6l]}]
    Passes::
        alibabaCloud:
          vpc:
            nodeVSwitches: [{id: vsw-uf6nodel, zone: cn-shanghai-l, cidr: 10.20.0.0/24}]
            podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]
        nodePools: [{vSwitches: [vsw-uf6nodel]}]

    Source: ACK OpenAPI CreateCluster, pod_vswitch_ids. ACK Edge allows it.
    """
    vpc = spec.alibaba_cloud.vpc
    nodes = {switch.id for switch in vpc.node_vswitches if not is_hole(switch.id)}
    for switch in vpc.pod_vswitches:
        if not is_hole(switch.id) and switch.id in nodes:
            yield finding(
                switch.id,
                f"pod vSwitch {switch.id} is also a node vSwitch",
                "give pods a vSwitch of their own in this zone",
            )


@rule("NET012")
def small_pod_vswitch(spec: Spec) -> Findings:
    """A pod vSwitch smaller than /25 (an error) or than the recommended /19 (a warning).

    Every pod takes one address of it, and Terway keeps some warm on each node. When it is used up, pods stay in
    ContainerCreating with an error that names no vSwitch; a vSwitch cannot grow.

    Fails::
        alibabaCloud:
          vpc:
            podVSwitches:
              - {id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/24}
              - {id: vsw-uf6podl2, zone: cn-shanghai-l, cidr: 10.20.65.0/26}
    Passes::
        alibabaCloud: {vpc: {podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]}}

    Source: Alibaba Cloud, "Create a cluster": a pod vSwitch of /19 or larger is recommended, /25 is the smallest.
    """
    for switch in spec.alibaba_cloud.vpc.pod_vswitches:
        span = None if is_hole(switch.cidr) or is_hole(switch.id) else cidr.parse(switch.cidr)
        if span is None or span.version != 4 or span.prefix <= network.RECOMMENDED_POD_VSWITCH:
            continue
        wanted, smallest = f"/{network.RECOMMENDED_POD_VSWITCH} or larger", network.SMALLEST_POD_VSWITCH
        message = f"pod vSwitch {switch.id} has {_usable(span)} addresses (/{span.prefix})"
        if span.prefix > smallest:
            yield finding(switch.cidr, f"{message}, /{smallest} is the smallest that works", f"use {wanted}")
        else:
            yield finding(switch.cidr, f"{message}, {wanted} is recommended", _ADD_VSWITCH, WARNING)


_ADD_VSWITCH = "use a larger one, or add a second pod vSwitch in this zone; a vSwitch cannot grow"


@rule("NET013", over=TERWAY)
def too_few_pod_addresses(spec: Spec, terway: Terway) -> Findings:
    """A zone has fewer pod addresses than its nodes can take; an error when not even one a node is left.

    The largest instance type of a pool counts with all addresses of its ENIs (where its quota is known), and with at
    least `poolSize.max`, at the pool's largest size. A vSwitch loses four addresses to the VPC. When the addresses
    run out, new nodes join and stay without pods.

    Fails::
        alibabaCloud: {vpc: {podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/25}]}}     # 124
        nodePools: [{instanceTypes: [ecs.g6.xlarge, ecs.g6.2xlarge], size: {max: 300}}]     # 300 nodes, 30 pods each
    Fails::
        alibabaCloud: {vpc: {podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/22}]}}     # 1020
        nodePools: [{instanceTypes: [ecs.g6.xlarge, ecs.g6.2xlarge], size: {max: 300}}]
    Passes::
        alibabaCloud: {vpc: {podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]}}     # 8188
        nodePools: [{instanceTypes: [ecs.g6.xlarge, ecs.g6.2xlarge], size: {max: 50}}]

    Source: VPC documentation (the first and the last three addresses are reserved); Terway examples/maxpods.
    """
    vpc = spec.alibaba_cloud.vpc
    if not (vpc.node_vswitches.whole and vpc.pod_vswitches.whole and whole_pools(spec)):
        return
    by_zone: dict[str, list[tuple[str, Span]]] = {}
    for switch in vpc.pod_vswitches:
        span = cidr.parse(switch.cidr)
        if span is None:
            return
        by_zone.setdefault(switch.zone, []).append((switch.cidr, span))
    for zone, needed in demand(spec, terway).items():
        have = sum(_usable(span) for _, span in by_zone.get(zone, ()))
        if not have or have >= needed.most:
            continue
        yield finding(
            by_zone[zone][0][0],
            f"zone {zone} has {have} pod addresses, and up to {needed.nodes} nodes that can take {needed.most}",
            "add a pod vSwitch in this zone, or lower size.max of its node pools",
            ERROR if have < needed.least else None,
        )


def _usable(span: Span) -> int:
    """Addresses of a vSwitch that are not reserved by the VPC."""
    return max(0, span.last - span.first + 1 - network.VSWITCH_RESERVED)


@rule("NET015")
def many_blocks(spec: Spec) -> Findings:
    """Calico may advertise more blocks over BGP than a VBR keeps.

    Calico advertises a /26 block for every IDC node, and another when that is full: two for the 110 pods that a kubelet
    runs unless it is told otherwise. Canal advertises a /24 a node. A VBR keeps 110 routes of a BGP peer and drops the
    rest without a word: the pods behind them are unreachable from the cloud. How many nodes the IDC has is not in the
    spec, so this counts the largest number that the ranges allow and is information only; the live routes decide.

    Fails::
        cluster:
          nodeCIDRs: [192.168.0.0/24]     # up to 254 nodes
          podCIDRs: [10.100.0.0/16]       # 1024 blocks
    Passes::
        cluster:
          nodeCIDRs: [192.168.0.0/27]     # up to 30 nodes
          podCIDRs: [10.100.0.0/16]

    Source: Alibaba Cloud VBR documentation: 110 dynamic routes of a BGP peer; Calico IPAM blockSize 26.
    """
    cni = spec.cluster.cni
    ranges = ranges_of(spec)
    plugin = catalog.plugin(cni.type)
    if cni.routing != "bgp" or plugin.block is None or not (ranges.nodes.whole and ranges.pods.whole):
        return
    blocks = sum(2 ** max(0, plugin.block - item.span.prefix) for item in ranges.pods if item.span.version == 4)
    each = -(-kubernetes.MAX_PODS // 2 ** (32 - plugin.block))
    most = min(blocks, each * _hosts(ranges.nodes))
    if ranges.pods and most > network.LEARNED_ROUTES:
        pods = ", ".join(item.value for item in ranges.pods)
        yield finding(
            ranges.pods[0].value,
            f"{most} {plugin.title} blocks can be advertised ({each} by a node of {kubernetes.MAX_PODS} pods), "
            f"a VBR keeps {network.LEARNED_ROUTES} of a BGP peer",
            f"announce {pods} as a whole at the IDC router, and not its blocks",
        )


def _hosts(group: Items[Range]) -> int:
    return sum(max(1, item.span.last - item.span.first - 1) for item in group if item.span.version == 4)


@rule("NET016")
def reserved_asn(spec: Spec) -> Findings:
    """The IDC uses an autonomous system number of Alibaba Cloud.

    45104 is what a VBR speaks as, 65025 is reserved: BGP drops routes that carry its own number, so nothing is
    learned on one side.

    Fails::
        cluster: {cni: {type: calico, routing: bgp, asNumber: 45104}}
    Passes::
        cluster: {cni: {type: calico, routing: bgp, asNumber: 64512}}

    Source: Express Connect, CreateBgpGroup.
    """
    number = spec.cluster.cni.as_number
    if number is not None and number in network.RESERVED_ASNS:
        yield finding(
            number, f"AS number {number} is {network.RESERVED_ASNS[int(number)]}", "use another private one: 64512"
        )


@rule("NET017")
def too_many_routes(spec: Spec) -> Findings:
    """The IDC's ranges need more custom routes than a VPC route table holds.

    Cloud nodes reach each node and pod range of the IDC by a route in the VPC's table, and a table holds 200. What
    does not fit is simply not reachable.

    Fails::
        cluster: {podCIDRs: [10.100.0.0/24, 10.100.1.0/24, …]}     # 201 of them
    Passes::
        cluster: {podCIDRs: [10.100.0.0/16]}

    Source: VPC limits: 200 custom routes in a route table.
    """
    ranges = ranges_of(spec)
    count = len(ranges.nodes) + len(ranges.pods)
    if ranges.nodes.whole and ranges.pods.whole and count > network.CUSTOM_ROUTES:
        yield finding(
            (ranges.pods or ranges.nodes)[0].value,
            f"the IDC's {count} ranges need as many routes, a VPC route table holds {network.CUSTOM_ROUTES}",
            "list (and route) aggregated prefixes",
        )


@rule("NET020")
def firewalls(spec: Spec) -> Findings:
    """What the security groups and the IDC's firewall must let through, for routed networks.

    The most common reason for a first node that does not join, or for pods that see only half of the cluster, is a
    security group that does not know the IDC's ranges. It cannot be seen from here; the ranges can.

    Fails::
        cluster: {cni: {type: calico, routing: bgp}}
    Passes::
        cluster:
          cni: {type: flannel, routing: overlay, version: 0.28.9, existingNodeSelectorTerms: null, excludeAlso: null}
        alibabaCloud: {vpc: {podVSwitches: null}}
        terway: null

    Source: inferred from who talks to whom; kubelet, API server and pods all use these ranges.
    """
    if spec.cluster.cni.routing not in ("bgp", "host"):
        return
    ranges = ranges_of(spec)
    if not (ranges.nodes.whole and ranges.pods.whole and ranges.vswitches.whole):
        return  # the advice is all of them
    idc = ", ".join(item.value for item in (*ranges.nodes, *ranges.pods))
    cloud = ", ".join(item.value for item in ranges.vswitches)
    if not idc or not cloud:
        return
    yield finding(
        spec.cluster.cni.routing,
        "nodes and pods of both sides must reach each other: open the firewalls before the first node",
        f"security groups of cloud nodes and pods: let in {idc}; IDC firewall: let {cloud} reach the API server",
    )


@rule("NET021")
def overlay_needs(spec: Spec) -> Findings:
    """What an overlay that reaches into the cloud needs of the network.

    The tunnel's packets must pass security groups and CEN, its MTU must fit the path, cloud nodes need podCIDRs of
    the controller manager's cluster CIDR, and must be able to pull the CNI's images: each of them shows up as pods
    that start and cannot talk.

    Fails::
        cluster:
          cni: {type: flannel, routing: overlay, version: 0.28.9, existingNodeSelectorTerms: null, excludeAlso: null}
        alibabaCloud: {vpc: {podVSwitches: null}}
        terway: null
    Passes::
        cluster: {cni: {type: calico, routing: bgp}}

    Source: Alibaba Cloud, "Deploy and configure Terway" (208052), scenario 1; ports inferred from each project's
    documentation.
    """
    cni = spec.cluster.cni
    if cni.routing == "overlay":
        yield finding(
            cni.routing,
            f"overlay: security groups and the IDC firewall must let {catalog.plugin(cni.type).tunnel} through",
            "check the tunnel's MTU, room for more podCIDRs, and that cloud nodes can pull the CNI's images",
        )


@rule("NET022")
def masqueraded_services(spec: Spec) -> Findings:
    """kube-proxy that knows only the IDC's pods takes those of cloud nodes for strangers.

    With `clusterCIDR` in its configuration (kubeadm writes the pod range of the IDC there; k3s and RKE2 do the like)
    kube-proxy masquerades what comes to a Service from any other address. Pods of cloud nodes have addresses of the
    VPC: whatever they ask by way of a Service sees the node's address, so logs, allow-lists and NetworkPolicies there
    do not know them. Traffic to a pod's own address is not touched.

    Fails::
        cluster: {cni: {type: calico, routing: bgp}}
    Passes::
        cluster:
          cni: {type: flannel, routing: overlay, version: 0.28.9, existingNodeSelectorTerms: null, excludeAlso: null}
        alibabaCloud: {vpc: {podVSwitches: null}}
        terway: null

    Source: Kubernetes documentation, kube-proxy configuration, clusterCIDR and detectLocalMode; its effect on Terway's
    pods is inferred.
    """
    if spec.cluster.cni.routing == "bgp":
        yield finding(
            spec.cluster.cni.routing,
            "with clusterCIDR in kube-proxy's configuration, Services see cloud pods by their node's address",
            "leave clusterCIDR empty in ConfigMap kube-system/kube-proxy where that matters (docs/networking.md)",
        )
