"""A hybrid.yaml that is being changed: its values, how they are written, and its comments."""

from __future__ import annotations

import copy
from typing import Any

from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, SequenceNode

from hybridc.rewrite import nodes
from hybridc.rewrite.lines import Lines
from hybridc.rewrite.notes import collect, weave
from hybridc.schema.load import Node as Schema
from hybridc.schema.load import child, follow, schema
from hybridc.source.document import Document, join, parent
from hybridc.source.reader import read
from hybridc.words import parts

WIDTH = 120
"""A flow collection that was broken over several lines stands in one, when that is no longer than this."""


_MOST_VALUES = 2000
"""What one field may take of the 10,000 values of a file."""


class Tree:
    """The values (``data``), the comments (``notes``), and the text that holds both in canonical form."""

    def __init__(self, document: Document) -> None:
        lines = Lines(document)
        self.data = copy.deepcopy(document.data)
        self.notes = collect(lines)
        self._root = nodes.parse(document.text)
        self._opened = lines.opened
        self._broken = {pointer for pointer, place in document.values.items() if place.line < place.end_line}

    def get(self, pointer: str) -> Any:
        """The value at a pointer; None when there is none."""
        value = self.data
        for key in parts(pointer):
            if isinstance(value, list):
                value = value[int(key)] if key.isdigit() and int(key) < len(value) else None
            else:
                value = value.get(key) if isinstance(value, dict) else None
        return value

    def set(self, pointer: str, value: Any, comment: str = "", *, flow: bool = False) -> None:
        """Put plain data at a pointer, with the mappings that lead there; one that is there keeps how it is written.

        ``comment`` is put behind it, unless one stands there. ``flow``: in one line, when it was not there.
        """
        if comment:
            self.notes.behind.setdefault(pointer, (0, f"# {comment}"))
        if same(self.get(pointer), value):
            return
        node, data = self._root, self.data
        *above, last = parts(pointer)
        for key in above:
            node, data = _step(node, data, key)
        old = _member(node, last)
        fresh = nodes.from_data(value, flow=old.flow_style if isinstance(old, CollectionNode) else flow)
        _put(node, last, fresh)
        if isinstance(data, list):
            data[int(last)] = copy.deepcopy(value)
        else:
            data[last] = copy.deepcopy(value)

    def remove(self, pointer: str) -> None:
        """Take a member of a mapping away, with its comments; nothing when there is none."""
        *above, last = parts(pointer)
        node, data = self._root, self.data
        for key in above:
            if key not in data:
                return
            node, data = _step(node, data, key)
        if data.pop(last, None) is not None:
            node.value = [pair for pair in node.value if pair[0].value != last]
        for some in (self.notes.before, self.notes.behind, self.notes.after):
            for noted in [each for each in some if each == pointer or each.startswith(f"{pointer}/")]:
                del some[noted]

    def note_above(self, pointer: str, comment: str) -> None:
        """A comment in a line of its own above a value, last of those that stand there."""
        self.notes.before.setdefault(pointer, []).append(f"# {comment}")

    def text(self) -> str:
        """The file. RuntimeError when it would not hold the values or the comments: a bug."""
        self._keep_comments()
        noted = {*self.notes.before, *self.notes.behind, *self.notes.after}
        opened = self._opened | {holder for pointer in noted for holder in _holders(pointer)}
        _arrange(self._root, schema())
        _open(self._root, opened)
        document = self._written()
        if long := _too_long(document, self._broken):
            _open(self._root, long)
            document = self._written()
        text = weave(document, self.notes)
        self._prove(text)
        return text

    def _written(self) -> Document:
        return read("", nodes.write(self._root).encode())[0]

    def _keep_comments(self) -> None:
        """A comment of a value that is gone goes to what held it."""
        notes = self.notes
        behind = {pointer: [text] for pointer, (_, text) in notes.behind.items()}
        for some in (behind, notes.before, notes.after):
            for pointer in [pointer for pointer in some if not self._there(pointer)]:
                holder = parent(pointer)
                while holder and not self._there(holder):
                    holder = parent(holder)
                lines = some.pop(pointer)
                (notes.before.setdefault(holder, []) if holder else notes.tail).extend(lines)
        notes.behind = {pointer: note for pointer, note in notes.behind.items() if pointer in behind}

    def _there(self, pointer: str) -> bool:
        value = self.data
        for key in parts(pointer):
            if isinstance(value, list) and key.isdigit() and int(key) < len(value):
                value = value[int(key)]
            elif isinstance(value, dict) and key in value:
                value = value[key]
            else:
                return False
        return True

    def _prove(self, text: str) -> None:
        document, found = read("", text.encode())
        if found or not same(self.data, document.data):
            raise RuntimeError("the rewritten text does not hold the same values; the file was left as it is")
        if collect(Lines(document)).texts() != self.notes.texts():
            raise RuntimeError("the rewritten text does not hold the same comments; the file was left as it is")


def can_hold(value: Any) -> bool:
    """Whether plain data can stand in a hybrid.yaml: no number, text, depth or amount that the reader refuses."""
    try:
        text = nodes.write(nodes.from_data({"spec": {"part": {"of": {"it": value}}}}))
        document, found = read("", text.encode())
    except (UnicodeError, RecursionError, ValueError):
        return False
    return not found and len(document.values) < _MOST_VALUES and same(document.data["spec"]["part"]["of"]["it"], value)


def same(one: Any, other: Any) -> bool:
    """Whether plain data is equal, and of one type (1, 1.0 and true are not the same); keys in any order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def rank(node: Schema | None) -> Any:
    """The place of a key in the schema, behind all others when it has none; a sort keeps the order of those."""
    known = {name: place for place, name in enumerate(follow(node).get("properties", ()) if node else ())}
    return lambda key: known.get(key, len(known))


def _step(node: Node, data: Any, key: str) -> tuple[Node, Any]:
    """One level down; a mapping is made where there is none."""
    below = _member(node, key)
    if below is None or not isinstance(below, CollectionNode):
        below = MappingNode("tag:yaml.org,2002:map", [], flow_style=False)
        _put(node, key, below)
        data[key] = {}
    elif not below.value:
        below.flow_style = False
    return below, data[int(key)] if isinstance(data, list) else data[key]


def _member(node: Node, key: str) -> Node | None:
    if isinstance(node, SequenceNode):
        item: Node = node.value[int(key)]
        return item
    return next((value for name, value in node.value if name.value == key), None)


def _put(node: Node, key: str, value: Node) -> None:
    if isinstance(node, SequenceNode):
        node.value[int(key)] = value
        return
    for index, (name, _) in enumerate(node.value):
        if name.value == key:
            node.value[index] = (name, value)
            return
    node.value.append((nodes.from_data(key), value))


def _holders(pointer: str) -> list[str]:
    found = []
    while pointer:
        pointer = parent(pointer)
        found.append(pointer)
    return found


def _arrange(node: Node, known: Schema | None) -> None:
    """Put the keys below a node in the order of the schema."""
    if isinstance(node, MappingNode):
        place = rank(known)
        node.value.sort(key=lambda pair: place(pair[0].value))
        for key, value in node.value:
            _arrange(value, child(known, key.value) if known else None)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            _arrange(item, child(known, "0") if known else None)


def _open(node: Node, pointers: set[str], pointer: str = "") -> None:
    """Write these collections as blocks; one that is empty keeps its brackets."""
    if not isinstance(node, CollectionNode):
        return
    if pointer in pointers and node.value:
        node.flow_style = False
    for index, item in enumerate(node.value):
        key, value = item if isinstance(item, tuple) else (None, item)
        _open(value, pointers, join(pointer, key.value if key else index))


def _too_long(document: Document, pointers: set[str]) -> set[str]:
    """Those of the collections in brackets that do not fit in a line, once all that hold them are blocks."""
    lines = Lines(document)
    found = set()
    for pointer in pointers:
        if pointer in document.values and lines.is_flow(pointer):
            key = document.keys.get(pointer)
            before = 2 * len(parts(pointer)) + (key.end_column - key.column if key else 0)
            if before + lines.length(pointer) > WIDTH:
                found.add(pointer)
    return found
