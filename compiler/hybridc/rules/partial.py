"""The parts of a spec that can be looked at although other parts are wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from hybridc.spec.hole import is_hole
from hybridc.spec.model import NodePool, Spec

T = TypeVar("T")


def known(items: Iterable[T]) -> Iterator[T]:
    """The items that are not wrong in the file; none when the list as a whole is wrong."""
    if not is_hole(items):
        yield from (item for item in items if not is_hole(item))


def pools(spec: Spec) -> Iterator[NodePool]:
    """The node pools that can be looked at."""
    yield from known(spec.node_pools)


def pool_types(pool: NodePool) -> Iterator[str]:
    """The instance types of a pool that are not wrong in the file."""
    yield from known(pool.instance_types)
