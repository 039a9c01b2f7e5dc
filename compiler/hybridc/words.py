"""How values, places and near misses are named in a sentence for a person."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import islice
from typing import Any

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
    from difflib import get_close_matches

    if len(str(word)) > _LONGEST_WORD or len(known) > most:
        return None
    by_fold: dict[str, str] = {}
    for candidate in known:
        by_fold.setdefault(str(candidate).lower(), str(candidate))
    found = get_close_matches(str(word).lower(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None
