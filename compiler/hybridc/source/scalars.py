"""Plain scalars as the YAML 1.2 core schema reads them: ``on`` and ``2026-11-22`` are strings, ``0o17`` is 15.

Source: YAML 1.2.2, chapter 10.3.2.
"""

from __future__ import annotations

import re

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE = frozenset(("true", "True", "TRUE"))
_FALSE = frozenset(("false", "False", "FALSE"))
_INT = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
_LIMIT = 2**63
_MOST_SHOWN = 40


class UnreadableNumber(ValueError):
    """A number that JSON and YAML readers do not agree on; the text says which (as much as a person reads) and why."""

    def __init__(self, number: str, why: str) -> None:
        shown = number if len(number) <= _MOST_SHOWN else number[:_MOST_SHOWN] + "…"
        super().__init__(f"{shown} {why}")


def resolve(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar. Raises UnreadableNumber for infinities, NaN and integers beyond 64 bits."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if not (text[0].isdigit() or text[0] in "+-."):
        return text
    return _number(text)


def _number(text: str) -> str | int | float:
    if _INT.match(text):
        return _integer(text, text, 10)
    if _OCTAL.match(text):
        return _integer(text, text[2:], 8)
    if _HEX.match(text):
        return _integer(text, text[2:], 16)
    if _SPECIAL.match(text):
        raise UnreadableNumber(text, "is not a finite number")
    if _FLOAT.match(text):
        value = float(text)
        if value in (float("inf"), float("-inf")):
            raise UnreadableNumber(text, "is too large for a number")
        return value
    return text


def _integer(text: str, digits: str, base: int) -> int:
    if len(digits) > 64 or abs(value := int(digits, base)) >= _LIMIT:
        raise UnreadableNumber(text, "is too large for an integer of 64 bits")
    return value
