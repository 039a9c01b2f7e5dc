"""Say things: results on stdout, findings and everything else on stderr."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, TextIO

from hybridc.diagnostics.model import ERROR, INFO, START, WARNING, Diagnostic, has_errors

if TYPE_CHECKING:
    from hybridc.diagnostics.excerpt import Report
    from hybridc.source.document import Document

FORMATS = ("text", "json", "sarif", "github", "junit")
_MOST_CODES = 6


def out(text: str) -> None:
    """A line of the result."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stderr.write(text + "\n")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of every verb that reports findings."""
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how findings look on stderr")
    parser.add_argument(
        "--output", type=_file, metavar="FILE", help="write findings to FILE in that format, and as text to stderr"
    )


def _file(path: str) -> str:
    """A path that can be a file: known before anything is done."""
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or not path:
        raise argparse.ArgumentTypeError(f'"{path}" is a folder, not a file')
    if not os.path.isdir(folder):
        raise argparse.ArgumentTypeError(f'there is no folder "{folder}"')
    return path


class Findings:
    """Collects findings. Text is shown file by file as it comes, any other format as one document in the end.

    With ``output`` the document goes to that file, and stderr is text. ``strict`` turns warnings into errors.
    ``brief`` text leaves out the infos of files without errors.
    """

    def __init__(
        self, form: str = "text", *, strict: bool = False, output: str | None = None, brief: bool = False
    ) -> None:
        self.form = form
        self.strict = strict
        self.output = output
        self.brief = brief
        self.written: list[Diagnostic] = []
        self.promoted = 0
        self.left_out = 0
        self._keep = form != "text" or output is not None
        self._text = form == "text" or output is not None
        self._color = color(sys.stderr)
        self._reports: dict[str, Report] = {}

    @classmethod
    def of(cls, arguments: argparse.Namespace, *, brief: bool = False) -> Findings:
        """As the flags of :func:`arguments` say."""
        return cls(arguments.format, strict=arguments.strict, output=arguments.output, brief=brief)

    def add(self, found: list[Diagnostic], document: Document | None) -> bool:
        """Take the findings of one file; the document gives the excerpts. Whether one of them stops the run."""
        if self.strict:
            self.promoted += sum(d.severity == WARNING for d in found)
            found = [d._replace(severity=ERROR) if d.severity == WARNING else d for d in found]
        if found or self._keep:
            self._take(found, document)
        return has_errors(found)

    def _take(self, found: list[Diagnostic], document: Document | None) -> None:
        from hybridc.diagnostics import text
        from hybridc.diagnostics.excerpt import show

        lines = document.lines() if document and found else []
        brief = self.brief and not has_errors(found)
        if self._keep and document:
            self._report(document.path)
        for shown in show(lines, found):
            line = lines[shown.diagnostic.place.line - 1] if shown.line else ""
            if self._keep:
                self._report(shown.diagnostic.path).shown.append(shown)
            if brief and shown.diagnostic.severity == INFO:
                self.left_out += 1
            elif self._text:
                self.written.append(shown.diagnostic)
                sys.stderr.write(text.render(shown.diagnostic, line, color=self._color))

    def _report(self, path: str) -> Report:
        from hybridc.diagnostics.excerpt import Report

        return self._reports.setdefault(path, Report(path, []))

    def close(self) -> int:
        """Write what is left: the document, or the sum. Exit code 3 when the document cannot be written."""
        from hybridc.cli import exits

        if self._text and self.written:
            self._sum()
        if not self._keep:
            return exits.FINE
        document = _render(self.form, list(self._reports.values()))
        if self.output is None:
            sys.stderr.write(document)
            return exits.FINE
        try:
            _replace(self.output, document)
        except OSError as error:
            note(f"hybridc: error: cannot write {self.output}: {error.strerror or error}")
            return exits.WORLD_FAILED
        return exits.FINE

    def _sum(self) -> None:
        """How to learn more, once for all findings, and how many there are."""
        from hybridc.diagnostics import text

        worst_first = sorted(self.written, key=lambda d: (ERROR, WARNING, INFO).index(d.severity))
        first, *more = dict.fromkeys(d.code for d in worst_first)
        if len(more) >= _MOST_CODES:
            more[_MOST_CODES - 1 :] = [f"{len(more) - _MOST_CODES + 1} more"]
        note(f"see: hybridc explain {first}" + (f" (or {', '.join(more)})" if more else ""))
        why = f" ({self.promoted} by --strict)" if self.promoted else ""
        more_to_see = f"; {self.left_out} info: hybridc validate" if self.left_out else ""
        note(text.summary(self.written) + why + more_to_see)


def _render(form: str, reports: list[Report]) -> str:
    """The findings in one of the formats; only the module of that format is loaded."""
    if form == "text":
        from hybridc.diagnostics import text

        return "".join(text.render(shown.diagnostic, shown.line) for report in reports for shown in report.shown)
    from importlib import import_module

    if form != "json":
        reports = [_relative(report) for report in reports]
    module = import_module(f"hybridc.diagnostics.{'as_json' if form == 'json' else form}")
    document: str = module.render(reports)
    return document


def _relative(report: Report) -> Report:
    """Code scanning, pull requests and test reports know files by their path in the repository, never absolute."""
    folder = os.path.join(os.getcwd(), "")
    if not report.path.startswith(folder):
        return report
    path = report.path[len(folder) :]
    shown = [item._replace(diagnostic=item.diagnostic._replace(path=path)) for item in report.shown]
    return report._replace(path=path, shown=shown)


def _replace(path: str, text: str) -> None:
    """Write a file in one step; a pipe or a device is written to as it is."""
    data = text.encode("utf-8", "backslashreplace")
    if os.path.lexists(path) and not os.path.isfile(path):
        with open(path, "wb") as file:
            file.write(data)
        return
    target = os.path.realpath(path)
    fresh = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.{os.getpid()}")
    try:
        with open(fresh, "xb") as file:
            file.write(data)
        os.replace(fresh, target)
    except OSError:
        if os.path.lexists(fresh):
            os.unlink(fresh)
        raise


def color(stream: TextIO) -> bool:
    """Whether to use colour: on a terminal, unless NO_COLOR is set to anything (no-color.org) or it is dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def failure(code: str, path: str, message: str, help: str) -> Diagnostic:  # noqa: A002
    """A finding about a file as a whole."""
    return Diagnostic(code, ERROR, path, START, message, help)
