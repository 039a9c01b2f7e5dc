"""Findings as they come; in the end one text for people, one document for programs, or both."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hybridc.diagnostic import Diagnostic
from hybridc.source.document import Document

if TYPE_CHECKING:
    from hybridc.report.digest import Digest
    from hybridc.report.excerpt import Report, Shown

FORMATS = {"text": "text", "json": "as_json", "sarif": "sarif", "github": "github", "junit": "junit"}
"""What ``--format`` takes → the module of :mod:`hybridc.report` that renders it."""
MOST_RESULTS = 5000
"""Of a SARIF log. Source: GitHub, "SARIF results exceed one or more limits": so many of a run are shown, the worst."""


class Reporter:
    """Collects findings and renders them; only the module of the format that is asked for is loaded.

    ``digest`` takes those that are text for people; None: no text is wanted. ``keep``: :meth:`document` will be asked
    for.
    """

    def __init__(self, form: str, digest: Digest | None, *, keep: bool) -> None:
        self._form = form
        self._digest = digest
        self._keep = keep
        self._reports: dict[str, list[Shown]] = {}
        self._held: Counter[str] = Counter()

    def take(self, found: list[Diagnostic], document: Document | None) -> None:
        """Take the findings of one file; the document gives the excerpts."""
        if not found and not self._keep:
            return
        from hybridc.report.excerpt import show
        from hybridc.source.secrets import redact

        if self._keep and document:
            self._reports.setdefault(redact(document.path), [])
        for shown in show(document, found):
            if self._keep:
                self._hold(shown)
            if self._digest is not None:
                self._digest.take(shown)

    def _hold(self, shown: Shown) -> None:
        """Keep a finding for the document, unless that cannot hold it."""
        self._held[shown.diagnostic.severity] += 1
        kept = self._reports.setdefault(shown.diagnostic.path, [])
        if self._form != "sarif" or self._held[shown.diagnostic.severity] <= MOST_RESULTS:
            kept.append(shown)

    def text(self, promoted: int = 0) -> str:
        """The text for people; ``promoted`` findings are errors because of --strict."""
        return self._digest.text(promoted) if self._digest is not None else ""

    def document(self, outputs: Sequence[dict[str, Any]] | None = None) -> str:
        """Everything that was taken, in the format. ``outputs`` is what a build did, which JSON alone holds."""
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
        more: dict[str, Any] = {"sarif": number, "json": outputs}
        rendered: str = module.render(reports, more[self._form]) if self._form in more else module.render(reports)
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
