"""Findings as GitHub workflow commands: each becomes an annotation on the line of the pull request's diff.

Source: "Workflow commands for GitHub Actions"; the escapes are those of actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

from collections.abc import Iterable

from hybridc.diagnostic import ERROR, WARNING, Diagnostic
from hybridc.report.excerpt import Report
from hybridc.words import one_line

_COMMANDS = {ERROR: "error", WARNING: "warning"}


def render(reports: Iterable[Report]) -> str:
    """A line for each finding."""
    return "".join(_command(shown.diagnostic) for report in reports for shown in report.shown)


def _command(diagnostic: Diagnostic) -> str:
    message = f"{one_line(diagnostic.sentence)}\nhelp: {one_line(diagnostic.help)}"
    title = f"{diagnostic.code}::{diagnostic.sentence}"
    properties = [*_place(diagnostic), f"title={_property(title)}"]
    return f"::{_COMMANDS.get(diagnostic.severity, 'notice')} {','.join(properties)}::{_data(message)}\n"


def _place(diagnostic: Diagnostic) -> list[str]:
    """GitHub's end column is the last one that is meant, and columns are allowed only within one line."""
    place = diagnostic.place
    if diagnostic.path == "-":
        return []
    parts = [f"file={_property(diagnostic.path)}", f"line={place.line}", f"endLine={place.end_line}"]
    if place.line == place.end_line:
        parts[2:2] = [f"col={place.column}"]
        parts.append(f"endColumn={max(place.column, place.end_column - 1)}")
    return parts


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")
