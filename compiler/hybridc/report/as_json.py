"""Findings as JSON, version 1: one object a line of the list, documented in docs/diagnostics.md."""

from __future__ import annotations

import json
from collections.abc import Iterable

from hybridc.diagnostic import Diagnostic
from hybridc.report.excerpt import Report
from hybridc.words import in_json

VERSION = 1


def render(reports: Iterable[Report]) -> str:
    """``{"version": 1, "diagnostics": [...]}`` with a line for each finding."""
    found = [shown.diagnostic for report in reports for shown in report.shown]
    lines = [f"    {in_json(json.dumps(_object(diagnostic), ensure_ascii=False))}" for diagnostic in found]
    body = "\n" + ",\n".join(lines) + "\n  " if lines else ""
    return f'{{\n  "version": {VERSION},\n  "diagnostics": [{body}]\n}}\n'


def _object(diagnostic: Diagnostic) -> dict[str, object]:
    place = diagnostic.place
    more: dict[str, object] = {"where": diagnostic.where} if diagnostic.where else {}
    if diagnostic.stands_for > 1:
        more["count"] = diagnostic.stands_for
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "file": diagnostic.path,
        "line": place.line,
        "column": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
        "pointer": diagnostic.pointer,
        "message": diagnostic.message,
        "help": diagnostic.help,
        **more,
    }
