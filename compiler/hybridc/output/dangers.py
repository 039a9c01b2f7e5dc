"""What a build would lose or take along, as findings: edited, foreign and unreadable files of a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

from hybridc.codes import CODES
from hybridc.diagnostic import Diagnostic, of_file
from hybridc.layout.lock import NAME
from hybridc.output.compare import Difference

_MOST_NAMES = 3
_EDITED = "put the change into hybrid.yaml (or a pass-through); --force overwrites the file"


def foreign_in_chart(place: str, difference: Difference) -> Iterator[Diagnostic]:
    """OUT005: foreign files that are synced because of where they lie; ``place`` is the folder."""
    for path in difference.rendered:
        message = "a file that hybridc did not write lies in the chart, and Helm installs what it holds"
        yield _found("OUT005", place, path, message, "move it out of the chart")


def in_danger(place: str, difference: Difference) -> Iterator[Diagnostic]:
    """OUT001 to OUT003: what only ``--force`` overwrites."""
    for path in difference.edited:
        yield _found("OUT001", place, path, "a person has edited this generated file", _EDITED)
    for path in difference.in_the_way:
        message = "a file that hybridc did not write is in the way"
        yield _found("OUT002", place, path, message, "move it; --force overwrites it")
    if difference.damaged:
        message = f"the lock file is damaged: {difference.damaged}"
        yield _found("OUT003", place, NAME, message, "restore it from Git; --force rewrites it")


def in_part(place: str, others: list[str]) -> Diagnostic:
    """OUT006: ``place``, made by a fleet together, is left alone; the call does not name the clusters ``others``."""
    names = ", ".join(others[:_MOST_NAMES] + ["…"] * (len(others) > _MOST_NAMES))
    message = f"left as it is: this call names no spec for {names}, and what lies here is for all clusters"
    advice = "build all specs in one call; with --prune when these are all, which removes the folders of the others"
    return of_file("OUT006", place, message, advice, CODES["OUT006"].severity)


def _found(code: str, place: str, path: str, message: str, help: str) -> Diagnostic:  # noqa: A002
    return of_file(code, os.path.join(place, path), message, help, CODES[code].severity)
