"""Say things: results on stdout, findings and everything else on stderr."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from hybridc.diagnostics.model import ERROR, START, Diagnostic
from hybridc.source.document import Document

FORMATS = ("text", "json")


def out(text: str) -> None:
    """A line of the result."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stderr.write(text + "\n")


class Findings:
    """Collects findings; text is shown file by file as it comes, JSON as one document in the end."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.all: list[Diagnostic] = []
        self._color = color(sys.stderr)

    def add(self, found: list[Diagnostic], document: Document | None) -> None:
        """Take the findings of one file; the document gives the excerpts."""
        self.all += found
        if self.form == "text":
            from hybridc.diagnostics import text

            for diagnostic in found:
                line = document.line(diagnostic.place.line) if document else ""
                sys.stderr.write(text.render(diagnostic, line, color=self._color))

    def close(self) -> None:
        """Write what is left: the JSON document, or the sum."""
        if self.form == "json":
            from hybridc.diagnostics import as_json

            sys.stderr.write(as_json.render(self.all))
        elif self.all:
            from hybridc.diagnostics import text

            note(text.summary(self.all))


def color(stream: TextIO) -> bool:
    """Whether to use colour: on a terminal, unless NO_COLOR is set to anything (no-color.org) or it is dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def failure(code: str, path: str, message: str, help: str) -> Diagnostic:  # noqa: A002
    """A finding about a file as a whole."""
    return Diagnostic(code, ERROR, path, START, message, help)
