"""Findings as they come: text file by file, any other format as one document in the end."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from hybridc.diagnostic import ERROR, INFO, WARNING, Diagnostic, has_errors
from hybridc.source.document import Document

if TYPE_CHECKING:
    from hybridc.report.excerpt import Report, Shown

FORMATS = {"text": "text", "json": "as_json", "sarif": "sarif", "github": "github", "junit": "junit"}
"""What ``--format`` takes → the module of :mod:`hybridc.report` that renders it."""
_MOST_CODES = 6
MOST_RESULTS = 5000
"""Of a SARIF log. Source: GitHub, "SARIF results exceed one or more limits": so many of a run are shown, the worst."""


class Reporter:
    """Collects findings and renders them; only the module of the format that is asked for is loaded.

    ``write`` takes text for people, piece by piece; None: no text is wanted. ``keep``: :meth:`document` will be asked
    for. ``brief`` text leaves out the infos of files without errors.
    """

    def __init__(
        self, form: str, write: Callable[[str], object] | None, *, keep: bool, brief: bool = False, color: bool = False
    ) -> None:
        self._form = form
        self._write = write
        self._keep = keep
        self._brief = brief
        self._color = color
        self._written: Counter[str] = Counter()
        self._codes: dict[str, dict[str, None]] = {ERROR: {}, WARNING: {}, INFO: {}}
        self._left_out = 0
        self._reports: dict[str, list[Shown]] = {}
        self._held: Counter[str] = Counter()

    def take(self, found: list[Diagnostic], document: Document | None) -> None:
        """Take the findings of one file; the document gives the excerpts."""
        if not found and not self._keep:
            return
        brief = self._brief and not has_errors(found)
        if not self._keep and brief:
            wanted = [one for one in found if one.severity != INFO]
            self._left_out += len(found) - len(wanted)
            found = wanted
        if found or self._keep:
            self._show(found, document, brief=brief)

    def _show(self, found: list[Diagnostic], document: Document | None, *, brief: bool) -> None:
        from hybridc.report.excerpt import show
        from hybridc.source.secrets import redact

        if self._keep and document:
            self._reports.setdefault(redact(document.path), [])
        for shown in show(document, found):
            if self._keep:
                self._hold(shown)
            if brief and shown.diagnostic.severity == INFO:
                self._left_out += shown.diagnostic.stands_for
            elif self._write is not None:
                self._text(shown)

    def _hold(self, shown: Shown) -> None:
        """Keep a finding for the document, unless that cannot hold it."""
        self._held[shown.diagnostic.severity] += 1
        kept = self._reports.setdefault(shown.diagnostic.path, [])
        if self._form != "sarif" or self._held[shown.diagnostic.severity] <= MOST_RESULTS:
            kept.append(shown)

    def _text(self, shown: Shown) -> None:
        from hybridc.report import text

        if self._write is not None:
            found = shown.diagnostic
            self._written[found.severity] += found.stands_for
            self._codes[found.severity][found.code] = None
            self._write(text.render(found, shown.line, whole=shown.whole, color=self._color))

    def sum(self, promoted: int = 0) -> str:
        """How to learn more, once for all findings, and how many there are; "" when no text was written.

        ``promoted`` of them are errors because of --strict.
        """
        if not self._written:
            return ""
        from hybridc.report import text

        first, *more = dict.fromkeys(code for codes in self._codes.values() for code in codes)
        if len(more) >= _MOST_CODES:
            more[_MOST_CODES - 1 :] = [f"{len(more) - _MOST_CODES + 1} more"]
        also = f" (or {', '.join(more)})" if more else ""
        why = f" ({promoted} by --strict)" if promoted else ""
        rest = f"; {self._left_out} info: hybridc validate" if self._left_out else ""
        return f"see: hybridc explain {first}{also}\n{text.summary(self._written)}{why}{rest}\n"

    def document(self) -> str:
        """Everything that was taken, in the format."""
        from hybridc.report.excerpt import Report

        reports = [Report(path, shown) for path, shown in self._reports.items()]
        if self._form == "text":
            from hybridc.report import text

            shown_all = (shown for one in reports for shown in one.shown)
            return "".join(text.render(shown.diagnostic, shown.line, whole=shown.whole) for shown in shown_all)
        if self._form != "json":
            reports = [_relative(one) for one in reports]
        module = import_module(f"hybridc.report.{FORMATS[self._form]}")
        number = sum(self._held.values())
        rendered: str = module.render(reports, number) if self._form == "sarif" else module.render(reports)
        return rendered


def _relative(report: Report) -> Report:
    """Code scanning, pull requests and test reports know files by their path in the repository, never absolute."""
    try:
        folder = os.path.join(os.getcwd(), "")
    except FileNotFoundError:  # somebody has removed it
        return report
    if not report.path.startswith(folder):
        return report
    path = report.path[len(folder) :]
    shown = [item._replace(diagnostic=item.diagnostic._replace(path=path)) for item in report.shown]
    return report._replace(path=path, shown=shown)
