"""What of a document is a secret, decided once for all that is shown of it: excerpts, messages, pointers.

A value is one when its decoded text holds what looks like a secret, or when a key above it says so, however it is
written; so is a key that looks like one. A part of a file that was not read as YAML is judged by its lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from hybridc.diagnostic import Place
from hybridc.source import raw_lines, secrets
from hybridc.source.document import Document, join
from hybridc.source.secrets import MASK, is_telling
from hybridc.words import parts

_FIELDS = frozenset(("/spec/terway/credentials", "/spec/nodeInit/join/token", "/spec/gitops/imagePullSecrets"))
"""Fields of the spec with the name of a secret: what fits the schema there is none."""
_IN_FIELDS = tuple(f"{field}/" for field in _FIELDS)
_PATH_KEY = re.compile(r"(?i)(?:file|path|dir)\Z")
_PEM_LINE = re.compile(r"-----(?:BEGIN|END)[A-Z0-9\s]{1,256}-----")
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,15}\Z")
_HEAD = re.compile(r"(?:\s|- )*(?:[\"']?[A-Za-z_][\w.-]{0,63}[\"']?\s*:(?=\s))?")
_QUOTES = ("'", '"')
# Words of a sentence of ours that stand in a secret as well: "private key", "Terway". A quoted value is none.
_PROSE = re.compile(r"(?=.{1,16}\Z)[ .,:_-]?[A-Z]?[a-z]+(?:[ -][A-Z]?[a-z]+){0,3}[ .,:_-]?\Z")
_SHORTEST, _LONG = 6, 12
"""A message may share fewer letters with a secret, and with the rest of a value that holds one."""
_REPEATED, _MOST_REPEATED = 8, 50  # what is a secret at one place, and as long as this, is one wherever else it stands
_MOST = 64 * 1024  # letters of secrets; with more of them messages keep their plain words only
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class _Secret(NamedTuple):
    """A value or key that is or holds a secret: its place, the parts that are (``bare``), and all of its text."""

    place: Place
    bare: tuple[str, ...]
    text: str
    is_key: bool = False


class Hidden:
    """The secrets of a document, and what can be shown of it."""

    def __init__(self, document: Document | None) -> None:
        self._source = document.lines() if document else []
        unread = document is not None and (document.unread or (document.data is None and not document.embedded))
        with_id = raw_lines.names_an_id(self._source, unread=unread)
        found = list(_secrets(document, with_id=with_id)) if document else []
        self._from: dict[int, int] = {}  # line → the first column of it that is hidden
        for secret in found:
            self._hide(secret.place)
        if document is not None:
            with_id = with_id or any(secrets.names_an_id(secret.text) for secret in found)
            self._from = {**raw_lines.hidden(self._source, unread=unread, with_id=with_id), **self._from}
            if unread:
                self._from = dict.fromkeys(self._from, 0)
        self._words = _Words(found, self._source)
        self._keys = _Words([secret for secret in found if secret.is_key], self._source)

    def _hide(self, place: Place) -> None:
        last = place.end_line - (place.end_column == 1 and place.end_line > place.line)
        for number in range(place.line, last + 1):
            first = place.column - 1 if number == place.line else 0
            self._from[number] = min(first, self._from.get(number, first))

    def is_hidden(self, number: int) -> bool:
        """Whether a line holds a part of a secret."""
        return number in self._from

    def line(self, number: int) -> str:
        """A line as it can be shown: of one that holds a secret only its key; "" when there is nothing to show."""
        if not 0 < number <= len(self._source):
            return ""
        line = self._source[number - 1]
        if number not in self._from:
            return line
        head = _HEAD.match(line)
        kept = head[0].rstrip() if head and head.end() <= self._from[number] else ""
        return f"{kept} {MASK}" if kept.strip("- ") and self.text(kept) == kept else ""

    def text(self, text: str) -> str:
        """A sentence without any part of a secret of the document, and without what looks like another one."""
        return secrets.without_kinds(self._words.masked(text))

    def pointer(self, pointer: str) -> str:
        """A JSON pointer without the keys that are secrets."""
        return secrets.without_kinds(self._keys.masked(pointer))


class _Words:
    """Every stretch of letters that a text may not share with a secret."""

    def __init__(self, found: list[_Secret], source: list[str]) -> None:
        bare = {part for secret in found for part in secret.bare}
        whole = {secret.text for secret in found}
        for secret in found:
            written = _written(secret.place, source)
            (bare if "\\" in written else whole).add(written)
        self._too_many = sum(map(len, bare)) + sum(map(len, whole)) > _MOST
        self._grams: dict[int, set[str]] = {}
        if found and not self._too_many:
            self._grams = {_SHORTEST: _grams(bare, _SHORTEST), _LONG: _grams(whole, _LONG)}
        short = sorted({re.escape(part) for part in bare if 0 < len(part) < _SHORTEST})
        self._short = re.compile(f"([\"'])(?:{'|'.join(short)})\\1") if short and not self._too_many else None

    def masked(self, text: str) -> str:
        if self._too_many:
            return secrets.plain_words(text)
        if not self._grams:
            return text
        if self._short is not None:
            text = self._short.sub(MASK, text)
        low = text.translate(_LOWER)
        secret = bytearray(len(text))
        for size, grams in self._grams.items():
            for start in range(len(low) - size + 1) if grams else ():
                if low[start : start + size] in grams:
                    secret[start : start + size] = b"\1" * size
        return _replaced(text, secret)


def _replaced(text: str, secret: bytearray) -> str:
    shown, at = [], 0
    for run in re.finditer(rb"\x01+", secret):
        start, end = run.span()
        quoted = text[start - 1 : start] in _QUOTES and text[end : end + 1] in _QUOTES
        if quoted or not _PROSE.match(text[start:end]):
            shown += [text[at:start], MASK]
            at = end
    return "".join([*shown, text[at:]])


def _grams(texts: set[str], size: int) -> set[str]:
    lower = [text.translate(_LOWER) for text in texts]
    return {text[start : start + size] for text in lower for start in range(len(text) - size + 1)}


def _written(place: Place, source: list[str]) -> str:
    """A value as it stands in the file, with its escapes."""
    lines = source[place.line - 1 : place.end_line]
    if not lines:
        return ""
    if place.line == place.end_line:
        return lines[0][place.column - 1 : place.end_column - 1]
    return "\n".join(lines)[place.column - 1 :]


def _secrets(document: Document, *, with_id: bool) -> Iterator[_Secret]:
    texts = [text for text in _texts(document) if text.is_key or text.pointer not in document.embedded]
    texts += [_Text(one.pointer, one.text, _is_told(one.pointer), False, one.place) for one in document.apart]
    together = "\n".join([text.text for text in texts])  # most files hold nothing: asked once for all of it
    kinds = {kind for kind, _, _ in secrets.find(together)}
    with_id = with_id or secrets.ACCESS_KEY in kinds
    given = secrets.is_set(together) is not None
    told = {text.text for text in texts if text.told and len(text.text) >= _REPEATED and not text.text.isalpha()}
    some = list(islice(told, _MOST_REPEATED))
    for text in texts:
        if text.told:
            yield _secret(document, text, (text.text,))
        elif kinds or given or told or with_id:
            bare = tuple(_parts(text, with_id=with_id))
            bare += (text.text,) if text.text in told else tuple(again for again in some if again in text.text)
            if bare:
                yield _secret(document, text, bare)


def _secret(document: Document, text: _Text, bare: tuple[str, ...]) -> _Secret:
    places = document.keys if text.is_key else document.values
    return _Secret(text.place or places[text.pointer], bare, text.text, text.is_key)


def _parts(text: _Text, *, with_id: bool) -> Iterator[str]:
    """The parts of a text that are secrets."""
    if with_id and secrets.is_secret_of_an_id(text.text):
        yield text.text
    for kind, start, end in secrets.find(text.text, with_id=with_id):
        yield _core(kind, text.text[start:end])
    given = None if text.is_key else secrets.is_set(text.text)
    if given is not None:
        yield text.text[given.start("value") :]


def _core(kind: str, text: str) -> str:
    """What is secret of a match: neither the name of a parameter nor the first and last line of a PEM block."""
    if kind == secrets.SIGNATURE:
        return text.partition("=")[2]
    if kind == secrets.PRIVATE_KEY:
        return _PEM_LINE.sub("", text)
    return text


def _is_told(pointer: str) -> bool:
    return any(map(is_telling, parts(pointer)))


class _Text(NamedTuple):
    """A value or key; ``told``: a key above it says that it is a secret. Its place, where the document has none."""

    pointer: str
    text: str
    told: bool
    is_key: bool
    place: Place | None = None


def _texts(document: Document) -> Iterator[_Text]:
    """Every value of the data, and every key that could be a secret."""
    data = document.part if document.data is None else document.data
    todo: list[tuple[str, Any, bool]] = [("", data, False)]
    for pointer, node, told in todo:
        if isinstance(node, dict):
            of_secret = node.get("kind") == "Secret"
            for key, value in node.items():
                inner = join(pointer, key)
                below = told or (of_secret and key in ("data", "stringData")) or _tells(document, key, inner, value)
                if len(key) >= _SHORTEST and (told or len(key) >= _LONG) and inner in document.keys:
                    yield _Text(inner, key, told and not _WORD.match(key), True)
                todo.append((inner, value, below))
        elif isinstance(node, list):
            todo += [(f"{pointer}/{index}", value, told) for index, value in enumerate(node)]
        elif node is not None and not isinstance(node, bool) and pointer in document.values:
            yield _Text(pointer, str(node), told and node not in ("", "true", "false"), False)


def _tells(document: Document, key: str, pointer: str, value: Any) -> bool:
    """Whether the name of a key says that what stands there is a secret."""
    if pointer in _FIELDS or pointer.startswith(_IN_FIELDS):
        above = {pointer[: found.start()] for found in re.finditer("/", pointer)}
        if document.data is None or not document.broken.isdisjoint(above | {pointer}):
            return True
    return (
        pointer not in _FIELDS
        and is_telling(key)
        and not (_PATH_KEY.search(key) and isinstance(value, str) and value.startswith("/"))
    )
