"""No field of the schema makes work or output grow faster than itself: every list and mapping is grown to n and 2n.

The fields are found by walking the schema, the work is counted function by function, and nothing is timed.
"""

from __future__ import annotations

import copy
import cProfile
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import yaml
from tests.build.cli import ROOT

from hybridc.compile import Compiled, compile_spec
from hybridc.layout import yaml_text
from hybridc.report.reporter import FORMATS, Reporter
from hybridc.schema import load
from hybridc.session import Session

TODAY = "2026-01-01"
NUMBER = 40
Path = tuple[str | int, ...]
Shape = Callable[[Any, int], Any]


def everything() -> dict[str, Any]:
    text = (ROOT / "examples" / "everything" / "hybrid.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(json.dumps(yaml.safe_load(text), default=str))
    return data


def places(node: load.Node, value: Any, path: Path = ()) -> Iterator[Path]:
    """Every list and mapping of the example that the schema lets grow, and every object, the inner ones first."""
    if isinstance(value, (dict, list)):
        inner: list[tuple[str | int, Any]] = list(value.items() if isinstance(value, dict) else enumerate(value[:1]))
        for key, one in inner:
            yield from places(load.child(node, str(key)) or {}, one, (*path, key))
        if path:
            yield path


def at(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def numbered(value: Any, number: int) -> Any:
    """Another value of the same kind, where that is a name, an address or an id."""
    if isinstance(value, dict):
        return {key: one if key in ("kind", "zone") else numbered(one, number) for key, one in value.items()}
    if isinstance(value, list):
        return [numbered(one, number) for one in value]
    if isinstance(value, str) and re.fullmatch(r"[0-9.]+/[0-9]+", value):
        return f"10.{number // 256}.{number % 256}.0/24"
    return f"{value}{number}" if isinstance(value, str) and re.fullmatch(r"[a-z0-9.-]+", value) else value


def grown(value: Any, items: list[Any]) -> Any:
    """A list of the items, or a mapping with them under new keys."""
    return (
        items if isinstance(value, list) else {**value, **{f"k{number:03}": item for number, item in enumerate(items)}}
    )


def first(value: Any) -> Any:
    return next(iter(value.values() if isinstance(value, dict) else value), "x")


def keyed(key: str, one: Any) -> Shape:
    return lambda value, number: (
        [one] * number if isinstance(value, list) else {**value, **{f"{key}{at:03}": one for at in range(number)}}
    )


SHAPES: dict[str, Shape] = {
    "others": lambda value, number: grown(value, [numbered(first(value), one) for one in range(number)]),
    "the same": lambda value, number: grown(value, [first(value)] * number),
    "wrong types": keyed("k", 0),
    "empty objects": keyed("k", {}),
    "nothing": keyed("k", None),
    "secrets": keyed("secret", "hunter2"),
    "bad keys": keyed("k k", "x"),
    "unknown fields": lambda value, number: grown(value, [{f"u{one:03}": 1} for one in range(number)]),
    "near words": lambda value, number: (
        {**value, **{f"{next(iter(value), 'kind')}{one:03}": 0 for one in range(number)}}
        if isinstance(value, dict)
        else [f"vsw-uf6nodek{one:03}" for one in range(number)]
    ),
}


class Work(NamedTuple):
    """How often each function was called, and what came out: findings, bytes of findings, bytes of files."""

    calls: dict[str, int]
    findings: int
    shown: int
    written: int


def work(data: dict[str, Any]) -> Work:
    raw = yaml_text.dump(data).encode()
    profile = cProfile.Profile()
    profile.enable()
    result = compile_spec("hybrid.yaml", raw, TODAY)
    shown = sum(len(rendered(form, result)) for form in FORMATS)
    profile.disable()
    calls = {str(entry.code): entry.callcount for entry in profile.getstats()}
    written = sum(map(len, result.tree.values())) if isinstance(result, Compiled) else 0
    return Work(calls, len(result.found), shown, written)


def rendered(form: str, result: Any) -> str:
    reporter = Reporter(form, None, keep=True)
    Session(reporter.take, TODAY).report(result.found, result.document)
    return reporter.document()


def held_to_a_line(make: Callable[[int], dict[str, Any]], number: int) -> None:
    """Twice the field: at most a little more than twice of everything.

    What begins at some number (a hundred findings, 10,000 values) is a step: it is none at twice the number.
    """
    steep = _steep(work(make(number)), work(make(2 * number)))
    if steep:
        later = _steep(work(make(2 * number)), work(make(4 * number)))
        steep = {name: later[name] for name in steep if name in later}
    assert not steep


def _steep(once: Work, twice: Work) -> dict[str, tuple[int, int]]:
    pairs = {name: (once.calls.get(name, 0), number) for name, number in twice.calls.items()}
    steep = {name: (one, two) for name, (one, two) in pairs.items() if two > 2.3 * one + 300}
    sizes = zip(Work._fields[1:], once[1:], twice[1:], strict=True)
    return steep | {name: (one, two) for name, one, two in sizes if one and two > 2.3 * one + 2000}


BASE = everything()
PLACES = sorted(set(places(load.schema(), BASE)), key=lambda path: (-len(path), str(path)))
LISTS = [path for path in PLACES if isinstance(at(BASE, path), list)]
OUTER = [path for path in LISTS if not any(path != other and path[: len(other)] == other for other in LISTS)]
OPEN = [path for path in PLACES if not (load.at("".join(f"/{key}" for key in path)) or {}).get("properties")]


def with_grown(paths: list[Path], shape: Shape, number: int) -> dict[str, Any]:
    data = copy.deepcopy(BASE)
    for path in paths:
        holder = at(data, path[:-1])
        holder[path[-1]] = shape(copy.deepcopy(holder[path[-1]]), number)
    return data


@pytest.fixture(scope="module", autouse=True)
def caches() -> None:
    work(BASE)


@pytest.mark.parametrize("path", OPEN, ids=lambda path: "/".join(map(str, path)))
def test_a_field_that_grows(path: Path) -> None:
    held_to_a_line(lambda number: with_grown([path], SHAPES["others"], number), NUMBER)


@pytest.mark.parametrize("what", [what for what in SHAPES if what not in ("others", "the same")])
def test_all_lists_that_grow_wrongly(what: str) -> None:
    held_to_a_line(lambda number: with_grown(OUTER, SHAPES[what], number), 10)
