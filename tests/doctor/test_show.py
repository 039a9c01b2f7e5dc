"""The table fits 100 columns whatever stands in it; and no object of a cluster can break a look."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from tests.doctor.clusters import seen, synced
from tests.patched import patched
from tests.preflight.cases import BASE
from tests.preflight.clusters import compiled

from hybridc.doctor.answer import MARKS, Row
from hybridc.doctor.run import examine
from hybridc.doctor.show import table
from hybridc.words import columns

TOKEN = "{nodeInit: {join: {token: {from: oss, refresh: cronJob}}}}"
TEXTS = ["云节点" * 40, "a" * 300, "\x1b[31mred\x1b[0m " * 20, "::error::x", "", "é" * 200, "one two " * 60]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("mark", MARKS)
def test_a_row_fits(mark: Any, text: str) -> None:
    shown = table([Row("steps", f"pool.{'p' * 63}.create", mark, text, text), Row("steps", "云", mark, text, text)])
    assert max(map(columns, shown.splitlines())) <= 100
    assert "\x1b" not in shown


def parts(item: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in item.items() if isinstance(item, dict) else ():
        if path or key not in ("apiVersion", "kind"):
            yield (*path, key)
            yield from parts(value, (*path, key))


def without(item: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    found = copy.deepcopy(item)
    inside = found
    for key in path[:-1]:
        inside = inside[key]
    del inside[path[-1]]
    return found


def test_no_look_relies_on_a_part_that_may_be_missing() -> None:
    found = compiled(patched(BASE, TOKEN))
    items = synced(found)
    for index, item in enumerate(items):
        for path in parts(item):
            if path not in (("metadata",), ("metadata", "name"), ("metadata", "namespace")):
                changed = [*items[:index], without(item, path), *items[index + 1 :]]
                assert examine(found, seen(found, changed)), (item["metadata"]["name"], path)
