"""Walk a document and take values out of it, with their origin, their default, or a hole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hybridc.source.document import Document, join
from hybridc.spec.hole import HOLE, is_hole
from hybridc.spec.origin import Origin, trace

T = TypeVar("T")
_REQUIRED: Any = object()


class Cursor:
    """One object of the document. A key that is wrong there yields a hole, an absent one its default."""

    def __init__(self, document: Document, pointer: str, data: Any) -> None:
        self._document = document
        self.pointer = pointer
        self._data: dict[str, Any] = data if isinstance(data, dict) else {}
        self._broken = pointer in document.broken or not isinstance(data, (dict, type(None)))

    def has(self, key: str) -> bool:
        """Whether the key is written there."""
        return key in self._data

    def names(self) -> list[str]:
        """The keys that are written there."""
        return list(self._data)

    def value(self, key: str, default: Any = _REQUIRED) -> Any:
        """A scalar, traced; or plain data for a pass-through. ``default`` (if absent) gets the origin ``default``."""
        pointer = join(self.pointer, key)
        if self._broken or pointer in self._document.broken:
            return HOLE
        if key in self._data:
            return self._traced(pointer, self._data[key])
        if default is _REQUIRED:
            return HOLE
        return trace(default, Origin("default", pointer))

    def texts(self, key: str, default: Any = ()) -> Any:
        """A list of scalars, as a tuple."""
        if not self.has(key) and not is_hole(self.value(key, None)):
            return default
        found = self.value(key)
        return found if is_hole(found) else tuple(found)

    def map(self, key: str) -> Any:
        """A mapping of scalars, or pass-through data; ``{}`` when absent."""
        return self.value(key, None) if self.has(key) or is_hole(self.value(key, None)) else {}

    def at(self, key: str) -> Cursor:
        """The object under a key; one without keys when it is absent."""
        pointer = join(self.pointer, key)
        below = Cursor(self._document, pointer, self._data.get(key))
        below._broken = below._broken or self._broken
        return below

    def each(self, key: str, build: Callable[[Cursor], T]) -> tuple[T, ...]:
        """The objects of a list."""
        pointer = join(self.pointer, key)
        if self._broken or pointer in self._document.broken:
            return HOLE  # type: ignore[no-any-return]
        items = self._data.get(key, [])
        return tuple(self._built(join(pointer, index), item, build) for index, item in enumerate(items))

    def named(self, key: str, build: Callable[[Cursor], T]) -> dict[str, T]:
        """The objects of a mapping from names."""
        if is_hole(self.value(key, None)):
            return HOLE  # type: ignore[no-any-return]
        below = self.at(key)
        return {trace(k, Origin("spec", join(below.pointer, k))): build(below.at(k)) for k in below.names()}

    def optional(self, key: str, build: Callable[[Cursor], T]) -> T | None:
        """The object under a key, or None when it is absent."""
        if is_hole(self.value(key, None)):
            return HOLE  # type: ignore[no-any-return]
        return build(self.at(key)) if self.has(key) else None

    def _built(self, pointer: str, item: Any, build: Callable[[Cursor], T]) -> T:
        if pointer in self._document.broken:
            return HOLE  # type: ignore[no-any-return]
        return build(Cursor(self._document, pointer, item))

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
