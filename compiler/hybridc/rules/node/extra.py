"""NODE: what a pool passes through into the request that makes it, and what of it reaches no request."""

from __future__ import annotations

from collections.abc import Iterator

from hybridc.catalog import ack
from hybridc.rules.partial import members
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import NodePool, Spec
from hybridc.spec.origin import written
from hybridc.words import few

_SECTIONS = {key.partition(".")[0] for key in ack.POOL_FIELDS}


@rule("NODE045")
def modelled_key(spec: Spec) -> Findings:
    """`extra` of a pool has a key that a field of the pool is for.

    Both would write one place of the request, and what was checked of the field would say nothing of what is sent. A
    section of the request that is no map would replace all that hybridc writes there.

    Fails::
        nodePools: [{extra: {scaling_group: {desired_size: 3}}}]
    Fails::
        nodePools: [{extra: {scaling_group: none}}]
    Passes::
        nodePools: [{extra: {scaling_group: {instance_metadata_options: {http_tokens: required}}}}]

    Source: ACK OpenAPI CreateClusterNodePool.
    """
    for section, key in (passed for pool in spec.node_pools for passed in _passed(pool)):
        path = section if key is None else f"{section}.{key}"
        field = ack.POOL_FIELDS.get(path)
        if key is None and section in _SECTIONS:
            yield finding(section, f"{section} is a map in the request, and extra has none", f"write {section}: {{…}}")
        elif field is not None:
            yield finding(key or section, f"{path} is written from the pool itself", f"use {field}")


@rule("NODE046")
def unchecked_key(spec: Spec) -> Findings:
    """`extra` of a pool has keys that nothing checks.

    They go into the request as they are. hybridc does not know them: a misspelt one is refused by ACK, or ignored, when
    the pool is made. The reference of CreateClusterNodePool has them; `cloud/node-pools/<name>.json` shows the result.

    Fails::
        nodePools: [{extra: {scaling_group: {instance_metadata_options: {http_tokens: required}}}}]
    Passes::
        nodePools: [{extra: {}}]

    Source: ACK OpenAPI CreateClusterNodePool.
    """
    for pool in spec.node_pools:
        paths = [section if key is None else f"{section}.{key}" for section, key in _passed(pool)]
        paths = [path for path in paths if path not in ack.POOL_FIELDS]
        if paths:
            message = f'pool "{pool.name}" passes on what nothing checks: {few(paths)}'
            advice = "compare it with the reference of CreateClusterNodePool, then accept this in checks.ignore"
            yield finding(next(iter(pool.extra)), message, advice)


def _passed(pool: NodePool) -> Iterator[tuple[str, str | None]]:
    """Section and key of all that a pool passes on; the key is None for a section that is no map."""
    for section, inside in members(pool.extra):
        if not isinstance(inside, dict):
            yield section, None
        elif not is_hole(pool.name):
            yield from ((section, key) for key in inside)


@rule("NODE047")
def bounds_of_nothing(spec: Spec) -> Findings:
    """A pool has `size.min` or `size.max`, and nothing scales it.

    Without `autoScaling` neither reaches a request: ACK does not stop anybody from making more nodes, or fewer. `max`
    still counts where addresses and quotas are checked, as what a person means to scale to.

    Fails::
        nodePools: [{autoScaling: false, size: {desired: 0, max: 10}}]
    Passes::
        nodePools: [{autoScaling: false, size: {desired: 0, max: null}}]

    Source: ACK OpenAPI CreateClusterNodePool, auto_scaling.
    """
    for pool in spec.node_pools:
        if is_hole(pool.auto_scaling) or pool.auto_scaling:
            continue
        for name, value in (("max", pool.size.max), ("min", pool.size.min)):
            if value is not None and written(value) and (name == "max" or value > 0):
                what = "count for the checks alone" if name == "max" else "has no effect"
                message = f"size.{name} {value} reaches no request: nothing scales this pool"
                yield finding(value, message, f"it {what.replace('count', 'counts')}; set autoScaling, or remove it")
                break
