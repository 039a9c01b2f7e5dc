"""How values, places and near misses are named in a sentence for a person."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from hybridc import REPOSITORY

ISSUES = f"{REPOSITORY}/issues" if REPOSITORY else "whoever gave you hybridc"
"""Where a bug is reported to."""

PLACEHOLDER = re.compile(r"<[^<>]*>|\{\{|\*{3,}|(?i:(?:^|[-_.:/])x{3,}(?:$|[-_.:/]))|\bAZoneID\b|\bVswitchId\b")
"""What a page or a template leaves for a person to replace; rule ID004."""

TYPES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}

MOST_NAMES = 20
_LONGEST_WORD = 100
_NAMES = frozenset(("Terway", "Calico", "Kubernetes", "Docker"))


# Characters that nobody sees, or that act on whoever shows them, as ranges: controls (but for tab and line feed), marks
# of direction and width, line separators, the byte order mark, private use, half surrogates, noncharacters, tags.
# Sources: Unicode 15.1, categories Cc, Cf, Zl, Zp, Co, Cs and Default_Ignorable_Code_Point; UTS #55 for source text.
_INVISIBLE = (
    "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u115f\\u1160"
    "\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ud800-\\uf8ff\\ufdd0-\\ufdef\\ufeff\\uffa0"
    "\\ufff0-\\ufffb\\ufffe\\uffff\\U000110bd\\U000110cd\\U00013430-\\U0001343f\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a"
    "\\U000e0000-\\U0010ffff"
)
# The commands of a CI log: GitHub's runner reads "::" at the start of a line, and "##[" anywhere (ActionCommand.cs);
# Azure's agent reads "##vso[" and "##[".
_COMMAND = re.compile(r"(?m)^(\s*):(?=:)")
_MARK = re.compile(r"#(?=#(?:\[|vso\[|teamcity\[))")


@cache
def invisible() -> re.Pattern[str]:
    """What a text must not hold: a character that nobody sees, or that a terminal or a reader of source obeys."""
    return re.compile(f"[{_INVISIBLE}]")


def one_line(text: str) -> str:
    """``text`` on one line, with an escape in place of whatever a terminal or a CI log would obey or not show."""
    if not (text.isascii() and text.isprintable()):
        unseen = invisible()
        text = "".join(c if c.isprintable() and not unseen.match(c) else _escape(c) for c in text)
    return _MARK.sub(r"\\x23", _COMMAND.sub(r"\1\\x3a", text)) if "::" in text or "##" in text else text


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def columns(text: str) -> int:
    """How wide a terminal shows the text: East Asian wide characters take two columns, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def in_json(text: str) -> str:
    """JSON with JSON's escapes for what :func:`invisible` finds and for the commands of a CI log."""
    if "\x7f" in text or not text.isascii():
        text = invisible().sub(lambda match: json_escape(match[0]), text)
    return _MARK.sub(r"\\u0023", text) if "##" in text else text


def json_escape(char: str) -> str:
    """A character as JSON escapes it: two halves beyond U+FFFF."""
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def parts(pointer: str) -> list[str]:
    """The names in a JSON pointer, without its escapes (RFC 6901)."""
    names = pointer.split("/")[1:]
    return [name.replace("~1", "/").replace("~0", "~") for name in names] if "~" in pointer else names


def field(pointer: str) -> str:
    """How a person writes the place: /spec/nodePools/0/name → spec.nodePools[0].name."""
    shown = ""
    for part in parts(pointer):
        part = part if len(part) <= _LONGEST_WORD else part[:_LONGEST_WORD] + "…"
        shown += f"[{part}]" if part.isdigit() else f".{part}" if shown else part
    return shown or "the document"


def show(value: Any) -> str:
    """A value as it is quoted in a message, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + '…"'


def phrase(text: str) -> str:
    """A sentence of the schema in the form of every other finding: no capital at the start, no full stop."""
    first, _, _ = text.partition(" ")
    plain = first[1:].islower() or first in ("A", "An")
    return (text[:1].lower() + text[1:] if plain and first not in _NAMES else text).removesuffix(".")


def few(names: Collection[object]) -> str:
    """Names one after the other; of many the first and how many more there are."""
    shown = [str(name) for name in islice(names, MOST_NAMES)]
    return ", ".join(shown) + more(len(names) - len(shown), " and {} more")


def more(number: int, words: str = " (and {} more)") -> str:
    """What stands behind the first of several things; "" when there are no more."""
    return words.format(f"{number:,}") if number > 0 else ""


def nearest(word: object, known: Collection[object], most: int = 1000) -> str | None:
    """The known word that is most like ``word`` (case aside), or None when none is near.

    Comparing costs as much as both are long together: none is looked for when the word is long, or when there are more
    than ``most`` known ones.
    """
    if len(str(word)) > _LONGEST_WORD or len(known) > most:
        return None
    return _nearest(str(word), tuple(map(str, known)))


@lru_cache(maxsize=16_384)
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    """Kept, since several rules ask the same of an unknown key."""
    from difflib import get_close_matches

    by_fold: dict[str, str] = {}
    for candidate in known:
        by_fold.setdefault(candidate.lower(), candidate)
    found = get_close_matches(word.lower(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def with_extra(name: str) -> str:
    """What brings the packages of an extra. No index has hybridc, so it is named by where it lies, not by its name."""
    return f"install hybridc again with its extra: pip install 'PATH[{name}]', where PATH is its clone or its wheel"
