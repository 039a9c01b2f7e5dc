"""Address arithmetic: networks as numbers, parsed once, and cheap to compare."""

from __future__ import annotations

import ipaddress
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
