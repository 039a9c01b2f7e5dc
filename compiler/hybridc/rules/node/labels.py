"""NODE: labels, taints and spot prices of a pool that undo each other, or what hybridc makes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from hybridc.catalog import ack
from hybridc.rules.partial import members
from hybridc.rules.rule import Finding, Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import NodePool, Spec
from hybridc.words import MOST_NAMES, nearest

_IGNORED_BY_TERWAY = "k8s.aliyun.com/ignore-by-terway"
_TERWAY_CONFIG = "terway-config"
_WITH_LIMIT = "SpotWithPriceLimit"
_OWN = "hybridc.dev/"


@rule("NODE028")
def label_against_terway(spec: Spec) -> Findings:
    """A label that takes nodes away from Terway, or that Terway reads and the spec has a field for.

    `type: virtual-kubelet` is the mark of virtual nodes: neither Terway nor the on-prem CNI comes to such a node, so
    it never has a network. `k8s.aliyun.com/ignore-by-terway` keeps the DaemonSet of Terway off. `terway-config` names a
    ConfigMap, and a name that is none is ignored without a word: `terwayConfig` writes the label and is checked.

    Fails::
        nodePools: [{labels: {terway-config: big, type: virtual-kubelet, k8s.aliyun.com/ignore-by-terway: "true"}}]
    Passes::
        nodePools: [{labels: {type: cpu}, terwayConfig: big}]
        terway: {dynamicConfigs: {big: {poolSize: {max: 30}}}}

    Source: the affinity of Terway's chart, daemon/builder.go; ACK One, exclusion of virtual nodes.
    """
    holders = [spec.node_init.labels.extra, *(pool.labels for pool in spec.node_pools)]
    for labels in holders:
        for key, value in members(labels):
            if (key, value) == ack.VIRTUAL_NODE_LABEL:
                message = f"{key}: {value} marks a virtual node, which gets neither Terway nor the on-prem CNI"
                yield finding(key, message, "remove it, or use another key")
            elif key == _IGNORED_BY_TERWAY and value == "true":
                yield finding(key, f"Terway does not come to nodes with {key}: their pods get no address", "remove it")
            elif key == _TERWAY_CONFIG:
                advice = "use nodePools[].terwayConfig with a name of terway.dynamicConfigs"
                yield finding(key, f"the label {key} is written by hand, and nothing checks what it names", advice)


@rule("NODE029")
def taint_given_twice(spec: Spec) -> Findings:
    """Two taints of one key and effect.

    A node holds one taint of a key and effect: the API server refuses a node with two, so no node of the pool joins.

    Fails::
        nodePools: [{taints: ["workload=ack:NoSchedule", "workload=idc:NoSchedule"]}]
    Passes::
        nodePools: [{taints: ["workload=ack:NoSchedule", "workload=ack:NoExecute"]}]

    Source: Kubernetes, validateNodeTaints: taints must be unique by key and effect.
    """
    for pool in spec.node_pools:
        seen: dict[tuple[str, str], str] = {}
        for taint in pool.taints:
            name, _, effect = taint.rpartition(":")
            key = (name.partition("=")[0], effect)
            if key in seen:
                message = f"{taint} and {seen[key]} have one key and one effect: a node can hold one of them"
                yield finding(taint, message, "remove one")
            seen.setdefault(key, taint)


@rule("NODE030")
def spot_limits(spec: Spec) -> Findings:
    """Price limits that do not fit the spot strategy or the pool.

    `SpotWithPriceLimit` buys at most at the limit of a type, so it needs limits; no other strategy reads them. A limit
    for a type that the pool does not have, a second one for the same type, or a price of 0 is a mistake that shows as
    a pool that never grows.

    Fails::
        nodePools:
          - spot:
              strategy: SpotWithPriceLimit
              limits:
                - {instanceType: ecs.g6.2xlarg, priceLimit: "0.98"}
                - {instanceType: ecs.g6.xlarge, priceLimit: "0.00"}
    Fails::
        nodePools: [{spot: {strategy: SpotWithPriceLimit}}]
    Fails::
        nodePools: [{spot: {strategy: SpotAsPriceGo, limits: [{instanceType: ecs.g6.xlarge, priceLimit: "0.98"}]}}]
    Passes::
        nodePools:
          - instanceTypes: [ecs.g6.xlarge, ecs.g6.2xlarge]
            spot:
              strategy: SpotWithPriceLimit
              limits:
                - {instanceType: ecs.g6.xlarge, priceLimit: "0.49"}
                - {instanceType: ecs.g6.2xlarge, priceLimit: "0.98"}

    Source: ACK OpenAPI CreateClusterNodePool: spot_strategy, spot_price_limit.
    """
    for pool in spec.node_pools:
        spot = pool.spot
        if spot is None or is_hole(spot) or is_hole(spot.strategy):
            continue
        if spot.strategy == _WITH_LIMIT and spot.limits.whole and not spot.limits:
            advice = "add limits: [{instanceType: …, priceLimit: …}], or use SpotAsPriceGo"
            yield finding(spot.strategy, f"{_WITH_LIMIT} needs a limit for each instance type", advice)
        elif spot.strategy != _WITH_LIMIT and spot.limits:
            advice = f"remove limits, or use {_WITH_LIMIT}"
            yield finding(spot.strategy, f"{spot.strategy} does not read spot.limits", advice)
        else:
            yield from _limits(pool, spot.limits)


def _limits(pool: NodePool, limits: tuple[dict[str, str], ...]) -> Findings:
    types = dict.fromkeys(pool.instance_types)
    seen: set[str] = set()
    for limit in limits:
        name, price = limit["instanceType"], limit["priceLimit"]
        if not is_hole(name) and pool.instance_types.whole:
            yield from _limited_type(name, types, seen)
        if not is_hole(price) and _number(price) <= 0:
            yield finding(price, f"a price limit of {price} buys nothing", "write the highest price that you would pay")


def _limited_type(name: str, types: dict[str, None], seen: set[str]) -> Iterator[Finding]:
    if name not in types:
        meant = nearest(name, types, MOST_NAMES)
        advice = f'did you mean "{meant}"?' if meant else "remove it, or add the type to the pool"
        yield finding(name, f"the pool has no instance type {name}", advice)
    elif name in seen:
        yield finding(name, f"{name} has a limit already", "remove one")
    seen.add(name)


def _number(price: str) -> Decimal:
    """The price; 1 for what is no number, which the schema has reported."""
    try:
        return Decimal(price)
    except InvalidOperation:
        return Decimal(1)


@rule("NODE048")
def key_of_hybridc(spec: Spec) -> Findings:
    """A label or a tag whose key starts with `hybridc.dev/`.

    hybridc sets these itself. The label `hybridc.dev/pool` tells the node script its pool, and so the disks that it
    formats; `hybridc.dev/replace` marks nodes that are to go; the tag `hybridc.dev/cluster` tells whose a node pool is.
    A value of the spec would be lost, or say something wrong of each node that comes.

    Fails::
        nodePools: [{labels: {hybridc.dev/pool: gpu}}]
    Fails::
        nodePools: [{tags: {hybridc.dev/cluster: idc-other}}]
    Passes::
        nodePools: [{labels: {workload: cpu}, tags: {team: platform}}]

    Source: hybridc, the request for a node pool and the steps of day two.
    """
    holders = [
        ("label", spec.node_init.labels.extra),
        *((kind, found) for pool in spec.node_pools for kind, found in (("label", pool.labels), ("tag", pool.tags))),
    ]
    for kind, holder in holders:
        for key, _ in members(holder):
            if key.startswith(_OWN):
                yield finding(key, f"the {kind} {key} is hybridc's own", f"remove it, or use a key without {_OWN}")
