"""No regular expression of hybridc makes an input of twice the length more than about twice the work.

The work of a backtracking engine is counted, on strings that are made of the pattern itself: what its parts take, over
and over, behind what comes before them and in front of what fits nothing. An upper bound of a repetition counts as a
small one: it is a constant.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.linear import worst

import hybridc

PACKAGE = Path(hybridc.__file__).parent
SCHEMA = PACKAGE.parents[1] / "schemas" / "hybrid.schema.json"
FROM_THE_START = {"match", "fullmatch"}
CALLS = FROM_THE_START | {"compile", "search", "sub", "subn", "split", "findall", "finditer"}


def _compiled(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list)):
        yield from itertools.chain.from_iterable(map(_compiled, value))


def _text(node: ast.expr) -> str | None:
    """A pattern that stands in a call; a part that is known only when it runs is a letter."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
        return node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    return None


def _of_module(name: str) -> Iterator[tuple[str, str, int, bool]]:
    """Where it stands, pattern, flags, and whether it is looked for everywhere in a text."""
    module = importlib.import_module(name)
    assert module.__file__
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    methods: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            methods.setdefault(node.value.id, set()).add(node.attr)
    for key, value in vars(module).items():
        for found in _compiled(value):
            text = found.pattern.decode("latin-1") if isinstance(found.pattern, bytes) else found.pattern
            anywhere = not methods.get(key, {"search"}) <= FROM_THE_START | {"pattern"}
            yield f"{name}.{key}", text, found.flags & (re.I | re.S | re.M), anywhere
    calls = (node for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) for node in ast.walk(each))
    for node in calls:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in CALLS:
            continue
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and (text := _text(node.args[0])):
            yield f"{name}:{node.lineno}", text, 0, node.func.attr not in FROM_THE_START


def _of_schema(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "pattern" and isinstance(value, str))
        yield from itertools.chain.from_iterable(map(_of_schema, node.values()))
    elif isinstance(node, list):
        yield from itertools.chain.from_iterable(map(_of_schema, node))


def _all() -> Iterator[tuple[str, str, int, bool]]:
    for module in pkgutil.walk_packages([str(PACKAGE)], "hybridc."):
        if not module.name.endswith("__main__"):
            yield from _of_module(module.name)
    for text in sorted(set(_of_schema(json.loads(SCHEMA.read_text(encoding="utf-8"))))):
        yield "the schema", text, 0, True


PATTERNS = {(text, flags, anywhere): where for where, text, flags, anywhere in _all()}


@pytest.mark.parametrize(
    "key", PATTERNS, ids=lambda key: f"{PATTERNS[key]} {key[0][:40]}".encode("unicode_escape").decode()
)
def test_twice_the_text_is_twice_the_work(key: tuple[str, int, bool]) -> None:
    factor, text = worst(*key)
    assert factor < 2.9, f"{PATTERNS[key]}: {key[0]!r} does {factor:.1f} times the work on twice of {text!r}"


@pytest.mark.parametrize(
    "text", [r"(a+)+\Z", r"(?:a|a)*b", r"a*a*b", r"\s+\Z", r"\{\{.*?\}\}", r"x=(?:[^,]|,y)*,z\Z", r"(?:\s|- )*\s*:"]
)
def test_what_is_not_linear_is_seen(text: str) -> None:
    assert worst(text, 0, True)[0] > 2.9


@pytest.mark.parametrize("text", [r"<[^<>]*>", r"[a-z]+\.[a-z]+\Z", r'"(?:[^"\\]|\\.)*"', r"(?>a+)b", r"a{1,9}b"])
def test_what_is_linear_is_none(text: str) -> None:
    assert worst(text, 0, False)[0] < 2.9
