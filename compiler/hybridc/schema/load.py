"""The schema as data: look a place up by the pointer of a value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from hybridc import resources
from hybridc.words import parts

Node = dict[str, Any]


@cache
def schema() -> Node:
    """The whole JSON Schema (draft 2020-12)."""
    loaded: Node = json.loads(resources.read(resources.SCHEMA))
    return loaded


def follow(node: Node) -> Node:
    """The node with its ``$ref`` followed; what stands beside the reference wins."""
    while "$ref" in node:
        target = schema()["$defs"][node["$ref"].rpartition("/")[2]]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def child(node: Node, part: str) -> Node | None:
    """The node of a member or an item of ``node``; None when the schema does not know it."""
    node = follow(node)
    properties: Node = node.get("properties", {})
    if part in properties:
        return follow(properties[part])
    if part.isdigit() and int(part) < len(node.get("prefixItems", ())):
        return follow(node["prefixItems"][int(part)])
    if part.isdigit() and isinstance(node.get("items"), dict):
        return follow(node["items"])
    additional = node.get("additionalProperties")
    return follow(additional) if isinstance(additional, dict) else None


def at(pointer: str) -> Node | None:
    """The node for a JSON pointer of hybrid.yaml; None when the schema does not know it."""
    node: Node | None = schema()
    for part in parts(pointer):
        node = child(node, part) if node else None
    return node


def fields(node: Node | None = None, path: str = "") -> Iterator[tuple[str, Node]]:
    """``(path as a person writes it, node)`` of all that the schema knows, such as spec.nodePools[].size."""
    node = follow(node or schema())
    for name, below in node.get("properties", {}).items():
        yield (f"{path}.{name}" if path else name), follow(below)
        yield from fields(below, f"{path}.{name}" if path else name)
    for index, below in enumerate(node.get("prefixItems", ())):
        yield f"{path}[{index}]", follow(below)
    for key, mark in (("items", "[]"), ("additionalProperties", ".*")):
        if isinstance(node.get(key), dict):
            yield path + mark, follow(node[key])
            yield from fields(node[key], path + mark)


@cache
def _homes() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, _ in fields():
        home, _, name = path.rpartition(".")
        found.setdefault(name, []).append(home)
    return found


def homes(name: str) -> list[str]:
    """The objects that have a field of this name; "" is the top level."""
    return _homes().get(name, [])


def at_schema_path(path: list[str | int]) -> Node:
    """The node that holds the keyword at a schema path, as validators report it."""
    node: Any = schema()
    for part in path[:-1]:
        node = node[part]
    return node if isinstance(node, dict) else {}


def condition(path: list[str | int]) -> tuple[list[str], int] | None:
    """What the ``if`` of a violated then or else looks at; None for what is no condition.

    Pointers below the object that has the condition, and how many levels below that object the value stands.
    """
    if path[0] == "$defs" and not {"then", "else"} & set(path):
        path = [*_place_of(str(path[1])), *path[2:]]
    at = max((index for index, part in enumerate(path) if part in ("then", "else")), default=None)
    if at is None:
        return None
    test = at_schema_path([*path[:at], "if", ""])
    return list(_looked_at(test)), sum(part in ("properties", "items") for part in path[at:-1])


def _looked_at(test: Node, pointer: str = "") -> Iterator[str]:
    inner = test.get("properties", {})
    for name, below in inner.items():
        yield from _looked_at(below, f"{pointer}/{name}")
    yield from (f"{pointer}/{name}" for name in test.get("required", ()) if name not in inner)
    if pointer and not inner:
        yield pointer


@cache
def _place_of(name: str) -> tuple[str | int, ...]:
    return tuple(_used_by(schema(), name))


def _used_by(node: Any, name: str) -> list[str | int]:
    """The path of the then or else that is the definition of this name; empty when there is none."""
    if isinstance(node, dict):
        for key in ("then", "else"):
            if isinstance(node.get(key), dict) and node[key].get("$ref") == f"#/$defs/{name}":
                return [key]
    inner: list[tuple[str | int, Any]] = list(node.items()) if isinstance(node, dict) else []
    inner += enumerate(node) if isinstance(node, list) else []
    found = ([part, *path] for part, below in inner if (path := _used_by(below, name)))
    return next(found, [])
