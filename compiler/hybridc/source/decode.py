"""Bytes → text: UTF-8 with or without a byte order mark, and only characters that every reader of YAML takes alike."""

from __future__ import annotations

import codecs
import re

from hybridc.diagnostic import ERROR, START, Diagnostic, Place

MAX_BYTES = 1024 * 1024

# What YAML 1.2.2, chapter 5.1, leaves out; what ends a line in YAML 1.1 only (U+0085, U+2028, U+2029); the invisible
# U+FEFF. As what is refused, since a set that holds most of Unicode takes longer to compile than a spec to read.
_REFUSED = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]|[\\u2028\\u2029]|[\\ud800-\\udfff]|\\ufeff|[\\ufffe\\uffff]"
)
_LINE_ENDS = "\x85\u2028\u2029"


def decode(path: str, raw: bytes) -> tuple[str, list[Diagnostic]]:
    """The text of a file, and why it cannot be read as YAML; the text is for showing it then."""
    if len(raw) > MAX_BYTES:
        return "", _refuse(path, "YAML006", START, "the file is larger than 1 MiB", "one spec has a few hundred lines")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        what = "the file is UTF-16 text, not UTF-8" if wide else "the file is not UTF-8 text"
        before = raw[: error.start].decode("utf-8-sig", "replace")
        shown = "" if b"\x00" in raw else raw.decode("utf-8-sig", "replace")
        return shown, _refuse(path, "YAML009", offset(before, len(before)), what, "save it as UTF-8")
    bad = _REFUSED.search(text)
    if bad is None:
        return text, []
    name = f"U+{ord(bad.group()):04X}"
    reason = "ends a line for some readers of YAML only" if bad.group() in _LINE_ENDS else "is not allowed"
    advice = f'remove it, or write it in double quotes as "{_escape(bad.group())}"'
    return text, _refuse(path, "YAML009", offset(text, bad.start()), f"the character {name} {reason}", advice)


def offset(text: str, position: int) -> Place:
    """The place of one character."""
    before = text[:position].replace("\r\n", "\n").replace("\r", "\n")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Place(line, column, line, column + 1)


def _escape(character: str) -> str:
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"


def _refuse(path: str, code: str, place: Place, message: str, help: str) -> list[Diagnostic]:  # noqa: A002
    return [Diagnostic(code, ERROR, path, place, message, help)]
