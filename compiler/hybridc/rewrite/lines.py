"""Where the values of a document stand, line by line, and what of its lines is a comment."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from hybridc.diagnostic import Place
from hybridc.source.document import Document, parent

_BLOCK = re.compile(r"[|>][-+0-9]*")


class _Collection(NamedTuple):
    """Whether it is written in brackets, and the line (from 1) and column (from 0) behind its end."""

    flow: bool
    end: tuple[int, int]


class Lines:
    """``comments`` is ``{line: column}`` of every ``#`` that is no part of a value; lines from 1, columns from 0.

    ``opened`` are the flow collections with a comment between their brackets. ``entries`` are the pointers of all
    that begins in block style or in such a collection, from top to bottom; ``starts`` says in which line.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.lines()
        self._collections = dict(_collections(document.text))
        self.comments = self._comments()
        self._flows = {pointer for pointer in document.values if self.is_flow(pointer)}
        marks = sorted(self.comments.items())
        self.opened = {pointer for pointer in self._flows if not pointer or self._holds_one_of(marks, pointer)}
        places = {pointer: document.key_place(pointer) for pointer in document.values if self._is_entry(pointer)}
        self.entries = sorted(places, key=lambda pointer: (places[pointer][:2], len(pointer)))
        self.starts = {pointer: place.line for pointer, place in places.items()}
        self._columns = {pointer: place.column - 1 for pointer, place in places.items()}
        seen: set[int] = set()
        for pointer in self.entries:
            if self.starts[pointer] not in seen:  # the dash of an item stands before its value
                line = self.text[self.starts[pointer] - 1]
                self._columns[pointer] = len(line) - len(line.lstrip())
                seen.add(self.starts[pointer])

    def column(self, pointer: str) -> int:
        """The column that an entry is indented to."""
        return self._columns[pointer]

    def ends(self) -> dict[str, int]:
        """The last line of every entry, with all that it holds."""
        found: dict[str, int] = {}
        open_: list[str] = []
        for pointer in self.entries:
            while open_ and not pointer.startswith(f"{open_[-1]}/"):
                found[open_.pop()] = self.starts[pointer] - 1
            open_.append(pointer)
        total = len(self.text) - (self.text[-1] == "")
        return found | dict.fromkeys(open_, total)

    def inside(self) -> set[int]:
        """The lines that scalars of several lines take after their first: a blank one there is part of the value."""
        found: set[int] = set()
        for place in self.document.values.values():
            if place.line < place.end_line:
                last = place.end_line if place.end_column > 1 else place.end_line - 1
                while "+" not in self._mark(place) and last > place.line and not self.text[last - 1].strip():
                    last -= 1
                found.update(range(place.line + 1, last + 1))
        return found

    def _mark(self, place: Place) -> str:
        """The head of a block scalar; nothing for other values."""
        start = self.text[place.line - 1][place.column - 1 :] if place[:2] != place[2:] else ""
        block = _BLOCK.match(start)
        return block[0] if block else ""

    def is_flow(self, pointer: str) -> bool:
        """Whether a value is a collection in brackets, or a pair in such a list."""
        style = self._collections.get(self.document.values[pointer][:2])
        return style is not None and style.flow and isinstance(self.document.get(pointer), (dict, list))

    def length(self, pointer: str) -> int:
        """The columns that a collection in brackets takes, which stands in one line."""
        line, column = self.document.values[pointer][:2]
        return self._collections[line, column].end[1] - column + 1

    def _is_entry(self, pointer: str) -> bool:
        if not pointer:
            return not isinstance(self.document.data, (dict, list))
        holder = parent(pointer)
        return holder in self.opened or holder not in self._flows

    def _holds_one_of(self, marks: list[tuple[int, int]], pointer: str) -> bool:
        line, column = self.document.values[pointer][:2]
        at = bisect_right(marks, (line, column - 1))
        return at < len(marks) and marks[at] < self._collections[line, column].end

    def _comments(self) -> dict[int, int]:
        covered: dict[int, list[tuple[int, int]]] = {}
        values = (p for p in self.document.values.values() if p[:2] not in self._collections)
        for place in (*self.document.keys.values(), *values):
            for line, first, last in self._stretches(place):
                covered.setdefault(line, []).append((first, last))
        found = {line: _first_mark(text, covered.get(line, [])) for line, text in enumerate(self.text, 1)}
        return {line: column for line, column in found.items() if column >= 0}

    def _stretches(self, place: Place) -> Iterator[tuple[int, int, int]]:
        """The stretches ``(line, first column, last column)`` of a scalar."""
        mark = self._mark(place)
        for line in range(place.line, place.end_line + 1):
            first = place.column - 1 if line == place.line else 0
            last = place.end_column - 1 if line == place.end_line else len(self.text[line - 1])
            yield line, first, first + len(mark) if mark and line == place.line else last


def _collections(text: str) -> Iterator[tuple[tuple[int, int], _Collection]]:
    """Every collection by the line and column (from 1) that it starts at."""
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
    open_: list[tuple[tuple[int, int], bool]] = []
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            mark: Any = event.start_mark
            open_.append(((mark.line + 1, mark.column + 1), event.flow_style is True))
        elif isinstance(event, yaml.CollectionEndEvent):
            mark = event.end_mark
            start, flow = open_.pop()
            yield start, _Collection(flow, (mark.line + 1, mark.column))


def _first_mark(text: str, covered: list[tuple[int, int]]) -> int:
    """The column of the first ``#`` outside of the covered stretches; -1 when there is none."""
    at = text.find("#")
    for first, last in sorted(covered):
        if at < first:
            break
        if at < last:
            at = text.find("#", last)
    return at
