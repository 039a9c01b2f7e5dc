"""Canonical YAML: every reader gets back the same strings.

kubectl, kustomize and Helm disagree on plain scalars (``on``, ``1e3``, ``017``, dates), so a string is written plain
only when it starts with a letter, holds nothing but letters, digits and ``_.-/``, and is no word that any of them
knows. Everything else is a literal block or quoted. No anchors, no folding, no flow style but for ``{}``/``[]``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from hybridc.layout import json_text
from hybridc.lower.bundle import JsonText, YamlText
from hybridc.spec.origin import Flag

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.\-/]*\Z")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "t", "f"])
_NOT_PRINTABLE = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_LINE_SEPARATORS = re.compile("[\u2028\u2029]")
_SINGLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\Z")
_LITERAL = re.compile(r"\S")


def dump(data: Any) -> str:
    """A document without markers, with a line end."""
    lines = list(_node(data, ""))
    return "\n".join(lines) + "\n"


def scalar(value: Any) -> str:
    """One value on one line, for text that is not dumped as a whole."""
    return _scalar(value, "")


def _node(data: Any, indent: str) -> Iterator[str]:
    if isinstance(data, dict) and data:
        yield from _mapping(data, indent)
    elif isinstance(data, (list, tuple)) and data:
        yield from _sequence(data, indent)
    else:
        yield indent + "".join(_scalar(data, indent))


def _mapping(data: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in data.items():
        head = f"{indent}{_key(key)}:"
        if isinstance(value, (dict, list, tuple)) and value:
            yield head
            yield from _node(value, indent + "  ")
        else:
            yield f"{head} {_scalar(value, indent + '  ')}"


def _sequence(data: Any, indent: str) -> Iterator[str]:
    for item in data:
        if isinstance(item, (dict, list, tuple)) and item:
            lines = _node(item, indent + "  ")
            yield f"{indent}- {next(lines).lstrip(' ')}"
            yield from lines
        else:
            yield f"{indent}- {_scalar(item, indent + '  ')}"


def _key(key: str) -> str:
    return str(key) if _is_plain(key) else _quoted(str(key))


def _scalar(value: Any, indent: str) -> str:
    if isinstance(value, JsonText):
        return _string(json_text.embedded(value), indent)
    if isinstance(value, YamlText):
        return _string(dump(value.data), indent)
    if isinstance(value, str):
        return _string(str(value), indent)
    if isinstance(value, (bool, Flag)):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    return json.dumps(value)


def _string(text: str, indent: str) -> str:
    if _is_plain(text):
        return text
    if "\n" in text and _fits_literal(text):
        return _literal(text, indent)
    if ('"' in text or "\\" in text) and _SINGLE.match(text):
        return "'" + text.replace("'", "''") + "'"
    return _quoted(text)


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.match(text)) and text.lower() not in _WORDS


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
    return _LINE_SEPARATORS.sub(_escape, _NOT_PRINTABLE.sub(_escape, json.dumps(text, ensure_ascii=False)))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
