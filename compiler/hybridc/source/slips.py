"""Slips of the keyboard that a parser notices lines later, or not at all: what was probably meant, in plain words.

A missing space after a colon, siblings that are indented differently, full-width and invisible characters, templates
and variables, and what an unfinished merge leaves behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hybridc.diagnostic import Place

_LOOK_BACK = 3
_LONGEST = 2_000
"""Of a line or a value: nobody types a longer one, and looking through it would take time."""
_MARKER = re.compile(r"(?:<{7}|>{7}|\|{7})(?: .*)?|={7}")
_KEY = re.compile(r"( *(?:- +)*)([^\s#:'\"{\[,]+):(?=\s|$)")
_TIGHT = re.compile(r" *(?:- +)*([A-Za-z][\w.-]*):(?!//)[^\s:]\S*")
_VARIABLE = re.compile(r"\$(?:\{\w{1,64}\}?|\(\w{1,64}\)|[A-Za-z_]\w{0,64})")
_TEMPLATE = re.compile(r"\{\{|\{%")
_IDEOGRAPH = re.compile("[\u3400-\u9fff]")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|(?:^|(?<=\s))#.*")
# What an input method types in place of ASCII, and spaces that are none for YAML. U+FF01 to U+FF5E are the full-width
# forms of "!" to "~" (Unicode, Halfwidth and Fullwidth Forms).
_LOOKALIKES = {
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    "\u3001": ",",
    "\u3002": ".",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u3010": "[",
    "\u3011": "]",
    "\u3014": "[",
    "\u3015": "]",
    "\u300a": "<",
    "\u300b": ">",
    "\u2013": "-",
    "\u2014": "-",
    "\u2212": "-",
    "\u2010": "-",
    **dict.fromkeys(map(chr, (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)), " "),
    **dict.fromkeys(map(chr, (*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xAD)), ""),
}
_NO_VARIABLES = "hybridc knows no variables and no templates: write the value, or fill the file in first"


class Slip(NamedTuple):
    """Where it is, what is wrong, and what to do."""

    place: Place
    message: str
    help: str


def conflicts(lines: Sequence[str]) -> list[Slip]:
    """What a merge left in the file: from <<<<<<< to >>>>>>>, or a line of it alone. No YAML has such a line."""
    found, start = [], 0
    for number, line in enumerate(lines, start=1):
        if not _MARKER.fullmatch(line):
            continue
        if line[0] == "<":
            found += [_left(lines, start)] if start else []
            start = number
        elif not start:
            found.append(_left(lines, number))
        elif line[0] == ">":
            place = Place(start, 1, number, len(line) + 1)
            message = f"a merge conflict that nobody has resolved, lines {start} to {number}"
            advice = "keep what is right of both sides, and remove the lines with <<<<<<<, ======= and >>>>>>>"
            found.append(Slip(place, message, advice))
            start = 0
    return [*found, _left(lines, start)] if start else found


def _left(lines: Sequence[str], number: int) -> Slip:
    line = lines[number - 1]
    message = f"a line of a merge conflict: {line[:7]}"
    return Slip(Place(number, 1, number, len(line) + 1), message, "remove it, and look at what stands around it")


def near(lines: Sequence[str], number: int) -> Slip | None:
    """What made a parser give up in a line: the slip there, or in the few lines before it, that explains it."""
    region = list(_region(lines, number))
    for look in (_strange, _template, _tight):
        for each in region:
            if len(lines[each - 1]) <= _LONGEST and (slip := look(each, lines[each - 1])):
                return slip
    # Of the lines before, one with a variable may well be a part of a script.
    own = lines[number - 1] if number <= len(lines) else ""
    return _not_filled_in("a variable", _VARIABLE.search(_bare(own[:_LONGEST])), number)


def _region(lines: Sequence[str], number: int) -> Iterator[int]:
    """A line and the few before it that say something, the nearest first."""
    left = _LOOK_BACK + 1
    for each in range(min(number, len(lines)), 0, -1):
        if lines[each - 1].strip() and not lines[each - 1].lstrip().startswith("#"):
            yield each
            left -= 1
        if not left:
            return


def _bare(line: str) -> str:
    """A line with blanks in place of what is in quotes or a comment: each column stays."""
    return _QUOTED.sub(lambda match: " " * len(match[0]), line)


def _strange(number: int, line: str) -> Slip | None:
    bare = _bare(line)
    chinese = _IDEOGRAPH.search(bare) is not None
    if chinese and ": " in bare:
        return None  # a sentence, with the punctuation that it should have
    for column, char in enumerate(bare):
        if char in _LOOKALIKES and (not chinese or _LOOKALIKES[char] in (":", " ")):
            meant = _LOOKALIKES[char].strip()
            message = f"here stands {_named(char)}{f', which is not {meant}' if meant else ''}"
            return Slip(_at(number, column, 1), message, _instead(char))
    return None


def _template(number: int, line: str) -> Slip | None:
    return _not_filled_in("a template", _TEMPLATE.search(_bare(line)), number)


def _not_filled_in(what: str, match: re.Match[str] | None, number: int) -> Slip | None:
    if match is None:
        return None
    return Slip(_at(number, match.start(), len(match[0])), f"here stands {what}: {match[0]}", _NO_VARIABLES)


def _tight(number: int, line: str) -> Slip | None:
    bare = _bare(line)
    match = _TIGHT.fullmatch(bare.rstrip())
    if match is None:
        return None
    message = f'a space is missing behind "{match[1]}:"'
    return Slip(_at(number, match.end(1), 1), message, f'write "{match[1]}: ", and then the value')


def indented(lines: Sequence[str], number: int) -> Slip | None:
    """A key that is indented as no key above it is, in the line where a parser gave up."""
    own = _KEY.match(lines[number - 1]) if number <= len(lines) else None
    if own is None:
        return None
    above = _open_keys(lines, number)
    if len(own[1]) in above or not above:
        return None
    nearest = min(above, key=lambda indent: number - above[indent][0])
    if nearest < len(own[1]) and lines[above[nearest][0] - 1].partition(" #")[0].rstrip().endswith(":"):
        return None  # the first key below its parent
    deeper = [indent for indent in above if indent > len(own[1])]
    sibling = min(deeper) if deeper else max(above)
    where, name = above[sibling]
    message = f'"{own[2]}" is indented by {len(own[1])}, "{name}" in line {where} by {sibling}'
    return Slip(_at(number, len(own[1]), len(own[2])), message, "give all keys of one mapping the same indentation")


def _open_keys(lines: Sequence[str], number: int) -> dict[int, tuple[int, str]]:
    """The keys above a line that it may go on with or belong to: indentation → line and name."""
    found: dict[int, tuple[int, str]] = {}
    for each in range(number - 1, 0, -1):
        match = _KEY.match(lines[each - 1])
        if match and (not found or len(match[1]) < min(found)):
            found[len(match[1])] = (each, match[2])
            if not match[1]:
                break
    return found


def in_value(text: str, *, tight: bool = False) -> str | None:
    """What to do about a value or a key that was read, does not fit, and holds a slip.

    ``tight``: it may be a key and its value.
    """
    text = text[:_LONGEST]
    for char in text if not _IDEOGRAPH.search(text) else "":
        if char in _LOOKALIKES:
            return f"it holds {_named(char)}: {_instead(char)}"
    if _VARIABLE.search(text) or _TEMPLATE.search(text):
        return _NO_VARIABLES
    if tight and (match := _TIGHT.fullmatch(text)):
        return f'write a space behind "{match[1]}:"'
    return None


def _named(char: str) -> str:
    """A character so that it can be found: how it looks, and its number."""
    meant = _LOOKALIKES[char]
    if not meant:
        return f"the character U+{ord(char):04X}, which nobody sees"
    if meant == " ":
        return f"a space that is none for YAML (U+{ord(char):04X})"
    return f"{char} (U+{ord(char):04X})"


def _instead(char: str) -> str:
    meant = _LOOKALIKES[char]
    if not meant:
        return "remove it"
    return "type a plain space" if meant == " " else f"type {meant} in its place, with the input method off"


def _at(number: int, column: int, width: int) -> Place:
    """A place by its line (from 1) and its column from 0."""
    return Place(number, column + 1, number, column + 1 + width)
