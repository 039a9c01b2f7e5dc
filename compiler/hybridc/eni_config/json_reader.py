"""Read JSON as a person wrote it: where everything stands, and all that Terway's decoder would refuse.

What can be understood is read on (comments, a trailing comma, a template in the place of a value), so that one mistake
does not hide the others.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from hybridc.source import scalars
from hybridc.source.document import join
from hybridc.source.reader import MAX_NODES, MAX_PATH
from hybridc.spec.hole import HOLE

_MAX_DEPTH = 64
_MOST_FAULTS = 1000
_SPACE = re.compile(r"[ \t\r\n]*")
_COMMENT = re.compile(r"//[^\n]*|#[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_TEMPLATE = re.compile(r"\{\{.*?\}\}|<[A-Za-z_][^<>\n]*>")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?(?![0-9A-Za-z_.+-])")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_WORD = re.compile(r"[A-Za-z]*")
_WORDS = {"true": True, "false": False, "null": None}
_BOM = "\ufeff"

Extent = tuple[int, int]


class Fault(NamedTuple):
    """What is no JSON: the stretch of the text, the sentence, the way out."""

    extent: Extent
    message: str
    help: str


class _Stop(Exception):
    """Reading cannot go on."""


class Json:
    """``data`` as far as it could be read (a template is a hole), the extents of values and keys, and the faults.

    ``lost`` are the values of a key that stands once more, with their pointers.
    ``whole`` is false when reading ended early, so that nothing can be said about what is missing.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.data: Any = HOLE
        self.values: dict[str, Extent] = {}
        self.keys: dict[str, Extent] = {}
        self.lost: list[tuple[str, Extent]] = []
        self.faults: list[Fault] = []
        self.whole = False
        self._at = 0
        self._nodes = 0
        try:
            self._read()
            self.whole = True
        except _Stop:
            pass

    def _read(self) -> None:
        if self.text.startswith(_BOM):
            self._fault(1, "the text starts with a byte order mark", "save it as UTF-8 without a byte order mark")
            self._at = 1
        self._blank()
        if self._at == len(self.text):
            self._stop("there is nothing in it", "write a JSON object")
        self.data = self._value("", 0, lambda _: None)
        self._blank()
        if self._at < len(self.text):
            self._stop("something follows after the end", "keep one JSON object")

    def _value(self, pointer: str, depth: int, attach: Any) -> Any:
        """Read one value; a container is attached before it is filled, so that a part of it survives an early end."""
        start = self._at
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop(f"more than {MAX_NODES:,} values", "no configuration needs that")
        if len(pointer) > MAX_PATH:
            self._stop(f"the keys down to here have more than {MAX_PATH:,} characters", "no configuration needs that")
        opening = self.text[start : start + 1]
        if opening not in ("{", "[") or _TEMPLATE.match(self.text, start):
            value = self._scalar()
            attach(value)
        else:
            if depth > _MAX_DEPTH:
                self._stop(f"nested deeper than {_MAX_DEPTH} levels", "no configuration needs that")
            value = {} if opening == "{" else []
            if not pointer:
                self.data = value
            attach(value)
            self._container(value, pointer, depth)
        if pointer in self.values:
            self.lost.append((pointer, self.values[pointer]))
        self.values[pointer] = (start, self._at)
        return value

    def _scalar(self) -> Any:
        text, start = self.text, self._at
        template = _TEMPLATE.match(text, start)
        if template:
            self._fault(len(template[0]), f"{template[0]} is a template that nobody filled in", "put the value there")
            self._at = template.end()
            return HOLE
        if match := _STRING.match(text, start):
            self._at = match.end()
            return _decoded(match)
        if match := _NUMBER.match(text, start):
            return self._number(match[0])
        word = _WORD.match(text, start)
        if word and word[0] in _WORDS:
            self._at = word.end()
            return _WORDS[word[0]]
        if text.startswith("'", start):
            self._stop("strings stand in double quotes", 'use "')
        if text.startswith('"', start):
            self._stop("a string does not end, or holds a character that JSON escapes", 'end it with "')
        self._stop("a value was expected", "check quotes, brackets and commas up to here")
        return None

    def _number(self, text: str) -> Any:
        """A number as hybrid.yaml may hold it, too: within 64 bits, or finite."""
        try:
            value = scalars.resolve(text)
        except scalars.UnreadableNumber as why:
            self._fault(len(text), str(why), "write another number")
            value = HOLE
        self._at += len(text)
        return value

    def _container(self, holder: Any, pointer: str, depth: int) -> None:
        close = "}" if isinstance(holder, dict) else "]"
        self._at += 1
        self._blank()
        comma: int | None = None
        while not self.text.startswith(close, self._at):
            if holder and comma is None:
                self._stop(f"a comma or {close} was expected", "check commas and brackets up to here")
            self._member(holder, pointer, depth)
            self._blank()
            comma = self._at if self.text.startswith(",", self._at) else None
            self._at += comma is not None
            self._blank()
        if comma is not None:
            self.faults.append(Fault((comma, comma + 1), f"a comma stands before {close}", "remove it"))
        self._at += 1

    def _member(self, holder: Any, pointer: str, depth: int) -> None:
        if isinstance(holder, list):
            self._value(join(pointer, len(holder)), depth + 1, holder.append)
            return
        match = _STRING.match(self.text, self._at)
        if not match:
            self._stop("a key in double quotes was expected", "check quotes, brackets and commas up to here")
            return
        key, extent = str(_decoded(match)), match.span()
        below = join(pointer, key)
        if key in holder:
            message = f'the key "{key}" stands twice, Terway takes this one'
            self.faults.append(Fault(extent, message, "remove one"))
        self.keys[below] = extent
        self._at = match.end()
        self._blank()
        if not self.text.startswith(":", self._at):
            self._stop("a colon was expected", "write a value after the key")
        self._at += 1
        self._blank()
        self._value(below, depth + 1, lambda value: holder.__setitem__(key, value))

    def _blank(self) -> None:
        """Skip white space; a comment is a fault, and is skipped as well."""
        while True:
            space = _SPACE.match(self.text, self._at)
            self._at = space.end() if space else self._at
            comment = _COMMENT.match(self.text, self._at)
            if not comment:
                return
            self._fault(len(comment[0].split("\n")[0]), "JSON has no comments", "remove it: Terway does not start")
            self._at = comment.end()

    def _fault(self, length: int, message: str, help: str) -> None:  # noqa: A002
        self.faults.append(Fault((self._at, self._at + length), message, help))
        if len(self.faults) >= _MOST_FAULTS:
            raise _Stop

    def _stop(self, message: str, help: str) -> None:  # noqa: A002
        self._fault(1, message, help)
        raise _Stop


def _decoded(match: re.Match[str]) -> Any:
    import json

    return json.loads(match[0], strict=False)


def decoded(text: str) -> str:
    """The text of a JSON scalar: a string without its quotes and escapes; what is no JSON, as it stands."""
    match = _STRING.fullmatch(text)
    return str(_decoded(match)) if match else text
