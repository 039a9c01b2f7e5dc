"""Read hybrid.yaml: one pass over the events of PyYAML's C parser.

Events instead of a loader, because they give every position, are not recursive (100,000 nested brackets end at
the depth limit), and let duplicate keys, anchors, aliases and tags be refused where they stand.
"""

from __future__ import annotations

from typing import Any

import yaml

from hybridc.diagnostics.model import ERROR, START, Diagnostic, Place
from hybridc.source import scalars
from hybridc.source.document import Document, join

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 10_000


class _Stop(Exception):
    """Reading cannot go on; the findings say why."""


class _Reader:
    """Builds the data of one document; findings are collected, not raised."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.found: list[Diagnostic] = []
        self.nodes = 0
        self.documents = 0
        # A container that is being filled, its pointer, and for a mapping the key that waits for its value.
        self.stack: list[tuple[dict[str, Any] | list[Any], str]] = []
        self.waiting: list[str | None] = []
        self.skip = 0

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
            self.report("YAML005", _place(event), "a second document starts here", "keep one cluster in one file")
            raise _Stop

    def node(self, event: Any, build: Any) -> None:
        """Take one node: a key when the mapping on top waits for one, else a value."""
        place = _place(event)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.report("YAML008", place, f"more than {MAX_NODES:,} values", "split the file: one file a cluster")
            raise _Stop
        if getattr(event, "anchor", None) and type(event) is not yaml.AliasEvent:
            self.report("YAML003", place, f"the anchor &{event.anchor} is not allowed", "write the value out")
        if getattr(event, "tag", None):
            self.report(
                "YAML004", place, f"the tag {event.tag} is not allowed", "remove it; quote a value to make it a string"
            )
        if self.skip or (self.stack and isinstance(self.stack[-1][0], dict) and self.waiting[-1] is None):
            self.key(event, place)
            return
        self.value(event, place, build)

    def key(self, event: Any, place: Place) -> None:
        """A key, or part of a key that is no scalar (which is skipped as a whole)."""
        container = type(event) in (yaml.MappingStartEvent, yaml.SequenceStartEvent)
        if self.skip:
            self.skip += container
            return
        if container or type(event) is yaml.AliasEvent:
            self.report("YAML011", place, "a key must be a plain string", "use a word as the key")
            self.skip = int(container)
            self.waiting[-1] = "?"
            return
        self.plain_key(event.value, place)

    def plain_key(self, key: str, place: Place) -> None:
        holder, base = self.stack[-1]
        pointer = join(base, key)
        if key in holder:
            first = self.document.keys[pointer]
            self.report(
                "YAML002",
                place,
                f'the key "{key}" stands twice',
                f"remove one; the first is in line {first.line}",
                pointer,
            )
            self.waiting[-1] = f"{key} (again)"
            return
        self.document.keys[pointer] = place
        self.waiting[-1] = key

    def value(self, event: Any, place: Place, build: Any) -> None:
        pointer = self.pointer()
        if len(self.stack) >= MAX_DEPTH:
            self.report("YAML007", place, f"nested deeper than {MAX_DEPTH} levels", "no spec needs that", pointer)
            raise _Stop
        self.document.values[pointer] = place
        value = build(event)
        self.attach(value)
        if isinstance(value, (dict, list)):
            self.stack.append((value, pointer))
            self.waiting.append(None)

    def pointer(self) -> str:
        if not self.stack:
            return ""
        holder, base = self.stack[-1]
        return join(base, len(holder) if isinstance(holder, list) else self.waiting[-1])

    def attach(self, value: Any) -> None:
        if not self.stack:
            self.document.data = value
            return
        holder = self.stack[-1][0]
        if isinstance(holder, list):
            holder.append(value)
            return
        key = self.waiting[-1]
        self.waiting[-1] = None
        if key is not None and not key.endswith(" (again)") and key != "?":
            holder[key] = value

    def end(self) -> None:
        if self.skip:
            self.skip -= 1
            return
        self.stack.pop()
        self.waiting.pop()

    def scalar(self, event: Any) -> Any:
        if not event.implicit[0]:
            return event.value
        try:
            return scalars.resolve(event.value)
        except scalars.UnreadableNumber as why:
            shown = event.value if len(event.value) <= 40 else event.value[:40] + "…"
            return self.broken("YAML012", event, f"{shown} {why}", "write a smaller number, or quote it")

    def alias(self, event: Any) -> Any:
        return self.broken("YAML003", event, f"the alias *{event.anchor} is not allowed", "write the value out")

    def broken(self, code: str, event: Any, message: str, help: str) -> None:  # noqa: A002
        """A value that cannot be read: nothing else is said about it."""
        pointer = self.pointer()
        self.document.broken.add(pointer)
        self.report(code, _place(event), message, help, pointer)


def _place(event: Any) -> Place:
    start, end = event.start_mark, event.end_mark
    return Place(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def read(path: str, raw: bytes) -> tuple[Document, list[Diagnostic]]:
    """The document in ``raw`` (UTF-8, with or without a byte order mark) and what is wrong with it as YAML.

    When there are findings, ``document.data`` holds what could be read; it is None when nothing could.
    """
    text, found = _decode(path, raw)
    document = Document(path, text)
    if found:
        return document, found
    reader = _Reader(document)
    try:
        reader.read()
    except _Stop:
        pass
    except yaml.YAMLError as error:
        reader.found.append(_syntax(path, text, error))
        document.data = None
    if not reader.found and document.data is None:
        reader.report("YAML010", START, "the file holds no document", "start with: hybridc init > hybrid.yaml")
    return document, reader.found


def _decode(path: str, raw: bytes) -> tuple[str, list[Diagnostic]]:
    def refuse(code: str, message: str, help: str, place: Place = START) -> tuple[str, list[Diagnostic]]:  # noqa: A002
        return "", [Diagnostic(code, ERROR, path, place, message, help)]

    if len(raw) > MAX_BYTES:
        return refuse("YAML006", "the file is larger than 1 MiB", "a spec of one cluster has a few hundred lines")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = len(raw[raw.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
        place = Place(line, column, line, column + 1)
        return refuse("YAML009", "the file is not UTF-8 text", "save it as UTF-8", place)
    for separator in "\x85\u2028\u2029":
        if separator in text:
            place = _offset(text, text.index(separator))
            name = f"U+{ord(separator):04X}"
            message = f"the character {name} ends a line for YAML and for nobody else"
            return refuse("YAML009", message, f'write it in double quotes as "\\u{ord(separator):04x}"', place)
    return text, []


def _offset(text: str, offset: int) -> Place:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return Place(line, column, line, column + 1)


def _syntax(path: str, text: str, error: yaml.YAMLError) -> Diagnostic:
    if isinstance(error, yaml.reader.ReaderError):
        place, problem = (
            _offset(text, error.position),
            f"the character U+{ord(text[error.position]):04X} is not allowed",
        )
        return Diagnostic(
            "YAML009", ERROR, path, place, problem, "remove it, or write it as an escape in double quotes"
        )
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = Place(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2) if mark else START
    problem = getattr(error, "problem", None) or "not YAML"
    context = getattr(error, "context", None)
    message = f"not YAML: {problem}" + (f" ({context})" if context else "")
    return Diagnostic("YAML001", ERROR, path, place, message, _syntax_help(text, place))


def _syntax_help(text: str, place: Place) -> str:
    line = Document("", text).line(place.line)
    if "\t" in line:
        return "indent with spaces: YAML allows no tabs there"
    return "check quotes, brackets, colons and indentation up to here"
