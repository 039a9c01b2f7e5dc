"""Findings as JSON, version 1: one object a line of a list, documented in docs/diagnostics.md and schemas/."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from hybridc.diagnostic import Diagnostic
from hybridc.report.excerpt import Report
from hybridc.words import in_json

VERSION = 1


def render(reports: Iterable[Report], outputs: Sequence[dict[str, Any]] | None = None) -> str:
    """``{"version": 1, "diagnostics": [...]}``, a line a finding; of a build also ``outputs``, a line a folder."""
    found = [shown.diagnostic for report in reports for shown in report.shown]
    more = f',\n  "outputs": [{_lines(outputs)}]' if outputs is not None else ""
    return f'{{\n  "version": {VERSION},\n  "diagnostics": [{_lines(map(_object, found))}]{more}\n}}\n'


def _lines(items: Iterable[dict[str, Any]]) -> str:
    lines = [f"    {in_json(json.dumps(item, ensure_ascii=False))}" for item in items]
    return "\n" + ",\n".join(lines) + "\n  " if lines else ""


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
