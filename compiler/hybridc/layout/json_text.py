"""JSON as hybridc writes it: stable, one member a line, short lists of plain values on one line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from json.encoder import encode_basestring  # the C function behind ensure_ascii=False
from typing import Any

from hybridc.lower.bundle import JsonText
from hybridc.spec.origin import Flag, plain

_LINE = 100
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def dump(data: Any) -> str:
    """The text of a JSON file, with a line end."""
    out: list[str] = []
    _write(data, "\n", out.append)
    return "".join(out) + "\n"


def embedded(value: JsonText) -> str:
    """The text of JSON that stands in a string: indented with a line end, or compact.

    Characters that nobody sees are escaped: kustomize prints some of them in a form that it cannot read again.
    """
    text = _COMPACT.encode(plain(value.data)) if value.indent is None else dump(value.data)
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _write(data: Any, newline: str, add: Callable[[str], None]) -> None:
    """Write a value; ``newline`` is a line end with the indentation of the line that the value begins on."""
    if isinstance(data, dict) and data:
        _members(data, newline, add)
    elif isinstance(data, (list, tuple)) and data:
        _items(data, newline, add)
    else:
        add(_scalar(data))


def _members(data: dict[str, Any], newline: str, add: Callable[[str], None]) -> None:
    inner = newline + "  "
    mark = "{"
    for key, value in data.items():
        add(f"{mark}{inner}{encode_basestring(key)}: ")
        _write(value, inner, add)
        mark = ","
    add(newline + "}")


def _items(data: Any, newline: str, add: Callable[[str], None]) -> None:
    if not any(isinstance(item, (dict, list, tuple)) for item in data):
        line = f"[{', '.join(_scalar(item) for item in data)}]"
        if len(line) + len(newline) <= _LINE:
            add(line)
            return
    inner = newline + "  "
    mark = "["
    for item in data:
        add(mark + inner)
        _write(item, inner, add)
        mark = ","
    add(newline + "]")


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, JsonText):
        return encode_basestring(embedded(value))
    if isinstance(value, Flag):
        return "true" if value else "false"
    if isinstance(value, (dict, list, tuple)):
        return "{}" if isinstance(value, dict) else "[]"
    return json.dumps(plain(value))
