"""Read hybrid.yaml: one pass over the events of PyYAML's C parser.

Events instead of a loader, because they give every position, are not recursive (100,000 nested brackets end at
the depth limit), and let duplicate keys, anchors, aliases and tags be refused where they stand.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from hybridc.diagnostic import ERROR, START, Diagnostic, Place
from hybridc.source import scalars
from hybridc.source.decode import decode
from hybridc.source.document import Document, Scalar, join
from hybridc.source.syntax import explain

MAX_DEPTH = 64
MAX_NODES = 10_000
MAX_PATH = 2_000
"""How long a pointer may be: every value has one, and a long key would be repeated in each of those below it."""


_NUL = "\0"
_NO_NUL = "remove it: no shell, file name or variable can hold it"
_DEEP = "no spec needs that"
_TEMPLATE = ("here stands a template: {{", "hybridc reads no templates: write the value, or fill the file in first")


class _Stop(Exception):
    """Reading cannot go on; the findings say why."""


class _Key(NamedTuple):
    """A key that waits for its value; a lost value (of a key that is refused) becomes no part of the data."""

    text: str
    lost: bool


class _Holder(NamedTuple):
    """A container that is being filled, and its pointer; what it holds is lost when it is."""

    data: dict[str, Any] | list[Any]
    pointer: str
    lost: bool


class _Reader:
    """Builds the data of one document; findings are collected, not raised."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.found: list[Diagnostic] = []
        self.nodes = 0
        self.documents = 0
        self.stack: list[_Holder] = []
        self.waiting: list[_Key | None] = []  # for each holder, the key of a mapping that waits for its value
        self.skip = 0
        self.lost_keys: dict[str, Place] = {}
        self.quoted = START  # the last quoted text: a syntax error behind it is often a quote that is not closed

    def report(self, code: str, place: Place, message: str, help: str, pointer: str = "") -> None:  # noqa: A002
        self.found.append(Diagnostic(code, ERROR, self.document.path, place, message, help, pointer))

    def read(self) -> None:
        for event in yaml.parse(self.document.text, Loader=yaml.CSafeLoader):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self.node(event, self.scalar)
            elif kind is yaml.MappingStartEvent:
                self.node(event, lambda _: {})
            elif kind is yaml.SequenceStartEvent:
                self.node(event, lambda _: [])
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self.end()
            elif kind is yaml.AliasEvent:
                self.node(event, self.alias)
            elif kind is yaml.DocumentStartEvent:
                self.start_document(event)

    def start_document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self.document.unread = True
            self.report("YAML005", _place(event), "a second document starts here", "keep one cluster in one file")
            raise _Stop

    def node(self, event: Any, build: Any) -> None:
        """Take one node: a key when the mapping on top waits for one, else a value."""
        place = _place(event)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.report("YAML008", place, f"more than {MAX_NODES:,} values", "split the file: one file a cluster")
            raise _Stop
        for name in (getattr(event, "anchor", None), getattr(event, "tag", None)):
            if name:
                self.aside(place, name)
        if getattr(event, "anchor", None) and type(event) is not yaml.AliasEvent:
            self.report("YAML003", place, f"the anchor &{event.anchor} is not allowed", "write the value out")
        if getattr(event, "tag", None):
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.report("YAML004", place, f"the tag {shown} is not allowed", "remove it; quotes make a value a string")
        if self.skip or (self.stack and isinstance(self.stack[-1].data, dict) and self.waiting[-1] is None):
            self.key(event, place)
            return
        self.value(event, place, build)

    def key(self, event: Any, place: Place) -> None:
        """A key, or part of a key that is no scalar (which is skipped as a whole)."""
        container = type(event) in (yaml.MappingStartEvent, yaml.SequenceStartEvent)
        if self.skip:
            self.skip += container
            self.aside(place, getattr(event, "value", None))
            return
        if container or type(event) is yaml.AliasEvent:
            self.document.unread = True
            template = self.document.line(place.line)[place.column - 2 : place.column] == "{{"
            message, advice = _TEMPLATE if template else ("a key must be a plain string", "use a word as the key")
            self.report("YAML011", place, message, advice)
            self.skip = int(container)
            self.waiting[-1] = _Key("", lost=True)
            return
        self.plain_key(event, place)

    def plain_key(self, event: Any, place: Place) -> None:
        holder, key = self.stack[-1], event.value
        pointer = join(holder.pointer, key)
        if len(pointer) > MAX_PATH:
            self.report("YAML007", place, f"the keys down to here have more than {MAX_PATH:,} characters", _DEEP)
            raise _Stop
        keys = self.lost_keys if holder.lost else self.document.keys
        merge, again = key == "<<" and event.implicit[0], key in holder.data
        if merge:
            self.report("YAML003", place, "the merge key << is not allowed", "write the keys out", pointer)
        elif _NUL in key:
            self.report("YAML013", place, "a character \\0 (NUL) stands in this key", _NO_NUL, pointer)
        elif again:
            first = keys[pointer]
            advice = f"remove one; the first is in line {first.line}"
            self.report("YAML002", place, f'the key "{key}" stands twice', advice, pointer)
        else:
            keys[pointer] = place
        self.waiting[-1] = _Key(key, lost=merge or again or _NUL in key)

    def value(self, event: Any, place: Place, build: Any) -> None:
        pointer, lost = self.target()
        if len(self.stack) >= MAX_DEPTH:
            self.report("YAML007", place, f"nested deeper than {MAX_DEPTH} levels", _DEEP, pointer)
            raise _Stop
        if lost:
            self.aside(place, getattr(event, "value", None))
        else:
            self.document.values[pointer] = place
        value = build(event)
        self.attach(value)
        if isinstance(value, (dict, list)):
            self.stack.append(_Holder(value, pointer, lost))
            self.waiting.append(None)

    def aside(self, place: Place, text: str | None) -> None:
        """Keep a text that becomes no part of the data, so that whoever shows the file knows what stands there."""
        if text:
            self.document.apart.append(Scalar(self.target()[0], place, text))

    def target(self) -> tuple[str, bool]:
        """The pointer of the value that comes, and whether it is lost."""
        if not self.stack:
            return "", False
        holder, key = self.stack[-1], self.waiting[-1]
        if key is None:
            return join(holder.pointer, len(holder.data)), holder.lost
        return join(holder.pointer, key.text), key.lost or holder.lost

    def attach(self, value: Any) -> None:
        if not self.stack:
            self.document.data = value
            return
        holder, key = self.stack[-1].data, self.waiting[-1]
        self.waiting[-1] = None
        if isinstance(holder, list):
            holder.append(value)
        elif key is not None and not key.lost:
            holder[key.text] = value

    def end(self) -> None:
        if self.skip:
            self.skip -= 1
            return
        self.stack.pop()
        self.waiting.pop()

    def scalar(self, event: Any) -> Any:
        if not event.implicit[0]:
            self.quoted = _place(event)
            if _NUL in event.value:
                return self.broken("YAML013", event, "a character \\0 (NUL) stands in this text", _NO_NUL)
            return event.value
        try:
            return scalars.resolve(event.value)
        except scalars.UnreadableNumber as why:
            return self.broken("YAML012", event, str(why), "write another number, or quote it")

    def alias(self, event: Any) -> Any:
        return self.broken("YAML003", event, f"the alias *{event.anchor} is not allowed", "write the value out")

    def broken(self, code: str, event: Any, message: str, help: str) -> None:  # noqa: A002
        """A value that cannot be read: nothing else is said about it."""
        pointer, lost = self.target()
        if not lost:
            self.document.broken.add(pointer)
            self.aside(_place(event), getattr(event, "value", None) or event.anchor)
        self.report(code, _place(event), message, help, pointer)


def _conflicts(document: Document) -> list[Diagnostic]:
    """What a merge left behind: nothing else is worth saying then."""
    if not any(mark in document.text for mark in ("<<<<<<<", "=======", ">>>>>>>", "|||||||")):
        return []
    from hybridc.source.slips import conflicts

    return [Diagnostic("YAML014", ERROR, document.path, *slip) for slip in conflicts(document.lines())]


def _place(event: Any) -> Place:
    start, end = event.start_mark, event.end_mark
    return Place(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def read(path: str, raw: bytes) -> tuple[Document, list[Diagnostic]]:
    """The document in ``raw`` (UTF-8, with or without a byte order mark) and what is wrong with it as YAML.

    When there are findings, ``document.data`` holds what could be read; it is None when nothing could.
    """
    text, found = decode(path, raw)
    document = Document(path, text)
    if found:
        document.unread = True
        return document, found
    reader = _Reader(document)
    if merge := _conflicts(document):
        document.unread = True
        return document, merge
    try:
        reader.read()
    except _Stop:
        document.unread, document.part = True, document.data
        # A second document leaves the first one whole; behind a limit nothing is known.
        document.data = document.data if reader.documents > 1 else None
    except yaml.YAMLError as error:
        reader.found.append(explain(document, error, reader.quoted))
        document.unread, document.part = True, document.data
        document.data = None
    if not reader.found and document.data is None:
        reader.report(
            "YAML010", START, "the file holds no document", "name another file; hybridc init writes a first hybrid.yaml"
        )
    return document, reader.found
