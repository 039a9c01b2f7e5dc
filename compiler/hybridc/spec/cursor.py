"""Walk a document and take values out of it, with their origin, their default, or a hole."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from hybridc.source.document import Document, join
from hybridc.spec.hole import HOLE
from hybridc.spec.items import Items
from hybridc.spec.origin import Origin, trace

T = TypeVar("T")
_REQUIRED: Any = object()


def _is_named(item: Any, name: str) -> bool:
    return isinstance(item, dict) and name in (item.get("name"), item.get("id"))


class Cursor:
    """One object of the document. A key that is wrong there yields a hole, an absent one its default.

    ``within`` says that the object stands in something that is wrong, so that nothing in it means anything.
    """

    def __init__(self, document: Document, pointer: str, data: Any, *, within: bool = False) -> None:
        self._document = document
        self.pointer = pointer
        self._data: dict[str, Any] = data if isinstance(data, dict) else {}
        self._broken = within or pointer in document.broken or not isinstance(data, (dict, type(None)))

    def has(self, key: str) -> bool:
        """Whether the key is written there."""
        return key in self._data

    def names(self) -> list[str]:
        """The keys that are written there."""
        return list(self._data)

    def wrong(self, key: str) -> bool:
        """Whether what stands under a key is wrong, lacks and must not, or stands in something that is wrong."""
        return self._broken or join(self.pointer, key) in self._document.broken

    def value(self, key: str, default: Any = _REQUIRED) -> Any:
        """A scalar, traced; or plain data for a pass-through. ``default`` (if absent) gets the origin ``default``."""
        if self.wrong(key):
            return HOLE
        pointer = join(self.pointer, key)
        if key in self._data:
            return self._traced(pointer, self._data[key])
        if default is _REQUIRED:
            return HOLE
        return trace(default, Origin("default", pointer))

    def pointer_of(self, path: str) -> str | None:
        """Where ``nodePools.gpu`` or ``nodePools[0].size`` stands in the spec: an item by its name, id or number."""
        pointer, data = "", self._document.data
        for part in ("spec", *re.findall(r"[^.\[\]]+", path.removeprefix("spec."))):
            if isinstance(data, list):
                part = next((str(at) for at, item in enumerate(data) if _is_named(item, part)), part)
                data = dict(enumerate(data)).get(int(part)) if part.isdecimal() else None
            else:
                data = data.get(part) if isinstance(data, dict) else None
            if data is None:
                return None
            pointer = join(pointer, part)
        return pointer

    def map(self, key: str) -> Any:
        """A mapping of scalars, or pass-through data; ``{}`` when absent."""
        return self.value(key) if self.has(key) or self.wrong(key) else {}

    def at(self, key: str) -> Cursor:
        """The object under a key; one without keys when it is absent."""
        return Cursor(self._document, join(self.pointer, key), self._data.get(key), within=self._broken)

    def texts(self, key: str, default: Any = Items()) -> Any:  # noqa: B008 - it never changes
        """A list of scalars (or of plain data), without what is wrong in it."""
        return self._items(key, default, self._traced)

    def each(self, key: str, build: Callable[[Cursor], T]) -> Items[T]:
        """The objects of a list, without those that are wrong."""
        return self._items(key, Items(), lambda pointer, item: build(Cursor(self._document, pointer, item)))

    def named(self, key: str, build: Callable[[Cursor], T]) -> dict[str, T]:
        """The objects of a mapping from names; a hole for one that is wrong."""
        if self.wrong(key):
            return HOLE  # type: ignore[no-any-return]
        below = self.at(key)
        return {
            trace(name, Origin("spec", join(below.pointer, name))): HOLE if below.wrong(name) else build(below.at(name))
            for name in below.names()
        }

    def optional(self, key: str, build: Callable[[Cursor], T]) -> T | None:
        """The object under a key, or None when it is absent."""
        if self.wrong(key):
            return HOLE  # type: ignore[no-any-return]
        return build(self.at(key)) if self.has(key) else None

    def _items(self, key: str, default: Any, build: Callable[[str, Any], T]) -> Items[T]:
        if self.wrong(key):
            return Items(whole=False)
        if not self.has(key):
            return default  # type: ignore[no-any-return]
        places = [(join(join(self.pointer, key), index), item) for index, item in enumerate(self._data[key])]
        right = [(pointer, item) for pointer, item in places if pointer not in self._document.broken]
        return Items((build(pointer, item) for pointer, item in right), whole=len(right) == len(places))

    def _traced(self, pointer: str, value: Any) -> Any:
        if pointer in self._document.broken:
            return HOLE
        if isinstance(value, dict):
            return {
                trace(key, Origin("spec", join(pointer, key))): self._traced(join(pointer, key), item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._traced(join(pointer, index), item) for index, item in enumerate(value)]
        return trace(value, Origin("spec", pointer))
