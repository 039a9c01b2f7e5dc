"""Which lines of a file look as if they held a secret: comments, and what was not read as YAML."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from hybridc.source import secrets

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_BEGIN, _END = re.compile(r"-----BEGIN\b"), re.compile(r"-----END\b")
# A key that tells of a secret, whatever follows: in quotes, behind "? ", in braces, with its value in the next line.
_VALUE = re.compile(r":\s+(?:[^\s|>&!\"'{\[#].*|[\"'{\[].*[\"'}\]])\s*\Z")
_KEY = re.compile(rf"[\w.-]{{0,64}}(?:{secrets.SECRET_KEY.pattern.removeprefix('(?i)')})", re.IGNORECASE)


def hidden(lines: Sequence[str], *, unread: bool) -> dict[int, int]:
    """The lines that hold a part of something that looks like a secret: number → the column (0-based) it begins at.

    ``unread``: a part of the lines was not read as YAML, so that escapes, folded lines and keys count as well.
    """
    found = dict.fromkeys(_private_keys(lines, unread=unread), 0)
    if unread:
        found |= dict.fromkeys(_unread(lines), 0)
    for number, column in _looks(lines):
        found[number] = min(column, found.get(number, column))
    for number, line in enumerate(lines, start=1):
        text, mark, comment = line.partition("#")
        if mark and (secrets.is_set(comment) or _opens(text)):
            found[number] = min(len(text), found.get(number, len(text)))
    return found


def _opens(text: str) -> bool:
    """Whether the text of a line, but for a comment, ends with a key that tells of a secret."""
    words = text.rstrip().removesuffix(":").split() if text.rstrip().endswith(":") else []
    key = words[-1].strip("\"'{[,") if words else ""
    return secrets.is_telling(key)


def _looks(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    text = "\n".join(lines)
    starts: list[int] = []
    for kind, start, _ in secrets.find(text):
        if kind != secrets.PRIVATE_KEY:  # no other kind takes more than a line
            starts = starts or list(accumulate((len(line) + 1 for line in lines), initial=0))
            number = bisect_right(starts, start)
            column, comment = start - starts[number - 1], lines[number - 1].find("#")
            yield number, column if comment < 0 else min(column, comment)


def _private_keys(lines: Sequence[str], *, unread: bool) -> Iterator[int]:
    """The lines of a PEM block; where the file was read, of one in comments (the place of a value is known)."""
    inside = False
    for number, line in enumerate(lines, start=1):
        comment = line.lstrip().startswith("#")
        begins = bool(_BEGIN.search(line)) and (unread or "#" in line)
        if begins or (inside and (unread or comment)):
            yield number
        inside = (begins or (inside and (unread or comment))) and not _END.search(line)


def _unread(lines: Sequence[str]) -> Iterator[int]:
    """Lines that hold a secret without their escapes, or joined where a backslash folds them; and keyed values."""
    start = 0
    for number, line in enumerate(lines, start=1):
        if line.endswith("\\"):
            continue
        group = lines[start:number]
        text = _unescaped("".join(part.strip().removesuffix("\\") for part in group))
        if _BEGIN.search(text) or any(True for _ in secrets.find(text)) or secrets.is_set(text):
            yield from range(start + 1, number + 1)
        if _KEY.search(text):
            yield from _keyed(lines, start + 1, number)
        start = number
    yield from range(start + 1, len(lines) + 1)  # the last line folds into nothing


def _keyed(lines: Sequence[str], first: int, last: int) -> Iterator[int]:
    """The lines of a key and of its value: the next that says something, and all that are indented more."""
    yield from range(first, last + 1)
    indent, said = _indent(lines[first - 1]), _VALUE.search(lines[last - 1]) is not None
    for number in range(last + 1, len(lines) + 1):
        line = lines[number - 1]
        if said and line.strip() and _indent(line) <= indent:
            return
        said = said or bool(line.strip())
        yield number


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code is None:
        return str(match[4])
    number = int(code, 16)
    return chr(number) if number < 0x110000 else ""
