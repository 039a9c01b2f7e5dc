"""ENI and CNI: what a spec passes through to Terway, in extraEniConf and extraCniConf."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from hybridc.catalog import terway as facts
from hybridc.eni_config.keys import CLIENT_LIMITS, client_limit_problems, ipam_problems, problems
from hybridc.rules.partial import members
from hybridc.rules.rule import TERWAY, Finding, Findings, finding, rule
from hybridc.spec.model import Data, DynamicConfig, Spec, Terway
from hybridc.spec.origin import Flag, origins

_EMPTY = ("access_key", "access_secret")


class Passed(NamedTuple):
    """A key of a pass-through: its table in the catalog, its value, the pointer in hybrid.yaml, whose overlay it is."""

    table: str
    key: str
    value: Any
    pointer: str
    overlay: str | None


def passed(terway: Terway) -> Iterator[Passed]:
    """Every key that the spec passes through, overlays included; what is wrong in the file is left out."""
    trees: list[tuple[str, Any, str | None]] = [("eni_conf", terway.extra_eni_conf, None)]
    trees += [("eni_conf", one.extra_eni_conf, str(name)) for name, one in members(terway.dynamic_configs)]
    trees += [("cni_conf", terway.extra_cni_conf, None)]
    trees += [("cni_conf", _settings(plugin), None) for plugin in terway.cni_chain if plugin.get("type") == "terway"]
    for table, tree, overlay in trees:
        for key, value in members(tree):
            yield Passed(table, str(key), value, origins(key)[0].pointer, overlay)


def _settings(plugin: Data) -> Data:
    """What a plugin of a chain is given, beside what it is."""
    return {key: value for key, value in plugin.items() if key != "type"}


def found(terway: Terway, code: str) -> Iterator[Finding]:
    """The findings of one rule about single keys; a key that hybridc writes itself is left to ENI030."""
    for item in passed(terway):
        known = facts.keys(item.table).get(item.key)
        if known is not None and known.use == "spec" and not (_trunking(item) or _own_vswitches(item)):
            continue
        for problem in problems(item.table, item.key, item.value, terway.release):
            if problem.code == code:
                yield finding(item.pointer + problem.pointer, problem.message, problem.help, problem.severity)


def _trunking(item: Passed) -> bool:
    return item.key == "enable_eni_trunking" and isinstance(item.value, (bool, Flag)) and bool(item.value)


def _own_vswitches(item: Passed) -> bool:
    """Whether these are the vSwitches of a dynamic configuration, which the spec has no field for (ENI032)."""
    return item.key == "vswitches" and item.overlay is not None


@rule("ENI007", over=TERWAY)
def warm_up_beyond_the_pool(_: Spec, terway: Terway) -> Findings:
    """More addresses are warmed up than a node may keep.

    A node fetches `ip_warm_up_size` addresses once, and gives back what exceeds `max_pool_size` right after: API calls
    for nothing, on every node that starts. It has an effect with centralized IPAM only.

    Fails::
        terway: {poolSize: {max: 10}, extraEniConf: {ip_warm_up_size: 20}}
    Passes::
        terway: {poolSize: {max: 20}, extraEniConf: {ip_warm_up_size: 20}}

    Source: Terway docs/warm-up.md.
    """
    base = terway.extra_eni_conf.get("ip_warm_up_size")
    size = terway.pool_size
    found = _too_warm(base, size.max)
    if found:
        yield found
        return
    for overlay in terway.dynamic_configs.values():
        found = _too_warm(overlay.extra_eni_conf.get("ip_warm_up_size", base), _size(overlay, size.max))
        if found:
            yield found


def _size(overlay: DynamicConfig, base: int) -> int:
    return base if overlay.pool_size is None else overlay.pool_size.max


def _too_warm(warm: Any, most: int) -> Finding | None:
    if not isinstance(warm, int) or isinstance(warm, (bool, Flag)) or warm <= most:
        return None
    message = f"ip_warm_up_size {warm} is larger than poolSize.max {most}"
    return finding(warm, message, "lower it, or raise poolSize.max: the rest is given back at once")


@rule("ENI010", over=TERWAY)
def selection_policy(_: Spec, terway: Terway) -> Findings:
    """A selection policy that Terway does not know.

    `vSwitchSelection` is `ordered` (the vSwitch with the most free addresses first) or `random`; any other word is
    `random`, without a word. The same goes for `eni_selection_policy` in `extraEniConf` (a warning there), which falls
    back to `most_ips`.

    Fails::
        terway: {vSwitchSelection: most}
    Passes::
        terway: {vSwitchSelection: ordered}

    Source: Terway daemon/config.go.
    """
    yield from found(terway, "ENI010")


@rule("ENI013", over=TERWAY)
def trunking(_: Spec, terway: Terway) -> Findings:
    """`enable_eni_trunking` in a self-built cluster.

    Trunking needs the control plane of an ACK managed cluster; Terway's own README rules it out elsewhere. hybridc
    writes `false`.

    Fails::
        terway: {extraEniConf: {enable_eni_trunking: true}}
    Passes::
        terway: {extraEniConf: {}}

    Source: Terway README.
    """
    yield from found(terway, "ENI013")


@rule("ENI014", over=TERWAY)
def unknown_key(_: Spec, terway: Terway) -> Findings:
    """A key in a pass-through that no Terway knows.

    Terway ignores unknown keys, and keys in another case, without a word. It is passed through all the same, since a
    newer Terway may know it.

    Fails::
        terway: {extraEniConf: {idle_ip_reclame_after: 30m}, extraCniConf: {MTU: 1400}}
    Passes::
        terway: {extraEniConf: {idle_ip_reclaim_after: 30m}, extraCniConf: {mtu: 1400}}

    Source: Terway's parser, measured; every tag's types/daemon/config.go and plugin/driver/types.
    """
    yield from found(terway, "ENI014")


@rule("ENI015", over=TERWAY)
def key_of_another_version(_: Spec, terway: Terway) -> Findings:
    """A key in a pass-through that this version of Terway does not read.

    It is newer than terway.version, was removed before it, or is read by none any more: nothing happens, and somebody
    believes that it does.

    Fails::
        terway: {version: 1.15.3, extraEniConf: {idle_ip_reclaim_after: 30m, region_id: cn-shanghai}}
    Fails::
        terway: {version: 1.16.8, extraEniConf: {enable_eip_migrate: true}}
    Passes::
        terway: {version: 1.16.8, extraEniConf: {idle_ip_reclaim_after: 30m}}

    Source: every tag's types/daemon/config.go.
    """
    yield from found(terway, "ENI015")


@rule("ENI016", over=TERWAY)
def credential_path(_: Spec, terway: Terway) -> Findings:
    """`credential_path` in a registered cluster.

    The encrypted token file exists on ACK managed clusters only; Terway up to 1.9 does not start without it.

    Fails::
        terway: {extraEniConf: {credential_path: /var/addon/token-config}}
    Passes::
        terway: {credentials: addonSecret}

    Source: Alibaba Cloud, "Customize Terway configuration parameters".
    """
    yield from found(terway, "ENI016")


@rule("ENI017", over=TERWAY)
def access_key(_: Spec, terway: Terway) -> Findings:
    """An AccessKey in eni_conf.

    ConfigMaps are readable by everybody who may list them, and the repository is forever. Terway 1.8.0 and later
    reads the Secret `kube-system/alibaba-addon-secret` and prefers it.

    Fails::
        terway: {extraEniConf: {access_key: ak-of-terway, access_secret: secret-of-terway}}
    Passes::
        terway: {credentials: addonSecret}

    Source: Terway daemon/builder.go; release notes 1.8.0.
    """
    for item in passed(terway):
        if item.key in _EMPTY and item.value:
            message, advice = f"{item.key} must not stand in a spec", "remove it: Terway reads the Secret"
            yield finding(item.pointer, message, f"{advice} kube-system/alibaba-addon-secret")


@rule("ENI019", over=TERWAY)
def bad_duration(_: Spec, terway: Terway) -> Findings:
    """A duration or a factor that Terway cannot parse.

    `30min` is no duration to Go (`30m` is), and `idle_ip_reclaim_jitter_factor` is a number in quotes: as a bare number
    it ends the daemon. A bad `idle_ip_reclaim_…` stops the address pool from starting; a bad `ip_pool_sync_period` is
    120 seconds without a word.

    Fails::
        terway: {extraEniConf: {idle_ip_reclaim_after: 30min, idle_ip_reclaim_jitter_factor: 0.1}}
    Passes::
        terway: {extraEniConf: {idle_ip_reclaim_after: 30m, idle_ip_reclaim_jitter_factor: "0.1"}}

    Source: Go's time.ParseDuration; Terway's parser, measured.
    """
    yield from found(terway, "ENI019")


@rule("ENI020", over=TERWAY)
def client_limits(_: Spec, terway: Terway) -> Findings:
    """`kube_client_qps` and `kube_client_burst` do not fit each other.

    They work only together, and the burst must be larger than the rate; one alone leaves Kubernetes' defaults in
    force.

    Fails::
        terway: {extraEniConf: {kube_client_qps: 50, kube_client_burst: 20}}
    Fails::
        terway: {extraEniConf: {kube_client_qps: 50}}
    Passes::
        terway: {extraEniConf: {kube_client_qps: 50, kube_client_burst: 100}}

    Source: Alibaba Cloud, "Customize Terway configuration parameters".
    """
    base = terway.extra_eni_conf
    overlays = [overlay.extra_eni_conf for overlay in terway.dynamic_configs.values()]
    for tree in (base, *(overlay for overlay in overlays if CLIENT_LIMITS & set(overlay))):
        for key, message in client_limit_problems(base | tree):
            # A key that an overlay inherits is reported once, where it stands.
            if key in tree:
                yield finding(_place(tree, key), message, "set both, the burst larger than the rate")


def _place(tree: dict[str, Any], key: str) -> object:
    """The pointer of a key of a pass-through."""
    return next(origins(name)[0].pointer for name in tree if name == key)


@rule("ENI023", over=TERWAY)
def wrong_type(_: Spec, terway: Terway) -> Findings:
    """A key in a pass-through has another JSON type than Terway decodes.

    Unknown keys are ignored, wrong types are not: `"5"` for a number or `"true"` for a truth value ends the daemon at
    start, on every cloud node, with a line in a log that nobody reads. In a live eni-config the same code stands for
    whatever else is no JSON for Terway: comments, a trailing comma, a byte order mark (`validate --eni-config`).

    Fails::
        terway: {extraEniConf: {max_eni: "3", rate_limit: [AttachNetworkInterface]}}
    Fails::
        terway: {dynamicConfigs: {big: {extraEniConf: {custom_stateful_workload_kinds: CloneSet}}}}
        nodePools: [{terwayConfig: big}]
    Passes::
        terway: {extraEniConf: {max_eni: 3, rate_limit: {AttachNetworkInterface: 300}}}

    Source: Terway's parser, measured.
    """
    yield from found(terway, "ENI023")


@rule("ENI024", over=TERWAY)
def centralized_ipam(_: Spec, terway: Terway) -> Findings:
    """Centralized IPAM, or prefixes without it (an error).

    `ipam_type: crd` hands every address through terway-controlplane, which a registered cluster does not have unless
    somebody installed it, and which ignores nodes without topology labels: pods never get an address. Prefixes
    (`enable_ip_prefix`, `ipv4_prefix_count`) exist in that mode only.

    Fails::
        terway: {extraEniConf: {ipam_type: crd}}
    Passes::
        terway: {extraEniConf: {}}

    Source: Terway pkg/controller/node/predict.go, types/daemon/config.go.
    """
    for tree in (terway.extra_eni_conf, *(o.extra_eni_conf for o in terway.dynamic_configs.values())):
        for key, severity, message in ipam_problems(terway.extra_eni_conf | tree):
            if key in tree:
                advice = "leave it out: the daemon on each node hands out addresses itself"
                yield finding(_place(tree, key), message, advice, severity)


@rule("ENI025", over=TERWAY)
def outside_documented_range(_: Spec, terway: Terway) -> Findings:
    """A setting of the idle address reclaim is outside of its documented range.

    The batch size is 1 to 10, the jitter factor 0.0 to 1.0. The code takes more; a batch of 50 is 50 API calls at
    once on every node, and the account's rate limit is shared.

    Fails::
        terway:
          extraEniConf:
            idle_ip_reclaim_after: 30m
            idle_ip_reclaim_batch_size: 50
            idle_ip_reclaim_jitter_factor: "1.5"
    Passes::
        terway:
          extraEniConf:
            idle_ip_reclaim_after: 30m
            idle_ip_reclaim_batch_size: 5
            idle_ip_reclaim_jitter_factor: "0.5"

    Source: Alibaba Cloud, "Customize Terway configuration parameters".
    """
    yield from found(terway, "ENI025")


@rule("ENI028", over=TERWAY)
def ip_stack_in_cni_conf(_: Spec, terway: Terway) -> Findings:
    """`ip_stack` in the CNI configuration.

    Terway's own docs/ipv6.md shows it there, and no version reads it there: pods stay on IPv4.

    Fails::
        terway: {extraCniConf: {ip_stack: dual}}
    Passes::
        terway: {ipStack: ipv4}

    Source: Terway issue 391; plugin/driver/types of v1.1.0, v1.5.5 and v1.17.5.
    """
    yield from found(terway, "ENI028")


@rule("ENI030", over=TERWAY)
def modelled_key(_: Spec, terway: Terway) -> Findings:
    """A key in a pass-through that the spec has a field for, or that hybridc writes itself.

    Two sources for one key would disagree one day, and the pass-through would win in silence. `vswitches` of a dynamic
    configuration are free: pod vSwitches of one pool have no field.

    Fails::
        terway: {extraEniConf: {max_pool_size: 10}, extraCniConf: {eniip_virtual_type: datapathv2}}
    Passes::
        terway: {poolSize: {max: 10}, datapath: datapathv2}

    Source: the catalog of eni_conf keys.
    """
    for item in passed(terway):
        known = facts.keys(item.table).get(item.key)
        if known is None or known.use != "spec" or item.key in _EMPTY or _trunking(item) or _own_vswitches(item):
            continue
        name = "eni_conf key" if item.table == "eni_conf" else "CNI configuration key"
        advice = f"use {_field(item, known.field)}" if known.field else "remove it: hybridc writes this key itself"
        message = f'the {name} "{item.key}" has a field of its own' if known.field else f'hybridc writes "{item.key}"'
        yield finding(item.pointer, message, advice)


def _field(item: Passed, name: str) -> str:
    """The field that a key has: a dynamic configuration has some of the same names."""
    inner = name.removeprefix("terway.")
    of_overlay = inner.partition(".")[0] in ("poolSize", "securityGroups", "vSwitchSelection", "eniTags")
    return f"terway.dynamicConfigs.{item.overlay}.{inner}" if item.overlay is not None and of_overlay else name
