"""One finding about an input or an output, and where it is."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

ERROR, WARNING, INFO = "error", "warning", "info"
MOST_ALIKE = 100
"""How many findings of one code and severity are shown of a file: nobody reads more before mending the first."""


class Place(NamedTuple):
    """A stretch of a text file: 1-based lines and columns (in characters); the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Place(1, 1, 1, 1)


class Diagnostic(NamedTuple):
    """A finding: stable ``code``, ``severity``, the file and place, what is wrong and the way out.

    ``pointer`` is the JSON pointer in hybrid.yaml ("" for the whole file); ``help`` says what to do. ``where`` names
    what it is about when that is not the file itself: a file of the output, an object of the cluster. ``stands_for`` is
    how many findings it is: more than 1 for that of all that are left out (:func:`capped`).
    """

    code: str
    severity: str
    path: str
    place: Place
    message: str
    help: str
    pointer: str = ""
    where: str = ""
    stands_for: int = 1

    @property
    def sentence(self) -> str:
        """The message, and in brackets where it holds when that is not the place itself."""
        return f"{self.message} ({self.where})" if self.where else self.message


def of_file(code: str, path: str, message: str, help: str, severity: str = ERROR) -> Diagnostic:  # noqa: A002
    """A finding about a file as a whole."""
    return Diagnostic(code, severity, path, START, message, help)


def in_file_order(found: list[Diagnostic]) -> list[Diagnostic]:
    """The findings of one file from top to bottom; findings of one place by code."""
    return sorted(found, key=lambda d: (d.place[:2], d.code, d.pointer, d.message))


def capped(found: list[Diagnostic]) -> list[Diagnostic]:
    """The findings of one file in their order, at most :data:`MOST_ALIKE` of a code and severity.

    One more of the same code and severity says how many are left out, where the first of them stands: whoever looks
    at severities or adds up ``stands_for`` gets what all findings would give.
    """
    if len(found) <= MOST_ALIKE:
        return found
    total, seen = Counter(map(_kind, found)), Counter[tuple[str, str]]()
    kept: list[Diagnostic] = []
    for one in found:
        kind = _kind(one)
        seen[kind] += 1
        if seen[kind] <= MOST_ALIKE or total[kind] == MOST_ALIKE + 1:
            kept.append(one)
        elif seen[kind] == MOST_ALIKE + 1:
            kept.append(_left_out(one, total[kind] - MOST_ALIKE))
    return kept


def _kind(found: Diagnostic) -> tuple[str, str]:
    return found.code, found.severity


def _left_out(first: Diagnostic, number: int) -> Diagnostic:
    message = f"{number:,} more findings of {first.code} are left out, the first of them here"
    return first._replace(message=message, help="mend the others first, and look again", where="", stands_for=number)


def has_errors(found: list[Diagnostic]) -> bool:
    """Whether one of the findings stops the build."""
    return any(d.severity == ERROR for d in found)
