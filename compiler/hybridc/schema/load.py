"""The schema as data: look a place up by the pointer of a value."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from hybridc import resources

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
    if part.isdigit() and isinstance(node.get("items"), dict):
        return follow(node["items"])
    additional = node.get("additionalProperties")
    return follow(additional) if isinstance(additional, dict) else None


def at(pointer: str) -> Node | None:
    """The node for a JSON pointer of hybrid.yaml; None when the schema does not know it."""
    node: Node | None = schema()
    for part in pointer.split("/")[1:]:
        node = child(node, part.replace("~1", "/").replace("~0", "~")) if node else None
    return node


def at_schema_path(path: list[str | int]) -> Node:
    """The node that holds the keyword at a schema path, as validators report it."""
    node: Any = schema()
    for part in path[:-1]:
        node = node[part]
    return node if isinstance(node, dict) else {}
