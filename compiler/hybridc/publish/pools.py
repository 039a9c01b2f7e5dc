"""``pool.<name>.create``, ``.one``, ``.scale``: node pools, made without nodes and grown behind the gate.

A pool is found by its name and our tag. One without the tag is refused, or adopted with ``--adopt``: the tag is set.
Foreign pools are never touched. Nothing here makes a pool smaller or removes one: the lists of ``hybridc steps --for
change-pool`` and ``remove-pool`` drain first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from hybridc.doctor.answer import count
from hybridc.doctor.nodes import asks_for_none
from hybridc.lower.names import CLUSTER_TAG
from hybridc.publish import ack, gate
from hybridc.publish.context import Context
from hybridc.publish.plan import Action, Change, Refusal
from hybridc.publish.pool_fields import Difference, differences, request, tags_of
from hybridc.spec.model import NodePool
from hybridc.spec.origin import plain

Data = dict[str, Any]


class Seen(NamedTuple):
    """The pool (None: not there), pools of ours that no spec has, and why the gate is closed where it is asked."""

    pool: Data | None
    orphans: tuple[str, ...]
    closed: tuple[str, ...]


def action(context: Context, step: str) -> Action:
    """What is to be done for a pool."""
    name, _, what = step.removeprefix("pool.").rpartition(".")
    pool = next(each for each in context.spec.node_pools if each.name == name)
    made: Action = {"create": _create, "one": _one, "scale": _scale}[what](context, step, pool)
    return made


def _read(context: Context, pool: NodePool) -> Seen:
    """The pool and the orphans. Raises Refusal for one that is not ours, or that is there twice."""
    found = ack.pools(context)
    named = [each for each in found if each.get("nodepool_info", {}).get("name") == pool.name]
    if len(named) > 1:
        ids = ", ".join(_id(each) for each in named)
        raise Refusal(f"there are {len(named)} pools {pool.name} ({ids})", "delete the one that has no nodes")
    if named:
        _check_owner(context, pool, named[0])
    return Seen(named[0] if named else None, _orphans(context, found), ())


def _check_owner(context: Context, pool: NodePool, found: Data) -> None:
    owner = tags_of(found).get(CLUSTER_TAG)
    if owner is not None and owner != context.spec.name:
        raise Refusal(
            f"the pool {pool.name} ({_id(found)}) belongs to {owner}, says its tag {CLUSTER_TAG}", "take another name"
        )
    if owner is None and not context.flags.adopt:
        raise Refusal(
            f"there is a pool {pool.name} ({_id(found)}) without the tag {CLUSTER_TAG}: somebody else made it",
            "take another name; or --adopt: it is then changed to what the spec says",
        )


def _orphans(context: Context, found: Sequence[Data]) -> tuple[str, ...]:
    """Pools with our tag that the spec does not name."""
    names = {str(pool.name) for pool in context.spec.node_pools}
    ours = [each for each in found if tags_of(each).get(CLUSTER_TAG) == context.spec.name]
    listed = [each for each in ours if each.get("nodepool_info", {}).get("name") not in names]
    return tuple(f"{each['nodepool_info']['name']} ({_id(each)})" for each in listed)


def _id(pool: Data) -> str:
    return str(pool.get("nodepool_info", {}).get("nodepool_id", ""))


def _create(context: Context, step: str, pool: NodePool) -> Action:
    """The pool without nodes and without scaling; one that is there becomes what the spec says, its size aside."""
    wanted: Data = plain(context.bundle.node_pools[str(pool.name)])

    def read() -> Seen:
        seen = _read(context, pool)
        return seen._replace(closed=gate.look(context)) if seen.pool is None else seen

    def differ(seen: Seen) -> list[Change]:
        if seen.pool is not None:
            return [each.change(pool.name) for each in _changes(seen.pool)]
        gate.require(context, seen.closed)
        types = ", ".join(wanted["scaling_group"].get("instance_types", ()))
        return [Change("+", f"node pool {pool.name}: no node, no scaling, instance types {types}")]

    def _changes(found: Data) -> list[Difference]:
        listed = differences(wanted, found)
        if fixed := [each.field for each in listed if each.fixed]:
            raise Refusal(
                f"{', '.join(fixed)} of the pool {pool.name} cannot be changed: ACK fixes it when a pool is made",
                "give the pool of the spec another name, and follow hybridc steps --for remove-pool for the old one",
            )
        return listed

    def apply(seen: Seen) -> None:
        if seen.pool is None:
            ack.create_pool(context, _empty(wanted))
        else:
            ack.modify_pool(context, _id(seen.pool), request(_changes(seen.pool)))

    def notes(seen: Seen) -> list[str]:
        held = ["changes hold for nodes that come"] if seen.pool is not None and _changes(seen.pool) else []
        left = [
            f"{each} has our tag, and no place in the spec: hybridc steps --for remove-pool" for each in seen.orphans
        ]
        return [*held, *left, *gate.notes(context, seen.closed)]

    return Action(step, read, differ, apply, notes, once=True)


def _empty(body: Data) -> Data:
    """A request without nodes and without scaling."""
    scaling = {**body.get("auto_scaling", {}), "enable": False}
    return {**body, "scaling_group": {**body["scaling_group"], "desired_size": 0}, "auto_scaling": scaling}


def _behind_gate(context: Context, pool: NodePool, seen: Seen, *steps: str) -> Seen:
    """The same with the gate. Raises Refusal when the pool is not there."""
    if seen.pool is None:
        raise Refusal(f"there is no pool {pool.name}", f"hybridc publish pool.{pool.name}.create")
    return seen._replace(closed=gate.look(context, *steps))


def _nodes(pool: Data) -> int:
    """How many nodes the pool has or is about to have."""
    wanted, there = pool.get("scaling_group", {}).get("desired_size"), pool.get("status", {}).get("total_nodes")
    return max(int(wanted or 0), int(there or 0))


def _scales(pool: Data) -> bool:
    return bool(pool.get("auto_scaling", {}).get("enable"))


def _has_nodes(seen: Seen) -> bool:
    """Whether the pool has a node, or comes to one by itself."""
    return seen.pool is not None and (_nodes(seen.pool) > 0 or _scales(seen.pool))


def _one(context: Context, step: str, pool: NodePool) -> Action:
    """A first node; none where the pool is to stay without."""
    none = asks_for_none(pool)

    def read() -> Seen:
        seen = _read(context, pool)
        return seen if none or _has_nodes(seen) else _behind_gate(context, pool, seen)

    def differ(seen: Seen) -> list[Change]:
        if none or _has_nodes(seen):
            return []
        gate.require(context, seen.closed)
        return [Change("~", f"node pool {pool.name}: 1 node")]

    def apply(seen: Seen) -> None:
        ack.modify_pool(context, _id(seen.pool or {}), {"scaling_group": {"desired_size": 1}})

    def notes(seen: Seen) -> list[str]:
        if none and not _has_nodes(seen):
            return [f"the spec asks for no node of {pool.name}: size.desired is 0; hybridc steps has a command for one"]
        return gate.notes(context, seen.closed)

    return Action(step, read, differ, apply, notes)


def _scale(context: Context, step: str, pool: NodePool) -> Action:
    """The size of the spec; with autoscaling its limits, the live size is the autoscaler's."""
    wanted: Data = plain(context.bundle.node_pools[str(pool.name)])

    def left(found: Data) -> Data:
        if pool.auto_scaling:
            live, asked = found.get("auto_scaling", {}), wanted["auto_scaling"]
            differ = {key: value for key, value in asked.items() if live.get(key) != value}
            return {"auto_scaling": asked} if differ else {}
        size = int(pool.size.desired)
        if _scales(found):
            return {"auto_scaling": {"enable": False}, "scaling_group": {"desired_size": max(size, _nodes(found))}}
        if asks_for_none(pool):
            return {}  # as many as a person wants: the step of hybridc steps says so
        return {"scaling_group": {"desired_size": size}} if _nodes(found) != size else {}

    def read() -> Seen:
        seen = _read(context, pool)
        done = seen.pool is not None and not left(seen.pool)
        return seen if done else _behind_gate(context, pool, seen, "see.node")

    def differ(seen: Seen) -> list[Change]:
        found = seen.pool or {}
        body = left(found)
        if not body:
            return []
        _check_shrink(pool, found)
        gate.require(context, seen.closed)
        return [Change("~", f"node pool {pool.name}: {_size(pool, body)}")]

    def apply(seen: Seen) -> None:
        ack.modify_pool(context, _id(seen.pool or {}), left(seen.pool or {}))

    def notes(seen: Seen) -> list[str]:
        return gate.notes(context, seen.closed)

    return Action(step, read, differ, apply, notes)


def _check_shrink(pool: NodePool, found: Data) -> None:
    """Refuse to take nodes away: ACK does not drain them."""
    there, wanted = _nodes(found), int((pool.size.max if pool.auto_scaling else pool.size.desired) or 0)
    if there > wanted and not (_scales(found) and not pool.auto_scaling):
        raise Refusal(
            f"the pool {pool.name} has {count(there, 'node')}, the spec allows {wanted}: "
            "a smaller number drains none of them",
            "hybridc steps --for remove-pool drains nodes first; or set the size that is there",
        )


def _size(pool: NodePool, body: Data) -> str:
    if pool.auto_scaling:
        return f"scales by itself, {pool.size.min} to {pool.size.max} nodes"
    size = body["scaling_group"]["desired_size"]
    return f"{size} node{'' if size == 1 else 's'}"
