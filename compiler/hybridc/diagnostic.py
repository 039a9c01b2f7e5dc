"""One finding about an input or an output, and where it is."""

from __future__ import annotations

from typing import NamedTuple

ERROR, WARNING, INFO = "error", "warning", "info"


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
    what it is about when that is not the file itself: a file of the output, an object of the cluster.
    """

    code: str
    severity: str
    path: str
    place: Place
    message: str
    help: str
    pointer: str = ""
    where: str = ""

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


def has_errors(found: list[Diagnostic]) -> bool:
    """Whether one of the findings stops the build."""
    return any(d.severity == ERROR for d in found)
