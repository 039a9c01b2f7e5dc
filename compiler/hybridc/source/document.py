"""A YAML document as plain data that knows where each value stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hybridc.diagnostic import START, Place
from hybridc.words import parts


def join(pointer: str, key: object) -> str:
    """The JSON pointer (RFC 6901) of a member or an item."""
    name = str(key)
    if "~" in name or "/" in name:
        name = name.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{name}"


def parent(pointer: str) -> str:
    """The pointer of what holds this one; "" for a top-level member."""
    return pointer.rpartition("/")[0]


class Scalar(NamedTuple):
    """A text of the file that is no part of the data: where it stands, and what it says without quotes and escapes."""

    pointer: str
    place: Place
    text: str


@dataclass
class Document:
    """``data`` is dicts, lists, str, int, float, bool and None. ``values`` and ``keys`` map JSON pointers to places.

    ``broken`` holds the pointers of values that could not be read or do not fit the schema: their data means nothing.
    ``unread``: a part of the file was not read as YAML; ``part`` is the data as far as it was. ``apart`` are scalars
    beside the data: lost ones (of a key that stands twice), and those of the JSON in values named by ``embedded``.
    """

    path: str
    text: str
    data: Any = None
    values: dict[str, Place] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    unread: bool = False
    part: Any = None
    apart: list[Scalar] = field(default_factory=list)
    embedded: set[str] = field(default_factory=set)
    _lines: list[str] | None = field(default=None, init=False, repr=False, compare=False)

    def place(self, pointer: str) -> Place:
        """Where the value stands; for an absent one, the nearest key or value that holds it."""
        while pointer not in self.values:
            if not pointer:
                return START
            pointer = parent(pointer)
            if pointer in self.keys:
                return self.keys[pointer]
        return self.values[pointer]

    def key_place(self, pointer: str) -> Place:
        """Where the key of a member stands (the value's place for an item of a list)."""
        return self.keys[pointer] if pointer in self.keys else self.place(pointer)

    def source(self, pointer: str) -> str:
        """A scalar as it stands in the file (quotes included); "" when it takes more than one line."""
        place = self.place(pointer)
        one_line = place.line == place.end_line
        return self.line(place.line)[place.column - 1 : place.end_column - 1] if one_line else ""

    def line(self, number: int) -> str:
        """The text of a line (1-based), without its line end; "" outside of the file."""
        lines = self.lines()
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def lines(self) -> list[str]:
        """The lines as YAML counts them: CR LF, LF and CR end a line."""
        if self._lines is None:
            self._lines = self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return self._lines

    def get(self, pointer: str) -> Any:
        """The value at a pointer; KeyError or IndexError when there is none."""
        value = self.data
        for key in parts(pointer):
            value = value[int(key)] if isinstance(value, list) else value[key]
        return value
