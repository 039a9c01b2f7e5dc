"""NODE: instance types, images and what they can hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybridc.catalog import ack, instance_types, systems
from hybridc.catalog.cni import plugin
from hybridc.rules.node.quota import addresses, arch, image_systems, pods
from hybridc.rules.ranges import ranges_of
from hybridc.rules.rule import TERWAY, Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Image, NodePool, Spec, Terway
from hybridc.words import nearest

_NUMBER = re.compile(r"[0-9]{1,9}")


@rule("NODE002", over=TERWAY)
def more_pods_than_addresses(spec: Spec, _: Terway) -> Findings:
    """`max-pods` promises more pods than an instance type has addresses for.

    The scheduler goes on placing pods on the node, and they wait for an address for ever. Without `max-pods` the
    node script sets it for each instance type whose quota is known.

    Fails::
        nodeInit: {kubeletExtraArgs: {max-pods: "110"}}
    Passes::
        nodeInit: {kubeletExtraArgs: {}}

    Source: Terway pkg/k8s: it no longer sets what a node can allocate; kubelet's default is 110.
    """
    args = spec.node_init.kubelet_extra_args
    if not _NUMBER.fullmatch(str(args.get("max-pods", ""))):
        return
    wanted = int(args["max-pods"])
    found = [(n, t) for pool in spec.node_pools for t in pool.instance_types if (n := pods(spec, t)) is not None]
    if found and wanted > min(found)[0] + ack.HOST_NETWORK_PODS:
        number, instance_type = min(found)
        yield finding(
            args["max-pods"],
            f"max-pods {wanted} exceeds the {number} pod addresses of {instance_type}",
            "remove it: the node script sets max-pods for each instance type",
        )


@rule("NODE003", over=TERWAY)
def few_pods(spec: Spec, _: Terway) -> Findings:
    """An instance type with addresses for 11 pods or fewer.

    Half of them are taken by what runs on every node. ACK itself refuses such types in Terway clusters.

    Fails::
        nodePools:
          - instanceTypes: [ecs.g6.large]
    Passes::
        nodePools:
          - instanceTypes: [ecs.g6.xlarge]

    Source: ACK, Terway node requirements (inferred, not measured).
    """
    for pool in spec.node_pools:
        for instance_type in pool.instance_types:
            number = pods(spec, instance_type)
            if number is not None and number <= ack.REFUSED_PODS:
                yield finding(
                    instance_type,
                    f"{instance_type} has addresses for {number} pods only",
                    "use a larger type: more network interfaces, or more addresses on each",
                )


@rule("NODE017")
def unknown_type(spec: Spec) -> Findings:
    """An instance type that the catalog does not know, or whose ENI quota it does not know.

    A type that does not exist ends as a pool that makes no node. Of one that does, ENI006, NODE002 and NODE003 say
    nothing, and its nodes keep the kubelet's default of 110 pods, however few addresses they have: pods beyond them
    wait for an address for ever. Correct the name; or give its quota, or `max-pods`.

    Fails::
        nodePools:
          - instanceTypes: [ecs.g9ex.2xlarge]
    Passes::
        alibabaCloud:
          instanceTypes: {ecs.g9ex.2xlarge: {enis: 4, ipsPerENI: 15}}

    Source: ECS DescribeInstanceTypes: EniQuantity, EniPrivateIpAddressQuantity.
    """
    said: set[str] = set()
    for pool in spec.node_pools:
        for name in pool.instance_types:
            if name in said or pods(spec, name) is not None or name in spec.alibaba_cloud.instance_types:
                continue
            said.add(name)
            known = instance_types.find(name) is not None
            what = f"the ENI quota of {name} is not known" if known else f"the catalog does not know {name}"
            limit = "" if spec.terway is None else ": its nodes keep the kubelet's limit of 110 pods"
            quota = f"add alibabaCloud.instanceTypes: {{{name}: {{enis: …, ipsPerENI: …}}}}"
            near = None if known else nearest(name, instance_types.siblings(name))
            yield finding(name, what + limit, f'did you mean "{near}"? If not, {quota}' if near else quota)


@rule("NODE033", over=TERWAY)
def no_ipv6_addresses(spec: Spec, terway: Terway) -> Findings:
    """Dual stack on an instance type whose ENIs have fewer IPv6 addresses than IPv4 addresses.

    Terway gives IPv6 to pods only where both quotas of an ENI are equal; elsewhere it switches IPv6 off without a
    word, and the pods of that node have IPv4 only.

    Fails::
        cluster: {serviceCIDRs: [172.20.0.0/16, "fd00:172:20::/112"]}
        alibabaCloud:
          vpc:
            podVSwitches:
              - {id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19, ipv6CIDR: "2408:4002:10:1::/64"}
        terway: {ipStack: dual}
        nodePools: [{instanceTypes: [ecs.g6.2xlarge]}]     # an ENI has 10 IPv4 and 1 IPv6 addresses
    Passes::
        cluster: {serviceCIDRs: [172.20.0.0/16, "fd00:172:20::/112"]}
        alibabaCloud:
          vpc:
            podVSwitches:
              - {id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19, ipv6CIDR: "2408:4002:10:1::/64"}
        terway: {ipStack: dual}
        nodePools: [{instanceTypes: [ecs.g7.2xlarge]}]

    Source: Terway v1.17.5 pkg/aliyun/client, SupportMultiIPIPv6; ECS instance families.
    """
    if terway.ip_stack != "dual":
        return
    for pool in spec.node_pools:
        for name in pool.instance_types:
            ipv4, ipv6 = addresses(spec, name)
            if ipv4 is not None and ipv6 is not None and ipv4 != ipv6:
                yield finding(
                    name,
                    f"an ENI of {name} has {ipv4} IPv4 and {ipv6} IPv6 addresses: Terway switches IPv6 off there",
                    "use a type with as many IPv6 as IPv4 addresses, or ipStack: ipv4",
                )


@rule("NODE037", over=TERWAY)
def nodes_without_ipv6(spec: Spec, terway: Terway) -> Findings:
    """Dual stack, and a vSwitch of nodes has no IPv6 range.

    Pods get theirs from Terway's interfaces. The Node itself, and every pod in its network, has IPv4 only: the node
    script registers both addresses where `eth0` has them, and warns where it has not.

    Fails::
        cluster: {serviceCIDRs: [172.20.0.0/16, "fd00:172:20::/112"]}
        alibabaCloud:
          vpc:
            podVSwitches:
              - {id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19, ipv6CIDR: "2408:4002:10:1::/64"}
        terway: {ipStack: dual}
    Passes::
        cluster: {serviceCIDRs: [172.20.0.0/16, "fd00:172:20::/112"]}
        alibabaCloud:
          vpc:
            nodeVSwitches:
              - {id: vsw-uf6nodel, zone: cn-shanghai-l, cidr: 10.20.0.0/24, ipv6CIDR: "2408:4002:10:2::/64"}
              - {id: vsw-uf6nodel2, zone: cn-shanghai-l, cidr: 10.20.1.0/24, ipv6CIDR: "2408:4002:10:3::/64"}
            podVSwitches:
              - {id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19, ipv6CIDR: "2408:4002:10:1::/64"}
        terway: {ipStack: dual}

    Source: kubernetes.io, "IPv4/IPv6 dual-stack": --node-ip of both families without a cloud provider.
    """
    if terway.ip_stack != "dual":
        return
    for switch in spec.alibaba_cloud.vpc.node_vswitches:
        if switch.ipv6_cidr is None:
            message = f"dual stack, and node vSwitch {switch.id} has no ipv6CIDR: its nodes have IPv4 only"
            yield finding(switch.id, message, "add it, and look that instances there get an IPv6 address")


@rule("NODE018")
def architecture(spec: Spec) -> Findings:
    """The image of a pool is for another architecture than an instance type of it.

    The instance does not boot, or ACK refuses the pool. One pool holds one architecture.

    Fails::
        nodePools:
          - instanceTypes: [ecs.g8y.2xlarge]
            image: {type: AliyunLinux3}
    Passes::
        nodePools:
          - instanceTypes: [ecs.g8y.2xlarge]
            image: {type: AliyunLinux3Arm64}

    Source: ACK OpenAPI CreateClusterNodePool: image_type; ECS instance families.
    """
    for pool in spec.node_pools:
        types = [(name, found) for name in pool.instance_types if (found := arch(spec, name)) is not None]
        image = _image_arch(pool.image) or (types[0][1] if types else None)
        for instance_type, of_type in types:
            if of_type == image:
                continue
            named = f"image {pool.image.type}" if _image_arch(pool.image) else f"{types[0][0]} of the same pool"
            advice = "AliyunLinux3Arm64 is an arm64 image" if of_type == "arm64" else "use an image without Arm64"
            yield finding(
                instance_type,
                f"{instance_type} is {of_type}, {named} is {image}",
                f"{advice}; or put the type into a pool of its own",
            )


def _image_arch(image: Image) -> str | None:
    """The architecture that an image type names; an image known by its id alone tells nothing."""
    if is_hole(image.type) or image.type is None:
        return None
    return "arm64" if image.type.endswith("Arm64") else "amd64"


@rule("NODE021")
def pod_ranges_run_out(spec: Spec) -> Findings:
    """The pod network has fewer node ranges than the pools may have nodes.

    With Flannel and Canal every node takes a /24 of the pod network, cloud nodes too although they do not use it.
    When none is left, the next IDC node gets no pod network.

    Fails::
        cluster: {cni: {type: flannel}, podCIDRs: [10.244.0.0/20]}
        nodePools: [{size: {max: 50}}]
    Passes::
        cluster: {cni: {type: flannel}, podCIDRs: [10.244.0.0/16]}
        nodePools: [{size: {max: 50}}]

    Source: kube-controller-manager --allocate-node-cidrs, --node-cidr-mask-size 24 (its default; inferred).
    """
    size = plugin(spec.cluster.cni.type).node_range
    if size is None:
        return
    networks = ranges_of(spec).pods
    ipv4 = [item for item in networks if item.span.version == 4]
    if not networks.whole or not spec.node_pools.whole or not ipv4:
        return
    ranges = sum(2 ** max(0, size - item.span.prefix) for item in ipv4)
    nodes = sum(pool.size.most for pool in spec.node_pools)
    if nodes >= ranges:
        yield finding(
            ipv4[0].value,
            f"the pod network has {ranges} node ranges (/{size}), the pools alone may have {nodes} nodes",
            "widen --cluster-cidr, or keep the pools smaller: cloud nodes take a range each",
        )


@rule("NODE026")
def two_families(spec: Spec) -> Findings:
    """Images of two package families, and `nodeInit.os` is not auto.

    One script serves all pools. Compiled for one system it refuses to run on another, so every node of the other
    pools fails. An image by its `id` tells no system.

    Fails::
        nodeInit: {os: alinux3}
        nodePools: [{name: alinux, image: {type: AliyunLinux3}}, {name: ubuntu, image: {type: Ubuntu}}]
    Passes::
        nodeInit: {os: auto}
        nodePools:
          - {name: alinux, image: {type: AliyunLinux3}}
          - {name: ubuntu, image: {type: null, id: m-uf6a1b2c3d4e5f6}}

    Source: hybridc.
    """
    if len(_families(spec)) > 1:
        types = dict.fromkeys(str(pool.image.type) for pool in _typed(spec))
        yield finding(
            spec.node_init.os,
            f"the pools use images of two families ({', '.join(types)}), and nodeInit.os is {spec.node_init.os}",
            "set nodeInit.os to auto: the script then looks at the system",
        )


@rule("NODE027")
def image_of_another_system(spec: Spec) -> Findings:
    """A pool's image boots another system than `nodeInit.os`.

    The script stops in its first phase ("compiled for alinux3, but this is ubuntu 24.04"), and no node joins.

    Fails::
        nodeInit: {os: ubuntu-24.04}
        nodePools: [{image: {type: AliyunLinux3}}]
    Passes::
        nodeInit: {os: ubuntu-24.04}
        nodePools: [{image: {type: null, id: m-uf6a1b2c3d4e5f6}}]

    Source: hybridc; ACK image types.
    """
    if len(_families(spec)) > 1:
        return
    system = spec.node_init.os
    for pool in _typed(spec):
        boots = [entry.id for entry in image_systems(pool.image.type)]
        if boots and system not in boots:
            yield finding(
                pool.image.type,
                f'pool "{pool.name}": image {pool.image.type} boots {" or ".join(boots)}, nodeInit.os is {system}',
                f"use an image of {system}, or set nodeInit.os to {boots[0]} or auto",
            )


def _typed(spec: Spec) -> Iterator[NodePool]:
    """The pools that name a type of image, when the script is for one system only."""
    if spec.node_init.mode == "script" and spec.node_init.os != systems.AUTO.id:
        for pool in spec.node_pools:
            if not is_hole(pool.image.type) and pool.image.type is not None:
                yield pool


def _families(spec: Spec) -> set[str | None]:
    return {entry.family for pool in _typed(spec) for entry in image_systems(pool.image.type)}
