"""Networks that overlap are found as comparing every pair would find them."""

from __future__ import annotations

import ipaddress
import random

import pytest

from hybridc.cidr import Networks, Span, overlap, parse


def some(random_: random.Random, version: int) -> Span:
    """A network among few, so that many overlap."""
    bits = 32 if version == 4 else 128
    prefix = random_.choice((0, 8, 9, 16, 24, bits))
    number = random_.getrandbits(6) << (bits - 16)
    kind = ipaddress.IPv4Network if version == 4 else ipaddress.IPv6Network
    span = parse(str(kind((number >> (bits - prefix) << (bits - prefix), prefix))))
    assert span is not None
    return span


@pytest.mark.parametrize("seed", range(40))
def test_against_every_pair(seed: int) -> None:
    chance = random.Random(seed)
    spans = [some(chance, chance.choice((4, 6))) for _ in range(30)]
    networks = Networks(spans)
    for _ in range(20):
        one = some(chance, chance.choice((4, 6)))
        expected = [number for number, other in enumerate(spans) if overlap(one, other)]
        found = networks.overlapping(one)
        assert (found is None) == (not expected)
        if found is not None:
            assert found[1] == len(expected)
            assert spans[found[0]].prefix == min(spans[number].prefix for number in expected)
