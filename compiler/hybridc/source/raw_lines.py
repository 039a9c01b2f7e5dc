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
_PLAIN, _OPENED = re.compile(r":\s+[^\s|>&!\"'{\[#]"), re.compile(r":\s+[\"'{\[]")
_KEY = re.compile(
    rf"{secrets.TELLING}|(?<![A-Za-z0-9])(?:{secrets.TELLING_WHOLE})[\"']{{0,4}}(?:\s{{0,16}}:|\s*\Z)",
    re.IGNORECASE,
)
# What no YAML holds may stand within a secret: U+FFFD is what is shown of bytes that are no UTF-8.
_NO_TEXT = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028\\u2029\\ufeff\\ufffd]")


def hidden(lines: Sequence[str], *, unread: bool, with_id: bool) -> dict[int, int]:
    """The lines that hold a part of something that looks like a secret: number → the column (0-based) it begins at.

    ``unread``: a part of the lines was not read as YAML, so that escapes, folded lines and keys count as well.
    ``with_id``: an AccessKey id stands somewhere, so that its secret may as well.
    """
    found = dict.fromkeys(_private_keys(lines, unread=unread), 0)
    if unread:
        found |= dict.fromkeys(_unread(lines, with_id=with_id), 0)
    for number, column in _looks(lines, with_id=with_id):
        found[number] = min(column, found.get(number, column))
    for number, line in enumerate(lines, start=1):
        text, mark, comment = line.partition("#")
        if mark and (secrets.is_set(comment) or _opens(text)):
            found[number] = min(len(text), found.get(number, len(text)))
    return found


def names_an_id(lines: Sequence[str], *, unread: bool) -> bool:
    """Whether an AccessKey id stands anywhere; where the lines were not read, also behind escapes and folds."""
    if secrets.names_an_id("\n".join(lines)):
        return True
    return unread and any(secrets.names_an_id(text) for _, _, text in _groups(lines))


def _opens(text: str) -> bool:
    """Whether the text of a line, but for a comment, ends with a key that tells of a secret."""
    words = text.rstrip().removesuffix(":").split() if text.rstrip().endswith(":") else []
    key = words[-1].strip("\"'{[,") if words else ""
    return secrets.is_telling(key)


def _looks(lines: Sequence[str], *, with_id: bool) -> Iterator[tuple[int, int]]:
    text = "\n".join(lines)
    starts: list[int] = []
    for kind, start, _ in secrets.find(text, with_id=with_id):
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


def _groups(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """The first and the last of the lines that backslashes fold into one, and their text without escapes."""
    start = 0
    for number, line in enumerate(lines, start=1):
        if not line.endswith("\\") or number == len(lines):
            yield (
                start + 1,
                number,
                _unescaped("".join(part.strip().removesuffix("\\") for part in lines[start:number])),
            )
            start = number


def _unread(lines: Sequence[str], *, with_id: bool) -> Iterator[int]:
    """Lines that hold a secret without their escapes, or joined where a backslash folds them; and keyed values."""
    for first, last, text in _groups(lines):
        looks = any(True for _ in secrets.find(text, with_id=with_id))
        if looks or _BEGIN.search(text) or secrets.is_set(text):
            yield from range(first, last + 1)
        if _KEY.search(text):
            yield from _keyed(lines, first, last)


def _keyed(lines: Sequence[str], first: int, last: int) -> Iterator[int]:
    """The lines of a key and of its value: the next that says something, and all that are indented more."""
    yield from range(first, last + 1)
    indent, said = _indent(lines[first - 1]), _has_value(lines[last - 1])
    for number in range(last + 1, len(lines) + 1):
        line = lines[number - 1]
        if said and line.strip() and _indent(line) <= indent:
            return
        said = said or bool(line.strip())
        yield number


def _has_value(line: str) -> bool:
    """Whether a value begins in a line, and ends there when it is in quotes or brackets."""
    opened, text = _OPENED.search(line), line.rstrip()
    closed = opened is not None and len(text) > opened.end() and text[-1] in "\"'}]"
    return closed or _PLAIN.search(line) is not None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _unescaped(text: str) -> str:
    text = _NO_TEXT.sub("", text)
    return _NO_TEXT.sub("", _ESCAPE.sub(_character, text)) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code is None:
        return str(match[4])
    number = int(code, 16)
    return chr(number) if number < 0x110000 else ""
