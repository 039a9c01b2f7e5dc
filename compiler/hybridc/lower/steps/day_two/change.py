"""A pool that is another one, and a pool that goes."""

from __future__ import annotations

from hybridc.lower.steps.day_two import pools
from hybridc.lower.steps.day_two.day import Day, Nothing, Steps, synced
from hybridc.lower.steps.day_two.kubernetes import replaced

_NONE = Nothing("The spec has no node pool.")


def change_pool(day: Day) -> Steps | Nothing:
    """``nodePools`` of the spec is what shall be."""
    return _change(day) if day.spec.node_pools else _NONE


def _change(day: Day) -> Steps:
    yield from synced(day)
    for pool in day.spec.node_pools:
        yield day.again(f"pool.{pool.name}.create")
        yield pools.pause(day, pools.target(pool))
        yield pools.changed(day, pool)
    yield from replaced(day)


def remove_pool(day: Day) -> Steps | Nothing:
    """The spec still has the pool; it leaves the spec when it is gone."""
    return _remove(day) if day.spec.node_pools else _NONE


def _remove(day: Day) -> Steps:
    one = pools.asked(day.spec)
    yield pools.pause(day, one)
    yield pools.drained(day, one)
    yield pools.emptied(day, one)
    yield pools.see_empty(day, one)
    yield pools.deleted(day, one)
    merge = day.first["git.merge"]
    sentence = f"Take the pool out of `hybrid.yaml`, and build: its request goes with it. {merge.sentence}"
    yield day.again("git.merge", sentence=sentence)
