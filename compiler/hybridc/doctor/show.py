"""The rows as text for people, and as a document for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from hybridc.doctor.answer import MARKS, Mark, Row
from hybridc.words import columns, in_json, one_line

VERSION = 1
_WIDTH = 100
_COLORS = {"wrong": "\x1b[1;31m", "waiting": "\x1b[1;33m", "ok": "\x1b[32m"}
_MARK = max(map(len, MARKS))
_SUBJECT = 28


def table(rows: Iterable[Row], *, color: bool = False) -> str:
    """A line a row, below its part, and the way out below that; at most 100 columns."""
    lines: list[str] = []
    for part, found in groupby(rows, key=lambda row: row.part):
        lines += ["", part] if lines else [part]
        lines += (line for row in found for line in _row(row, color=color))
    return "\n".join(lines) + "\n"


def _row(row: Row, *, color: bool) -> Iterator[str]:
    start, end = (_COLORS.get(row.mark, ""), "\x1b[0m" if row.mark in _COLORS else "") if color else ("", "")
    mark = f"{start}{row.mark}{end}{' ' * (_MARK - len(row.mark))}"
    subject = one_line(row.subject)
    indent = 2 + _MARK + 2 + _SUBJECT + 2
    seen = list(_wrapped(one_line(row.seen), _WIDTH - indent))
    if columns(subject) > _SUBJECT:
        yield f"  {mark}  {subject}"
    else:
        yield f"  {mark}  {subject}{' ' * (_SUBJECT - columns(subject))}  {seen.pop(0)}"
    yield from (" " * indent + line for line in seen)
    if row.help and row.mark != "ok":
        yield from (" " * indent + line for line in _wrapped(f"help: {one_line(row.help)}", _WIDTH - indent))


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most ``width`` columns, broken at blanks, or within a word that is longer."""
    line = ""
    for word in text.split(" "):
        while columns(word) > width:
            if line:
                yield line
                line = ""
            cut = _fitting(word, width)
            yield word[:cut]
            word = word[cut:]
        if line and columns(line) + 1 + columns(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _fitting(word: str, width: int) -> int:
    """How many characters of ``word`` fit."""
    taken = 0
    for index, char in enumerate(word):
        taken += columns(char)
        if taken > width:
            return max(index, 1)
    return len(word)


def changed(before: Iterable[Row], rows: Iterable[Row]) -> list[Row]:
    """The rows with another mark than before; at first all that are neither ok nor by hand."""
    marks = {(row.part, row.subject): row.mark for row in before}
    quiet = ("ok", "by hand")
    return [
        row
        for row in rows
        if (row.mark != marks[row.part, row.subject] if (row.part, row.subject) in marks else row.mark not in quiet)
    ]


def line(row: Row) -> str:
    """A row on a line of its own, without the way out."""
    return f"{row.mark}: {row.part} {row.subject}: {row.seen}"


def counts(rows: Iterable[Row]) -> dict[Mark, int]:
    """How many rows have each mark."""
    found = Counter(row.mark for row in rows)
    return {mark: found[mark] for mark in MARKS}


def summary(rows: Iterable[Row]) -> str:
    """``1 wrong, 2 waiting, 14 ok``."""
    return ", ".join(f"{count} {mark}" for mark, count in counts(rows).items() if count)


def document(cluster: str, server: str, version: str, rows: list[Row]) -> str:
    """The table as JSON: docs/doctor.md."""
    whole = {
        "version": VERSION,
        "cluster": cluster,
        "server": server,
        "kubernetesVersion": version,
        "counts": counts(rows),
        "rows": [row._asdict() for row in rows],
    }
    return in_json(json.dumps(whole, ensure_ascii=False, indent=2)) + "\n"
