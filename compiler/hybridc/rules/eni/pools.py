"""ENI: vSwitches, security groups and address pools. Terway ignores most mistakes in them without a word."""

from __future__ import annotations

from hybridc.catalog import terway as facts
from hybridc.rules.partial import members, whole_pools
from hybridc.rules.pools import odd_zones, pool_size, type_pods, zones_of_pools
from hybridc.rules.rule import TERWAY, Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec, Terway, VSwitch
from hybridc.spec.origin import written
from hybridc.words import MOST_NAMES, few, nearest


@rule("ENI001", over=TERWAY)
def zone_without_pod_vswitch(spec: Spec, _: Terway) -> Findings:
    """A zone of a node pool has no pod vSwitch.

    Terway finds no entry for the node's zone and silently uses the node's own vSwitch: pods eat node addresses until
    no node can start.

    Fails::
        alibabaCloud:
          vpc:
            nodeVSwitches: [{id: vsw-uf6nodem, zone: cn-shanghai-m, cidr: 10.20.1.0/24}]
            podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]
        nodePools: [{vSwitches: [vsw-uf6nodem]}]
    Passes::
        alibabaCloud:
          vpc:
            nodeVSwitches: [{id: vsw-uf6nodem, zone: cn-shanghai-m, cidr: 10.20.1.0/24}]
            podVSwitches: [{id: vsw-uf6podm, zone: cn-shanghai-m, cidr: 10.20.96.0/19}]
        nodePools: [{vSwitches: [vsw-uf6nodem]}]

    Source: Terway daemon/builder.go, pkg/eni/node_reconcile.go.
    """
    if odd_zones(spec) or not spec.alibaba_cloud.vpc.pod_vswitches.whole:
        return
    served = {switch.zone: switch.id for switch in spec.alibaba_cloud.vpc.pod_vswitches}
    wanted = zones_of_pools(spec)
    idle = few([f"{vswitch} is in {zone}, where no pool is" for zone, vswitch in served.items() if zone not in wanted])
    hint = f" ({idle})" if idle else ""
    for zone, (pool, vswitch) in wanted.items():
        if zone not in served:
            yield finding(
                vswitch,
                f'zone {zone} of node pool "{pool}" has no pod vSwitch',
                f"add a vSwitch of {zone} to alibabaCloud.vpc.podVSwitches{hint}; Terway would use the node's own",
            )


@rule("ENI002", over=TERWAY)
def zone_without_pool(spec: Spec, _: Terway) -> Findings:
    """A pod vSwitch in a zone that no node pool uses.

    Terway reads only the entry of the node's own zone, so this one is never used. Harmless, but somebody planned for
    a zone that has no nodes.

    Fails::
        alibabaCloud:
          vpc:
            podVSwitches:
              - {id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}
              - {id: vsw-uf6podn, zone: cn-shanghai-n, cidr: 10.20.128.0/19}
        nodePools: [{vSwitches: [vsw-uf6nodel, vsw-uf6nodel2]}]     # both in cn-shanghai-l
    Passes::
        alibabaCloud: {vpc: {podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]}}
        nodePools: [{vSwitches: [vsw-uf6nodel, vsw-uf6nodel2]}]

    Source: Terway daemon/builder.go.
    """
    used = zones_of_pools(spec)
    if not used or odd_zones(spec):
        return
    if not spec.alibaba_cloud.vpc.node_vswitches.whole or not whole_pools(spec):
        return
    for switch in spec.alibaba_cloud.vpc.pod_vswitches:
        if switch.zone not in used:
            yield finding(
                switch.zone,
                f"pod vSwitch {switch.id}: no node pool uses zone {switch.zone}",
                "remove it, or add a vSwitch of that zone to a node pool",
            )


@rule("ENI003")
def vswitch_listed_twice(spec: Spec) -> Findings:
    """A vSwitch is listed twice.

    A vSwitch has one zone; under any other, Terway skips it at run time and says `no available vSwitch for zone`.

    Fails::
        alibabaCloud:
          vpc:
            podVSwitches:
              - {id: vsw-uf6pod, zone: cn-shanghai-l, cidr: 10.20.64.0/19}
              - {id: vsw-uf6pod, zone: cn-shanghai-m, cidr: 10.20.64.0/19}
    Passes::
        alibabaCloud:
          vpc:
            podVSwitches:
              - {id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}
              - {id: vsw-uf6podm, zone: cn-shanghai-m, cidr: 10.20.96.0/19}

    Source: Terway pkg/vswitch/vswitch.go.
    """
    for switches in (spec.alibaba_cloud.vpc.node_vswitches, spec.alibaba_cloud.vpc.pod_vswitches):
        first: dict[str, VSwitch] = {}
        for switch in switches:
            if is_hole(switch.id) or is_hole(switch.zone):
                continue
            other = first.setdefault(switch.id, switch)
            if other is not switch:
                zones = f"under {other.zone} and {switch.zone}" if other.zone != switch.zone else "twice"
                yield finding(switch.id, f"vSwitch {switch.id} is listed {zones}", "list it once, under its own zone")


@rule("ENI004")
def vswitch_in_two_zones(spec: Spec) -> Findings:
    """A vSwitch that serves nodes and pods is given two zones.

    One of them is wrong; Terway skips a vSwitch whose real zone differs from the one it is listed under.

    Fails::
        alibabaCloud:
          vpc:
            nodeVSwitches: [{id: vsw-uf6l, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]
            podVSwitches: [{id: vsw-uf6l, zone: cn-shanghai-m, cidr: 10.20.64.0/19}]
        nodePools: [{vSwitches: [vsw-uf6l]}]
    Passes::
        alibabaCloud:
          vpc:
            nodeVSwitches: [{id: vsw-uf6l, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]
            podVSwitches: [{id: vsw-uf6l, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]
        nodePools: [{vSwitches: [vsw-uf6l]}]

    Source: Terway pkg/vswitch/vswitch.go.
    """
    vpc = spec.alibaba_cloud.vpc
    nodes, pods = (
        [switch for switch in switches if not (is_hole(switch.id) or is_hole(switch.zone))]
        for switches in (vpc.node_vswitches, vpc.pod_vswitches)
    )
    zones = {switch.id: switch.zone for switch in nodes}
    for switch in pods:
        zone = zones.get(switch.id, switch.zone)
        if zone != switch.zone:
            yield finding(
                switch.zone,
                f"vSwitch {switch.id} is in {zone} as a node vSwitch, and in {switch.zone} as a pod vSwitch",
                "give it the one zone that it has",
            )


@rule("ENI005", over=TERWAY)
def pool_size_upside_down(_: Spec, terway: Terway) -> Findings:
    """poolSize.min is larger than poolSize.max, or one of them is no whole number from 0 on.

    Terway clamps min to max without a word, so nodes keep fewer addresses warm than somebody planned for; a size that
    is a string or 5.0 ends the daemon.

    Fails::
        terway: {poolSize: {min: 10, max: 5}}
    Passes::
        terway: {poolSize: {min: 5, max: 10}}

    Source: Terway's parser, measured.
    """
    sizes = (terway.pool_size, *(overlay.pool_size for _, overlay in members(terway.dynamic_configs)))
    for size in sizes:
        if size is None or is_hole(size) or is_hole(size.min) or is_hole(size.max) or size.min <= size.max:
            continue
        value = size.min if written(size.min) else size.max
        message = f"poolSize.min {size.min} is larger than poolSize.max {size.max}"
        yield finding(value, message, "min must not exceed max")


@rule("ENI006", over=TERWAY)
def pool_larger_than_the_node(spec: Spec, terway: Terway) -> Findings:
    """poolSize.max is more than the smallest instance type of a pool can hold.

    A node has (ENIs - 1) * addresses for pods; Terway clamps the pool to that, so the rest of the number is a wish.
    `alibabaCloud.instanceTypes` gives the quota of a type that the catalog does not know; a type without one is
    skipped.

    Fails::
        terway: {poolSize: {max: 20}}
        nodePools: [{instanceTypes: [ecs.g6.large, ecs.g6.2xlarge]}]     # large: (2 - 1) * 6
    Passes::
        terway: {poolSize: {max: 20}}
        nodePools: [{instanceTypes: [ecs.g6.2xlarge, ecs.g6.4xlarge]}]     # 2xlarge: (4 - 1) * 10

    Source: Terway getPoolConfig; ECS instance family tables.
    """
    for pool in spec.node_pools:
        size = pool_size(terway, pool).max
        smallest, name = min(type_pods(spec, pool), key=lambda item: item[0], default=(size, ""))
        if size > smallest:
            yield finding(
                name,
                f'pool "{pool.name}": poolSize.max {size} is more than the {smallest} pod addresses of {name}',
                "lower poolSize.max (a dynamic configuration can do it for this pool), or use a larger type",
            )


@rule("ENI008", over=TERWAY)
def too_many_security_groups(_: Spec, terway: Terway) -> Findings:
    """More security groups than this Terway allows on an ENI.

    Terway refuses its configuration at start: no pod of any cloud node gets an address. The limit is 5 before 1.13.6
    and 10 from there on.

    Fails::
        terway: {version: 1.8.18}
        alibabaCloud: {vpc: {securityGroups: [sg-bp1a, sg-bp1b, sg-bp1c, sg-bp1d, sg-bp1e, sg-bp1f]}}
    Passes::
        terway: {version: 1.16.8}
        alibabaCloud: {vpc: {securityGroups: [sg-bp1a, sg-bp1b, sg-bp1c, sg-bp1d, sg-bp1e, sg-bp1f]}}

    Source: Terway types/daemon/config.go; release notes 1.13.6.
    """
    limit = facts.security_group_limit(terway.release)
    for groups in (terway.security_groups, *(o.security_groups for o in terway.dynamic_configs.values())):
        if groups is not None and groups.whole and len(groups) > limit:
            yield finding(
                groups[limit],
                f"{len(groups)} security groups, {facts.told(terway.version)} allows {limit}",
                "remove some, or raise terway.version",
            )


@rule("ENI012", over=TERWAY)
def dual_stack_is_incomplete(spec: Spec, terway: Terway) -> Findings:
    """Dual stack without everything it needs.

    `ip_stack: dual` needs an IPv6 Service CIDR and an IPv6 CIDR on every pod vSwitch; Terway switches IPv6 off on
    nodes that cannot have it, without a word. (The RAM policy gets the two IPv6 actions by itself; NODE033 looks at the
    instance types.)

    Fails::
        cluster: {serviceCIDRs: [172.20.0.0/16]}
        terway: {ipStack: dual}
    Passes::
        cluster: {serviceCIDRs: [172.20.0.0/16, "fd00:172:20::/112"]}
        alibabaCloud:
          vpc:
            podVSwitches:
              - {id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19, ipv6CIDR: "2408:4002:10:1::/64"}
        terway: {ipStack: dual}

    Source: Terway docs/ipv6.md.
    """
    if terway.ip_stack != "dual":
        return
    advice = "add it, or use ipStack: ipv4"
    services = spec.cluster.service_cidrs
    if services.whole and not any(":" in cidr for cidr in services):
        yield finding(terway.ip_stack, "dual stack needs an IPv6 range in cluster.serviceCIDRs", advice)
    for switch in spec.alibaba_cloud.vpc.pod_vswitches:
        if switch.ipv6_cidr is None:
            yield finding(switch.id, f"dual stack needs an ipv6CIDR on pod vSwitch {switch.id}", advice)


@rule("ENI018", over=TERWAY)
def secret_is_not_read(_: Spec, terway: Terway) -> Findings:
    """A Terway that does not read the add-on's Secret.

    Before 1.8.0 the daemon knows AccessKeys in eni_conf only (which hybridc never writes) or the instance's RAM role:
    it starts without credentials and no pod gets an address.

    Fails::
        terway: {version: 1.7.2, credentials: addonSecret}
    Passes::
        terway: {version: 1.8.18, credentials: addonSecret}

    Source: Terway release notes 1.8.0; daemon/builder.go.
    """
    if terway.credentials != "addonSecret":
        return
    since = facts.ADDON_SECRET_SINCE
    # A Terway that is too old for every cluster is VER001's.
    if facts.oldest_minor(terway.release) is not None and terway.release < facts.release(since):
        yield finding(
            terway.version,
            f"{facts.told(terway.version)} does not read the Secret alibaba-addon-secret, {since} and later do",
            "raise terway.version, or use credentials: instanceRole (which needs a RAM role on the nodes)",
        )


@rule("ENI026")
def unknown_dynamic_config(spec: Spec) -> Findings:
    """A node pool names a dynamic configuration that does not exist.

    Terway ignores a missing ConfigMap and uses the cluster's own configuration, without a word.

    Fails::
        nodePools: [{terwayConfig: bigg}]
        terway: {dynamicConfigs: {big: {poolSize: {max: 30}}}}
    Passes::
        nodePools: [{terwayConfig: big}]
        terway: {dynamicConfigs: {big: {poolSize: {max: 30}}}}

    Source: Terway daemon/builder.go.
    """
    configs = {} if spec.terway is None else spec.terway.dynamic_configs
    for pool in spec.node_pools:
        name = pool.terway_config
        if name is not None and not is_hole(name) and name not in configs:
            meant = nearest(name, configs, MOST_NAMES)
            yield finding(
                name,
                f'terwayConfig "{name}" is not in terway.dynamicConfigs',
                f'did you mean "{meant}"?' if meant else f"define it; there is {few(configs) or 'none'}",
            )
