"""Findings as they can be shown: with the text that they point at, and without any secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hybridc.diagnostic import Diagnostic, Place
from hybridc.source.document import Document
from hybridc.source.hidden import Hidden
from hybridc.source.secrets import MASK, redact

_MOST_LINES = 20
_MOST_TEXT = 2_000


class Shown(NamedTuple):
    """A finding with its first ``line`` and the text it ``covers``; "" where there is nothing to show.

    ``whole``: the line is as it stands in the file, so that its columns are those of the place.
    """

    diagnostic: Diagnostic
    line: str
    covers: str
    whole: bool = True


class Report(NamedTuple):
    """Everything that was found in one file, in order."""

    path: str
    shown: list[Shown]


def show(document: Document | None, found: Sequence[Diagnostic]) -> list[Shown]:
    """Each finding with its excerpt; nothing in them is a secret. Without a document (it was not read) no excerpt."""
    if not found:
        return []
    hidden, lines = Hidden(document), document.lines() if document else []
    return [_show(lines, diagnostic, hidden) for diagnostic in found]


def _show(lines: list[str], diagnostic: Diagnostic, hidden: Hidden) -> Shown:
    clean, place = _clean(diagnostic, hidden, read=bool(lines)), diagnostic.place
    # A line as long as the file would stand in every finding about a part of it.
    if not 0 < place.line <= len(lines) or len(lines[place.line - 1]) > _MOST_TEXT:
        return Shown(clean, "", "")
    return Shown(clean, hidden.line(place.line), _covers(lines, place, hidden), not hidden.is_hidden(place.line))


def _clean(found: Diagnostic, hidden: Hidden, *, read: bool) -> Diagnostic:
    """The finding without secrets in any of its words."""
    text = hidden.text if read else redact
    return found._replace(
        path=redact(found.path),
        message=text(found.message),
        help=text(found.help),
        pointer=hidden.pointer(found.pointer),
        where=text(found.where),
    )


def _covers(lines: list[str], place: Place, hidden: Hidden) -> str:
    covered = lines[place.line - 1 : place.end_line]
    if len(covered) > _MOST_LINES or len(covered) != place.end_line - place.line + 1:
        return ""
    if sum(map(len, covered)) > _MOST_TEXT:
        return ""
    if any(map(hidden.is_hidden, range(place.line, place.end_line + 1))):
        return MASK
    covered[-1] = covered[-1][: place.end_column - 1]
    covered[0] = covered[0][place.column - 1 :]
    text = "\n".join(covered)
    return text if text.strip() else ""
