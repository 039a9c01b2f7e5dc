"""ENI: what Terway reads from eni-config. It ignores most mistakes without a word."""

from __future__ import annotations

from hybridc.catalog import terway
from hybridc.rules.rule import ERROR, WARNING, Findings, finding, rule
from hybridc.schema.suggest import nearest
from hybridc.spec.model import Spec, Terway, VSwitch
from hybridc.spec.origin import Origin, origins, trace


def zones_of_pools(spec: Spec) -> dict[str, tuple[str, str]]:
    """``{zone: (pool name, vSwitch id as the pool names it)}`` for every zone that a node pool can start nodes in."""
    zones = {str(switch.id): str(switch.zone) for switch in spec.alibaba_cloud.vpc.node_vswitches}
    found: dict[str, tuple[str, str]] = {}
    for pool in spec.node_pools:
        for vswitch in pool.vswitches:
            if vswitch in zones:
                found.setdefault(zones[vswitch], (pool.name, vswitch))
    return found


@rule("ENI001", ERROR)
def zone_without_pod_vswitch(spec: Spec) -> Findings:
    """A zone of a node pool has no pod vSwitch.

    Terway finds no entry for the node's zone and silently uses the node's own vSwitch: pods eat node addresses until
    no node can start.

    Source: Terway daemon/builder.go, pkg/eni/node_reconcile.go.
    """
    if spec.terway is None:
        return
    served = {str(switch.zone) for switch in spec.alibaba_cloud.vpc.pod_vswitches}
    for zone, (pool, vswitch) in zones_of_pools(spec).items():
        if zone not in served:
            yield finding(
                vswitch,
                f'zone {zone} of node pool "{pool}" has no pod vSwitch',
                f"add a vSwitch of {zone} to alibabaCloud.vpc.podVSwitches; Terway would use the node's own",
            )


@rule("ENI002", WARNING)
def zone_without_pool(spec: Spec) -> Findings:
    """A pod vSwitch in a zone that no node pool uses.

    Terway reads only the entry of the node's own zone, so this one is never used. Harmless, but somebody planned for
    a zone that has no nodes.

    Source: Terway daemon/builder.go.
    """
    used = zones_of_pools(spec)
    if not used or spec.terway is None:
        return
    for switch in spec.alibaba_cloud.vpc.pod_vswitches:
        if str(switch.zone) not in used:
            yield finding(
                switch.zone,
                f"pod vSwitch {switch.id}: no node pool uses zone {switch.zone}",
                "remove it, or add a vSwitch of that zone to a node pool",
            )


@rule("ENI003", ERROR)
def vswitch_listed_twice(spec: Spec) -> Findings:
    """A vSwitch is listed twice.

    A vSwitch has one zone; under any other, Terway skips it at run time and says `no available vSwitch for zone`.

    Source: Terway pkg/vswitch/vswitch.go.
    """
    for switches in (spec.alibaba_cloud.vpc.node_vswitches, spec.alibaba_cloud.vpc.pod_vswitches):
        first: dict[str, VSwitch] = {}
        for switch in switches:
            other = first.setdefault(str(switch.id), switch)
            if other is not switch:
                zones = f"under {other.zone} and {switch.zone}" if other.zone != switch.zone else "twice"
                yield finding(switch.id, f"vSwitch {switch.id} is listed {zones}", "list it once, under its own zone")


@rule("ENI004", ERROR)
def vswitch_in_two_zones(spec: Spec) -> Findings:
    """A vSwitch that serves nodes and pods is given two zones.

    One of them is wrong; Terway skips a vSwitch whose real zone differs from the one it is listed under.

    Source: Terway pkg/vswitch/vswitch.go.
    """
    zones = {str(switch.id): switch.zone for switch in spec.alibaba_cloud.vpc.node_vswitches}
    for switch in spec.alibaba_cloud.vpc.pod_vswitches:
        zone = zones.get(str(switch.id), switch.zone)
        if zone != switch.zone:
            yield finding(
                switch.zone,
                f"vSwitch {switch.id} is in {zone} as a node vSwitch, and in {switch.zone} as a pod vSwitch",
                "give it the one zone that it has",
            )


@rule("ENI005", ERROR)
def pool_size_upside_down(spec: Spec) -> Findings:
    """poolSize.min is larger than poolSize.max.

    Terway clamps min to max without a word, so nodes keep fewer addresses warm than somebody planned for.

    Source: Terway's parser, measured.
    """
    if spec.terway is None:
        return
    overlays = spec.terway.dynamic_configs.values()
    for size in (spec.terway.pool_size, *(overlay.pool_size for overlay in overlays)):
        if size is not None and size.min > size.max:
            value = size.min if origins(size.min)[0].kind == "spec" else size.max
            yield finding(
                value, f"poolSize.min {size.min} is larger than poolSize.max {size.max}", "min must not exceed max"
            )


@rule("ENI008", ERROR)
def too_many_security_groups(spec: Spec) -> Findings:
    """More security groups than this Terway allows on an ENI.

    Terway refuses its configuration at start: no pod of any cloud node gets an address.

    Source: Terway types/daemon/config.go; release notes 1.13.6.
    """
    if spec.terway is None:
        return
    limit = terway.security_group_limit(spec.terway.release)
    for groups in (spec.terway.security_groups, *(o.security_groups for o in spec.terway.dynamic_configs.values())):
        if groups is not None and len(groups) > limit:
            yield finding(
                groups[limit],
                f"{len(groups)} security groups, Terway {spec.terway.version} allows {limit}",
                "remove some, or raise terway.version",
            )


@rule("ENI012", ERROR)
def dual_stack_is_incomplete(spec: Spec) -> Findings:
    """Dual stack without everything it needs.

    `ip_stack: dual` needs an IPv6 Service CIDR and an IPv6 CIDR on every pod vSwitch; Terway switches IPv6 off on
    nodes that cannot have it, without a word.

    Source: Terway docs/ipv6.md.
    """
    if spec.terway is None or spec.terway.ip_stack != "dual":
        return
    advice = "add it, or use ipStack: ipv4"
    if not any(":" in cidr for cidr in spec.cluster.service_cidrs):
        yield finding(spec.terway.ip_stack, "dual stack needs an IPv6 range in cluster.serviceCIDRs", advice)
    for switch in spec.alibaba_cloud.vpc.pod_vswitches:
        if switch.ipv6_cidr is None:
            yield finding(switch.id, f"dual stack needs an ipv6CIDR on pod vSwitch {switch.id}", advice)


@rule("ENI014", WARNING)
def unknown_key(spec: Spec) -> Findings:
    """A key in `extraEniConf` that no Terway knows.

    Terway ignores unknown keys, and keys in another case, without a word. It is passed through all the same, since a
    newer Terway may know it.

    Source: Terway's parser, measured; every tag's types/daemon/config.go.
    """
    known = terway.keys()
    for key in _passed(spec.terway):
        if key not in known:
            meant = nearest(key, known)
            yield finding(
                key,
                f'Terway knows no eni_conf key "{key}"',
                f'did you mean "{meant}"?' if meant else "check the spelling: Terway would ignore it",
            )


@rule("ENI015", WARNING)
def key_of_another_version(spec: Spec) -> Findings:
    """A key in `extraEniConf` that this version of Terway does not read.

    It is newer than terway.version, or was removed before it: nothing happens.

    Source: every tag's types/daemon/config.go.
    """
    if spec.terway is None:
        return
    for key in _passed(spec.terway):
        known = terway.keys().get(key)
        if known is None or known.use not in ("pass", "dead") or terway.knows(key, spec.terway.release):
            continue
        if known.removed is not None and spec.terway.release >= known.removed:
            message, advice = f"{key} was removed in Terway {_dotted(known.removed)}", "remove it"
        else:
            message = f"{key} needs Terway {_dotted(known.since)} or later"
            advice = f"raise terway.version ({spec.terway.version}), or remove it"
        yield finding(key, message, advice)


@rule("ENI016", ERROR)
def credential_path(spec: Spec) -> Findings:
    """`credential_path` in a registered cluster.

    The encrypted token file exists on ACK managed clusters only; Terway up to 1.9 does not start without it.

    Source: Alibaba Cloud, "Customize Terway configuration parameters".
    """
    for key in _passed(spec.terway):
        if key == "credential_path":
            yield finding(
                key,
                "credential_path applies to ACK managed clusters only",
                "remove it: the Secret alibaba-addon-secret is used",
            )


@rule("ENI017", ERROR, guarded=True)
def access_key(spec: Spec) -> Findings:
    """An AccessKey in eni_conf.

    ConfigMaps are readable by everybody who may list them, and the repository is forever. Terway 1.8.0 and later
    reads the Secret `kube-system/alibaba-addon-secret` and prefers it.

    Source: Terway daemon/builder.go; release notes 1.8.0.
    """
    for key, value in _extra(spec.terway):
        if key in ("access_key", "access_secret") and value:
            yield finding(
                value,
                f"{key} must not stand in a spec",
                "remove it: Terway reads the Secret kube-system/alibaba-addon-secret",
            )


@rule("ENI024", ERROR)
def modelled_key(spec: Spec) -> Findings:
    """A key in a pass-through that the spec has a field for, or that a registered cluster cannot use.

    Two sources for one key would disagree one day.

    Source: the catalog of eni_conf keys.
    """
    for key in _passed(spec.terway):
        known = terway.keys().get(key)
        if known is not None and known.use == "spec" and key not in ("access_key", "access_secret"):
            advice = f"use {known.field}" if known.field else known.why or "remove it: hybridc writes this key itself"
            yield finding(key, f'the eni_conf key "{key}" has a field of its own', advice)
    for key in () if spec.terway is None else spec.terway.extra_cni_conf:
        known = terway.keys("cni_conf").get(key)
        if known is not None and known.use == "spec":
            advice = f"use {known.field}" if known.field else "remove it: hybridc writes this key itself"
            yield finding(key, f'the CNI configuration key "{key}" is written by hybridc', advice)


@rule("ENI026", ERROR)
def unknown_dynamic_config(spec: Spec) -> Findings:
    """A node pool names a dynamic configuration that does not exist.

    Terway ignores a missing ConfigMap and uses the cluster's own configuration, without a word.

    Source: Terway daemon/builder.go.
    """
    configs = {} if spec.terway is None else spec.terway.dynamic_configs
    for pool in spec.node_pools:
        if pool.terway_config is not None and pool.terway_config not in configs:
            meant = nearest(pool.terway_config, configs)
            yield finding(
                pool.terway_config,
                f'terwayConfig "{pool.terway_config}" is not in terway.dynamicConfigs',
                f'did you mean "{meant}"?' if meant else f"define it; there is {', '.join(configs) or 'none'}",
            )


def _passed(config: Terway | None) -> list[str]:
    return [key for key, _ in _extra(config)]


def _extra(config: Terway | None) -> list[tuple[str, object]]:
    """Keys and values of every `extraEniConf`; a value without an origin of its own gets its key's."""
    if config is None:
        return []
    trees = [config.extra_eni_conf, *(overlay.extra_eni_conf for overlay in config.dynamic_configs.values())]
    return [
        (key, value if origins(value) else trace(str(value), *(origins(key) or (Origin("spec", ""),))))
        for tree in trees
        for key, value in tree.items()
    ]


def _dotted(version: terway.Release) -> str:
    return ".".join(str(part) for part in version)
