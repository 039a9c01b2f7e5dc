"""Address arithmetic: networks as numbers, parsed once, and cheap to compare."""

from __future__ import annotations

import ipaddress
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple


class Span(NamedTuple):
    """A network: IP version, first and last address as numbers, prefix length."""

    version: int
    first: int
    last: int
    prefix: int


@lru_cache(maxsize=8192)
def parse(value: str) -> Span | None:
    """The network, or None when the text is no network in masked form."""
    try:
        network = ipaddress.ip_network(value, strict=True)
    except ValueError:
        return None
    return Span(network.version, int(network.network_address), int(network.broadcast_address), network.prefixlen)


def canonical(value: str) -> str | None:
    """The masked form of an address with a prefix length; None when it is no such thing."""
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        return None


def overlap(a: Span, b: Span) -> bool:
    """Whether two networks share an address; networks of different IP versions never do."""
    return a.version == b.version and a.first <= b.last and b.first <= a.last


def inside(a: Span, outer: Span) -> bool:
    """Whether ``a`` lies within ``outer``."""
    return a.version == outer.version and outer.first <= a.first and a.last <= outer.last


class Networks:
    """Networks that are looked through for those that share an address with another, without comparing all pairs.

    Two networks are apart, or one holds the other: what overlaps is found by its prefix, or lies side by side.
    """

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._sorted: list[tuple[int, int, int, int]] = []  # version, first, prefix, and the number of the network
        self._numbers: dict[tuple[int, int, int], list[int]] = {}
        self._count = 0
        for span in spans:
            self.add(span)

    def add(self, span: Span) -> None:
        """Take one more; it gets the next number, from 0 on."""
        insort(self._sorted, (span.version, span.first, span.prefix, self._count))
        self._numbers.setdefault((span.version, span.prefix, span.first), []).append(self._count)
        self._count += 1

    def overlapping(self, span: Span) -> tuple[int, int] | None:
        """``(number, how many)``: one that shares an address with the span, the widest of them; None when none does."""
        around = [numbers for prefix in range(span.prefix) if (numbers := self._numbers.get(_holder(span, prefix)))]
        low = bisect_left(self._sorted, (span.version, span.first, span.prefix, -1))
        high = bisect_right(self._sorted, (span.version, span.last, _LONGEST, self._count))
        count = sum(map(len, around)) + high - low
        if not count:
            return None
        return (around[0][0] if around else self._sorted[low][3]), count


_LONGEST = 129
_BITS = {4: 32, 6: 128}


def _holder(span: Span, prefix: int) -> tuple[int, int, int]:
    """The network of a shorter prefix that the span lies in."""
    shift = _BITS[span.version] - prefix
    return span.version, prefix, span.first >> shift << shift
