"""How values, places and near misses are named in a sentence for a person."""

from __future__ import annotations

import re
from collections.abc import Iterable
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

_NAMES = frozenset(("Terway", "Calico", "Kubernetes", "Docker"))


def parts(pointer: str) -> list[str]:
    """The names in a JSON pointer, without its escapes (RFC 6901)."""
    names = pointer.split("/")[1:]
    return [name.replace("~1", "/").replace("~0", "~") for name in names] if "~" in pointer else names


def field(pointer: str) -> str:
    """How a person writes the place: /spec/nodePools/0/name → spec.nodePools[0].name."""
    shown = ""
    for part in parts(pointer):
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


def nearest(word: object, known: Iterable[object]) -> str | None:
    """The known word that is most like ``word`` (case aside), or None when none is near."""
    from difflib import get_close_matches

    by_fold: dict[str, str] = {}
    for candidate in known:
        by_fold.setdefault(str(candidate).lower(), str(candidate))
    found = get_close_matches(str(word).lower(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None
