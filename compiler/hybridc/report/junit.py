"""Findings as JUnit XML: a suite for each spec, a case for each finding, a passing case for a spec without any.

Errors are failures. JUnit knows no warning, so warnings and infos are cases that pass and say what they have to say.
"""

from __future__ import annotations

from collections.abc import Iterable

from hybridc.diagnostic import ERROR
from hybridc.report import text
from hybridc.report.excerpt import Report, Shown
from hybridc.words import invisible

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def render(reports: Iterable[Report]) -> str:
    """One XML document. No times: the same findings give the same bytes."""
    suites = list(reports)
    failures = sum(_failures(report) for report in suites)
    tests = sum(max(1, len(report.shown)) for report in suites)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="hybridc" tests="{tests}" failures="{failures}" errors="0">',
        *(line for report in suites for line in _suite(report)),
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _failures(report: Report) -> int:
    return sum(shown.diagnostic.severity == ERROR for shown in report.shown)


def _suite(report: Report) -> Iterable[str]:
    path, tests = _escape(report.path), max(1, len(report.shown))
    yield f'  <testsuite name="{path}" tests="{tests}" failures="{_failures(report)}" errors="0" skipped="0">'
    if not report.shown:
        yield f'    <testcase name="valid" classname="{path}" file="{path}"/>'
    for shown in report.shown:
        yield from _case(shown)
    yield "  </testsuite>"


def _case(shown: Shown) -> Iterable[str]:
    found = shown.diagnostic
    path, message = _escape(found.path), _escape(found.sentence)
    place = f"{found.place.line}:{found.place.column}"
    yield (
        f'    <testcase name="{_escape(found.code)} {place} {message}" classname="{path}" '
        f'file="{path}" line="{found.place.line}">'
    )
    body = _escape(text.render(found, shown.line, whole=shown.whole)).replace("&#10;", "\n").rstrip("\n")
    if found.severity == ERROR:
        yield f'      <failure type="{_escape(found.code)}" message="{message}">{body}</failure>'
    else:
        yield f"      <system-out>{body}</system-out>"
    yield "    </testcase>"


def _escape(value: str) -> str:
    """Text for an element or an attribute; what XML 1.0 cannot hold, nobody sees or a terminal obeys as escapes."""
    if not value.isascii() or not value.isprintable():
        value = invisible().sub(lambda match: ascii(match[0])[1:-1], value)
    return value.translate(_ENTITIES).replace("##", "#&#35;")
