"""JSON as hybridc writes it: stable, one member a line, short lists of plain values on one line."""

from __future__ import annotations

import json
from typing import Any

from hybridc.lower.bundle import JsonText
from hybridc.spec.origin import plain

_LINE = 100


def dump(data: Any) -> str:
    """The text of a JSON file, with a line end."""
    return _pretty(_resolved(data), "") + "\n"


def embedded(value: JsonText) -> str:
    """The text of JSON that stands in a string: indented with a line end, or compact."""
    data = plain(value.data)
    if value.indent is None:
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return _pretty(data, "") + "\n"


def _resolved(data: Any) -> Any:
    if isinstance(data, JsonText):
        return embedded(data)
    if isinstance(data, dict):
        return {str(key): _resolved(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_resolved(item) for item in data]
    return plain(data)


def _pretty(data: Any, indent: str) -> str:
    if not isinstance(data, (dict, list)) or not data:
        return json.dumps(data, ensure_ascii=False)
    inner = indent + "  "
    if isinstance(data, dict):
        members = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_pretty(value, inner)}" for key, value in data.items()
        ]
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if not any(isinstance(item, (dict, list)) for item in data):
        line = json.dumps(data, ensure_ascii=False)
        if len(line) + len(indent) <= _LINE:
            return line
    return "[\n" + ",\n".join(inner + _pretty(item, inner) for item in data) + f"\n{indent}]"
