"""Objects with junk somewhere in them are refused, or every rule goes on: none falls over."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.preflight.cases import BASE
from tests.preflight.clusters import compiled, healthy, seen

from hybridc.live.shapes import Misshapen
from hybridc.preflight.run import hold

FOUND = compiled(BASE.read_text("utf-8"))
ITEMS = healthy(FOUND.spec)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.just([]),
    st.just({}),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=4), st.just({})), max_size=3),
    st.dictionaries(st.text(max_size=4), st.one_of(st.none(), st.integers(), st.text(max_size=4)), max_size=3),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside ``value``."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in inside for found in ((*path, key), *places(item, (*path, key)))]


PLACES = [(number, place) for number, item in enumerate(ITEMS) for place in places(item) if place[0] not in ("kind",)]


@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_no_rule_falls_over_junk(changes: list[tuple[tuple[int, tuple[Any, ...]], Any]]) -> None:
    items = copy.deepcopy(ITEMS)
    for (number, (*path, last)), junk in changes:
        inside: Any = items[number]
        try:
            for key in path:
                inside = inside[key]
            inside[last] = junk
        except (KeyError, IndexError, TypeError):
            continue  # what an earlier change has taken away
    try:
        state = seen(FOUND.spec, items)
    except Misshapen:
        return
    for diagnostic in hold(FOUND, state).found:
        assert diagnostic.message
