"""Canonical YAML: every reader gets back the same strings.

kubectl, kustomize and Helm disagree on plain scalars (``on``, ``1e3``, ``017``, dates), so a string is written plain
only when it starts with a letter, holds nothing but letters, digits and ``_.-/``, and is no word that any of them
knows. Everything else is a literal block or quoted. No anchors, no folding, no flow style but for ``{}``/``[]``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from hybridc.layout import json_text
from hybridc.lower.bundle import JsonText, YamlText
from hybridc.spec.origin import Flag

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.\-/]*\Z")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "t", "f"])
# As what is not printable: a set of most of Unicode takes milliseconds to compile.
_NOT_PRINTABLE = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]|[\\ud800-\\udfff]|\\ufeff|[\\ufffe\\uffff]")
_LINE_SEPARATORS = re.compile("[\u2028\u2029]")
_SINGLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\Z")
_LITERAL = re.compile(r"\S")


def dump(data: Any) -> str:
    """A document without markers, with a line end."""
    out: list[str] = []
    _write(data, "", "", out.append)
    return "\n".join(out) + "\n"


def scalar(value: Any) -> str:
    """One value on one line, for text that is not dumped as a whole."""
    return _scalar(value, "")


def _write(data: Any, first: str, indent: str, add: Callable[[str], None]) -> None:
    """Write a node as lines; the first one begins with ``first``, the others with ``indent``."""
    if isinstance(data, dict) and data:
        _mapping(data, first, indent, add)
    elif isinstance(data, (list, tuple)) and data:
        _sequence(data, first, indent, add)
    else:
        add(first + _scalar(data, indent))


def _mapping(data: dict[str, Any], first: str, indent: str, add: Callable[[str], None]) -> None:
    inner = indent + "  "
    for key, value in data.items():
        if isinstance(value, (dict, list, tuple)) and value:
            add(f"{first}{_inline(key)}:")
            _write(value, inner, inner, add)
        else:
            add(f"{first}{_inline(key)}: {_scalar(value, inner)}")
        first = indent


def _sequence(data: Any, first: str, indent: str, add: Callable[[str], None]) -> None:
    inner = indent + "  "
    for item in data:
        _write(item, first + "- ", inner, add)
        first = indent


def _scalar(value: Any, indent: str) -> str:
    if isinstance(value, str):
        return _literal(value, indent) if "\n" in value and _fits_literal(value) else _inline(value)
    if isinstance(value, JsonText):
        return _scalar(json_text.embedded(value), indent)
    if isinstance(value, YamlText):
        return _scalar(dump(value.data), indent)
    if isinstance(value, (bool, Flag)):
        return "true" if value else "false"
    if isinstance(value, (dict, list, tuple)):
        return "{}" if isinstance(value, dict) else "[]"
    return json.dumps(value)


@lru_cache(maxsize=4096)
def _inline(text: str) -> str:
    """A string on one line."""
    if _PLAIN.match(text) and text.lower() not in _WORDS:
        return str(text)
    if ('"' in text or "\\" in text) and _SINGLE.match(text):
        return "'" + text.replace("'", "''") + "'"
    return _quoted(text)


@lru_cache(maxsize=64)
def _fits_literal(text: str) -> bool:
    """Only text that a literal block gives back to every reader: printable, no blanks at an end of a line."""
    if _NOT_PRINTABLE.search(text) or _LINE_SEPARATORS.search(text) or "\t" in text:
        return False
    lines = text.split("\n")
    return bool(_LITERAL.match(lines[0])) and not any(line.endswith(" ") for line in lines)


def _literal(text: str, indent: str) -> str:
    body = text.rstrip("\n")
    trailing = len(text) - len(body)
    mark = "|-" if trailing == 0 else "|" if trailing == 1 else "|+"
    lines = [indent + line if line else "" for line in body.split("\n")]
    return "\n".join([mark, *lines, *[""] * (trailing - 1 if trailing else 0)])


def _quoted(text: str) -> str:
    """Double-quoted as JSON writes it, with escapes for what YAML does not print as it is."""
    return _LINE_SEPARATORS.sub(_escape, _NOT_PRINTABLE.sub(_escape, encode_basestring(text)))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
