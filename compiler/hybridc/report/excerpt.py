"""The text that findings point at, without what looks like a secret."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from hybridc.diagnostic import Diagnostic, Place
from hybridc.source.secrets import MASK, is_pass_through_secret, redact

_MOST_LINES = 20
_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY-----")


class Shown(NamedTuple):
    """A finding with its first ``line`` and the text it ``covers``; "" where there is nothing to show."""

    diagnostic: Diagnostic
    line: str
    covers: str


class Report(NamedTuple):
    """Everything that was found in one file, in order."""

    path: str
    shown: list[Shown]


def show(lines: Sequence[str], found: Sequence[Diagnostic]) -> list[Shown]:
    """Each finding with its excerpt; ``lines`` are those of the file (none: it could not be read)."""
    hidden = _in_private_keys(lines) if found else frozenset()
    return [_show(lines, diagnostic, hidden) for diagnostic in found]


def _show(lines: Sequence[str], diagnostic: Diagnostic, hidden: frozenset[int]) -> Shown:
    place = diagnostic.place
    secret = place.line in hidden or is_pass_through_secret(diagnostic.pointer)
    if secret or not 0 < place.line <= len(lines):
        return Shown(diagnostic, "", "")
    return Shown(diagnostic, redact(lines[place.line - 1]), _covers(lines, place))


def _covers(lines: Sequence[str], place: Place) -> str:
    covered = list(lines[place.line - 1 : place.end_line])
    if len(covered) > _MOST_LINES or len(covered) != place.end_line - place.line + 1:
        return ""
    text = "\n".join(covered)
    if redact(text) != text:
        # A part of a secret is not recognised as one: nothing is cut out of such lines.
        return MASK
    covered[-1] = covered[-1][: place.end_column - 1]
    covered[0] = covered[0][place.column - 1 :]
    text = "\n".join(covered)
    return text if text.strip() else ""


def _in_private_keys(lines: Sequence[str]) -> frozenset[int]:
    """The numbers of the lines inside of private keys, which look like nothing on their own."""
    hidden: set[int] = set()
    inside = False
    for number, line in enumerate(lines, start=1):
        if inside:
            hidden.add(number)
        inside = inside or bool(_KEY.search(line))
        inside = inside and not _KEY_END.search(line)
    return frozenset(hidden)
