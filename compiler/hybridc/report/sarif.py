"""Findings as SARIF 2.1.0, for code scanning (GitHub, GitLab, Azure DevOps) and editors.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import hybridc
from hybridc.diagnostic import ERROR, WARNING, Diagnostic
from hybridc.report import book
from hybridc.report.excerpt import Report, Shown
from hybridc.report.reporter import MOST_RESULTS
from hybridc.words import in_json

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {ERROR: "error", WARNING: "warning"}
_RANKS = ("error", "warning", "note")
_ROOT = "SRCROOT"
_LINK = re.compile(r"\](?=\()")
Object = dict[str, Any]


def render(reports: Iterable[Report], number: int = 0) -> str:
    """One log with one run. Nothing in it depends on time, machine or the folder it was made in.

    ``number`` is how many findings there are, where that is more than the reports hold.
    """
    files = list(reports)
    codes = list(dict.fromkeys(shown.diagnostic.code for report in files for shown in report.shown))
    indexes = {code: index for index, code in enumerate(codes)}
    results = _results(files, indexes)
    run = {
        "tool": {"driver": _driver(codes)},
        **_said(max(number, len(results))),
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that hybridc was started in."}}},
        "artifacts": [_artifact(report.path) for report in files],
        "results": _worst(results),
        "columnKind": "unicodeCodePoints",
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return in_json(json.dumps(log, ensure_ascii=False, indent=2)) + "\n"


def _driver(codes: list[str]) -> Object:
    return {
        "name": "hybridc",
        "version": hybridc.__version__,
        "semanticVersion": hybridc.__version__,
        **({"informationUri": hybridc.REPOSITORY} if hybridc.REPOSITORY else {}),
        "rules": [_rule(book.page(code)) for code in codes],
    }


def _rule(page: book.Page) -> Object:
    code = page.code
    return {
        "id": code.id,
        "name": book.name(page),
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": book.summary(page)},
        "help": {"text": page.doc, "markdown": book.markdown(page) or page.title},
        **({"helpUri": page_of} if (page_of := book.uri(code)) else {}),
        "defaultConfiguration": {"level": _LEVELS.get(code.severity, "note")},
        "properties": {"tags": [code.family], "since": code.since},
    }


def _artifact(path: str) -> Object:
    return {"location": _location(path), "encoding": "utf-8"}


def _location(path: str) -> Object:
    """A relative path is relative to where hybridc runs; another is a file URI."""
    uri = quote(os.fsencode(os.path.normpath(path)))
    return {"uri": f"file://{uri}"} if os.path.isabs(path) else {"uri": uri, "uriBaseId": _ROOT}


def _results(files: list[Report], indexes: dict[str, int]) -> list[Object]:
    results = []
    for number, report in enumerate(files):
        seen: Counter[str] = Counter()
        for shown in report.shown:
            found = shown.diagnostic
            identity = f"{found.code} {found.pointer}"
            seen[identity] += 1
            results.append(_result(shown, number, indexes[found.code], f"{identity} {seen[identity]}"))
    return results


def _worst(results: list[Object]) -> list[Object]:
    """As many results as code scanning takes, errors before warnings before notes; in the order of the files."""
    if len(results) <= MOST_RESULTS:
        return results
    worst = sorted(range(len(results)), key=lambda index: (_RANKS.index(results[index]["level"]), index))
    return [results[index] for index in sorted(worst[:MOST_RESULTS])]


def _said(number: int) -> Object:
    """That results are missing, where a log says such things (3.20.21)."""
    if number <= MOST_RESULTS:
        return {}
    missing = f"{number - MOST_RESULTS:,} of {number:,} results are left out"
    text = f"{missing}: a log holds {MOST_RESULTS:,} at most. Look at fewer specs in one call."
    note = {"level": "warning", "message": {"text": text}}
    return {"invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [note]}]}


def _result(shown: Shown, artifact: int, rule: int, identity: str) -> Object:
    found = shown.diagnostic
    location = {
        "artifactLocation": {**_location(found.path), "index": artifact},
        "region": _region(shown),
        "contextRegion": _context(shown),
    }
    return {
        "ruleId": found.code,
        "ruleIndex": rule,
        "level": _LEVELS.get(found.severity, "note"),
        "message": {"text": _message(found)},
        "locations": [{"physicalLocation": {key: value for key, value in location.items() if value}}],
        "partialFingerprints": {"hybridcFinding/v1": hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()},
    }


def _message(found: Diagnostic) -> str:
    """Sentence and way out, in which nothing is a link or a placeholder.

    ``[text](target)`` would be a link (§3.11.6): with a space between the brackets no reader takes it for one, whatever
    stands before it. Braces are doubled, ``{0}`` would be an argument (§3.11.5).
    """
    text = f"{found.sentence.rstrip('.')}.\nhelp: {found.help}"
    return _LINK.sub("] ", text).replace("{", "{{").replace("}", "}}")


def _region(shown: Shown) -> Object:
    place = shown.diagnostic.place
    region: Object = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
    return {**region, "snippet": {"text": shown.covers}} if shown.covers else region


def _context(shown: Shown) -> Object:
    place = shown.diagnostic.place
    if not shown.covers or place.line != place.end_line:
        return {}
    return {"startLine": place.line, "endLine": place.line, "snippet": {"text": shown.line}}
