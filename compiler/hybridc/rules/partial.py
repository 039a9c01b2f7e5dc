"""The parts of a spec that can be looked at although other parts are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec

T = TypeVar("T")


def members(mapping: dict[str, T]) -> Iterator[tuple[str, T]]:
    """Names and values of a mapping, without the values that are wrong; none when the mapping as a whole is."""
    if not is_hole(mapping):
        yield from ((name, value) for name, value in mapping.items() if not is_hole(value))


def whole_pools(spec: Spec) -> bool:
    """Whether all node pools are known, each with all of its vSwitches and instance types: what a total needs."""
    return spec.node_pools.whole and all(pool.vswitches.whole and pool.instance_types.whole for pool in spec.node_pools)
