"""Comments and blank lines, apart from the values: which value each belongs to, and where it stands in new text.

A comment in a line of its own belongs to the value after it, unless it is indented like the block that ends before it;
one behind a value belongs to that value. So it follows its value when keys change places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from hybridc.rewrite.lines import Lines
from hybridc.source.document import Document, parent

_DOCUMENT = re.compile(r"%|---\s*(?:#|\Z)")
_NO_VALUE = re.compile(r"[\s?:-]*\Z")


@dataclass
class Notes:
    """Lines by the pointer of the value that they belong to; "" is a blank one.

    ``behind``: the column (from 0) and the text of a comment behind a value. ``head`` and ``tail`` belong to the file.
    """

    head: list[str] = field(default_factory=list)
    before: dict[str, list[str]] = field(default_factory=dict)
    behind: dict[str, tuple[int, str]] = field(default_factory=dict)
    after: dict[str, list[str]] = field(default_factory=dict)
    tail: list[str] = field(default_factory=list)

    def texts(self) -> list[str]:
        """Every comment, sorted: what may not change when a file is rewritten."""
        lines = [*self.head, *self.tail, *(text for _, text in self.behind.values())]
        for some in (*self.before.values(), *self.after.values()):
            lines += some
        return sorted(line for line in lines if line)


def collect(lines: Lines) -> Notes:
    """The comments of a document that was read without findings, and its blank lines: one at most in a row."""
    notes, inside = Notes(), lines.inside()
    entries, position = lines.entries, 0
    waiting: list[tuple[int, str]] = []
    first = lines.starts[entries[0]] if entries else len(lines.text) + 1
    for line, text in enumerate(lines.text, 1):
        column, passed = lines.comments.get(line), position
        while position < len(entries) and lines.starts[entries[position]] <= line:
            position += 1
        if line < first:
            notes.head += _head(text, column)
            continue
        if passed < position:
            _settle(lines, notes, waiting, entries[passed - 1] if passed else "", entries[passed])
            waiting = []
        if column is not None and not _NO_VALUE.match(text[:column]):
            _behind(notes, entries[position - 1], column, text[column:].rstrip())
        elif column is not None:
            waiting.append((0 if text[:column].strip() else column, text[column:].rstrip()))
        elif not text.strip() and line not in inside:
            waiting.append((0, ""))
    _settle(lines, notes, waiting, entries[-1] if entries else "", None)
    return _tidy(notes)


def _head(text: str, column: int | None) -> list[str]:
    if _DOCUMENT.match(text) or not text.strip():
        return [text.strip()]
    return [] if column is None else [text[column:].rstrip()]


def _behind(notes: Notes, pointer: str, column: int, text: str) -> None:
    if pointer in notes.behind:
        notes.before.setdefault(pointer, []).append(text)
    else:
        notes.behind[pointer] = column, text


def _settle(lines: Lines, notes: Notes, waiting: list[tuple[int, str]], last: str, following: str | None) -> None:
    """Give lines of their own to the entry before or after them, by their indentation."""
    limit = 0 if following is None else lines.column(following)
    count = next((index for index, (column, text) in enumerate(waiting) if text and column <= limit), len(waiting))
    while count and (not last or not waiting[count - 1][1]):
        count -= 1
    level, blank = 10**9, False
    for column, text in waiting[:count]:
        blank = blank or not text
        if text:
            level = min(level, column)
            last = _owner(lines, last, level)
            notes.after.setdefault(last, []).extend(["", text] if blank else [text])
            blank = False
    rest = [text for _, text in waiting[count:]]
    if following is None:
        notes.tail += rest
    elif rest:
        notes.before[following] = rest + notes.before.get(following, [])


def _owner(lines: Lines, pointer: str, column: int) -> str:
    """The innermost entry around ``pointer`` that is indented no further than the comment."""
    while parent(pointer) in lines.starts and lines.column(pointer) > column:
        pointer = parent(pointer)
    return pointer


def _tidy(notes: Notes) -> Notes:
    """No two blank lines in a row, none around the file."""
    notes.head = _blanks(notes.head)
    while notes.head and not notes.head[0]:
        del notes.head[0]
    notes.before = {pointer: _blanks(lines) for pointer, lines in notes.before.items()}
    notes.tail = _blanks(notes.tail)
    while notes.tail and not notes.tail[-1]:
        del notes.tail[-1]
    return notes


def _blanks(lines: list[str]) -> list[str]:
    return [line for index, line in enumerate(lines) if line or index == 0 or lines[index - 1]]


def weave(document: Document, notes: Notes) -> str:
    """The text of a document without comments, with these in their places."""
    lines = Lines(document)
    ends, text = lines.ends(), document.text.splitlines()
    above: dict[int, list[str]] = {}
    below: dict[int, list[str]] = {}
    behind: dict[int, tuple[int, str]] = {}
    for pointer in lines.entries:
        line = lines.starts[pointer]
        margin = len(lines.text[line - 1]) - len(lines.text[line - 1].lstrip())
        above.setdefault(line, []).extend(_indented(notes.before.get(pointer, []), margin))
        if pointer in notes.after:
            # Below a key without a value stands what will be in it.
            inner = 2 if document.get(pointer) is None else 0
            mine = _indented(notes.after[pointer], lines.column(pointer) + inner)
            below[ends[pointer]] = mine + below.get(ends[pointer], [])
        if pointer in notes.behind:
            if line in behind:  # an item that holds the first thing of its line: one comment fits behind that
                above[line] += _indented([behind[line][1]], margin)
            behind[line] = notes.behind[pointer]
    for line, (column, comment) in behind.items():
        text[line - 1] = f"{text[line - 1].ljust(max(column - 2, 0))}  {comment}"
    woven = [*notes.head]
    for number, each in enumerate(text, 1):
        _add(woven, above.get(number, []))
        woven.append(each)
        _add(woven, below.get(number, []))
    _add(woven, notes.tail)
    return "\n".join(woven) + "\n"


def _indented(lines: list[str], margin: int) -> list[str]:
    return [" " * margin + line if line else "" for line in lines]


def _add(woven: list[str], lines: list[str]) -> None:
    """Add comments; a blank line only where the one before it is not, and not at the top."""
    for line in lines:
        if line or (woven and woven[-1]):
            woven.append(line)
