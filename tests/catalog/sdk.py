"""Alibaba Cloud's SDKs as facts: the calls of a client, the keys of a request, and the words of a field.

The modules are generated, so they are read as text; nothing of them is imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests import pinned

_MODEL = re.compile(r"main_models\.(\w+)")
_CALL = re.compile(
    r"action ?= ?'(\w+)',\s+version ?= ?'[^']*',\s+protocol ?= ?'[^']*',\s+pathname ?= ?f?'([^']*)',"
    r"\s+method ?= ?'([A-Z]+)',"
)
_REQUIRED = "# This parameter is required."
_WORD = re.compile(r"^# - `?(\w+)`?(?::|$)")


@dataclass(frozen=True)
class Model:
    """A class of requests: the models below it by their keys (None: a plain value), and what is said of its keys."""

    keys: dict[str, str | None]
    words: dict[str, tuple[str, ...]]
    required: frozenset[str]


@cache
def calls(name: str) -> dict[str, tuple[str, re.Pattern[str]]]:
    """Every call of an SDK: its HTTP method, and the pattern of its path."""
    text = (pinned.folder(name) / "client.py").read_text("utf-8")
    return {call: (method, _pattern(path)) for call, path, method in _CALL.findall(text)}


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


@cache
def regions(name: str) -> frozenset[str]:
    """The regions that an SDK names an endpoint of; those of Alibaba's own tests are among them."""
    text = (pinned.folder(name) / "client.py").read_text("utf-8")
    found = re.search(r"_endpoint_map = \{(.*?)\}", text, re.DOTALL)
    return frozenset(re.findall(r"'([a-z0-9-]+)': '", found[1])) if found else frozenset()


@cache
def _modules(name: str) -> dict[str, Path]:
    """Class → the file that defines it."""
    folder = pinned.folder(name) / "models"
    text = (folder / "__init__.py").read_text("utf-8")
    return {found[2]: folder / f"{found[1]}.py" for found in re.finditer(r"^from \.(\w+) import (\w+)$", text, re.M)}


@cache
def model(name: str, kind: str) -> Model:
    """The class ``kind`` of an SDK."""
    text = _modules(name)[kind].read_text("utf-8")
    lines = text.splitlines()
    (node,) = (part for part in ast.parse(text).body if isinstance(part, ast.ClassDef) and part.name == kind)
    made, to_map = (
        next(part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == method)
        for method in ("__init__", "to_map")
    )
    below = {item.arg: _below(item) for item in made.args.args if item.arg != "self"}
    names = dict(_written(to_map))
    said = {names[attribute]: _said(lines, line) for attribute, line in _assigned(made) if attribute in names}
    words = {key: tuple(word[1] for line in block if (word := _WORD.match(line))) for key, block in said.items()}
    required = frozenset(key for key, block in said.items() if _REQUIRED in block)
    return Model({key: below[attribute] for attribute, key in names.items()}, words, required)


def _below(argument: ast.arg) -> str | None:
    found = _MODEL.search(ast.unparse(argument.annotation)) if argument.annotation else None
    return found[1] if found else None


def _written(to_map: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """``(attribute, key)`` of every ``if self.attribute is not None: result['key'] …``."""
    for node in ast.walk(to_map):
        if (
            isinstance(node, ast.If)
            and isinstance(node.test, ast.Compare)
            and isinstance(node.test.left, ast.Attribute)
        ):
            key = re.search(r"result\['([^']+)'\]", ast.unparse(node))
            assert key is not None
            yield node.test.left.attr, key[1]


def _assigned(made: ast.FunctionDef) -> Iterator[tuple[str, int]]:
    for node in made.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            yield node.targets[0].attr, node.lineno - 1


def _said(lines: list[str], line: int) -> list[str]:
    """The comment above a line."""
    found: list[str] = []
    while (above := lines[(line := line - 1)].strip()).startswith("#"):
        found.insert(0, above)
    return found


def unknown(name: str, kind: str, body: Any, path: str = "") -> Iterator[str]:
    """The keys of a request that its model does not have, as paths."""
    if isinstance(body, list):
        for item in body:
            yield from unknown(name, kind, item, path)
        return
    keys = model(name, kind).keys
    for key, value in body.items():
        below = f"{path}.{key}".lstrip(".")
        if key not in keys:
            yield below
            continue
        nested = keys[key]
        if nested is not None:
            yield from unknown(name, nested, value, below)
        else:
            assert not isinstance(value, dict), below


def missing(name: str, kind: str, body: Any, path: str = "") -> Iterator[str]:
    """The keys that a model says are required and a request does not have, as paths."""
    if isinstance(body, list):
        for item in body:
            yield from missing(name, kind, item, path)
        return
    found = model(name, kind)
    yield from (f"{path}.{key}".lstrip(".") for key in sorted(found.required - set(body)))
    for key, nested in found.keys.items():
        if nested is not None and key in body:
            yield from missing(name, nested, body[key], f"{path}.{key}")
