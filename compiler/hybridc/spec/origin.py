"""Values that know where they came from.

A value of a :class:`~hybridc.spec.model.Spec` is a plain ``str``, ``int`` or truth value to the code that
uses it, and carries an :class:`Origin` beside: the JSON pointer in hybrid.yaml, or the reason of a default.
Lowering passes such values on untouched, so a leaf of the output still knows its spec line; a value without
an origin is a constant of hybridc. Text composed of several values keeps all of their origins (:func:`text`).
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

from hybridc.spec.hole import is_hole

T = TypeVar("T")
CONSTANTS = frozenset((str, int, float, bool, type(None)))
"""The types of values that have no origin and hold no other value."""


class Origin(NamedTuple):
    """Where a value came from: ``kind`` is ``spec`` (written there) or ``default``; ``pointer`` is its place."""

    kind: str
    pointer: str


class Text(str):
    """A string with origins."""

    origins: tuple[Origin, ...]


class Number(int):
    """An integer with origins."""

    origins: tuple[Origin, ...]


class Flag(int):
    """A truth value with origins (``bool`` cannot be subclassed)."""

    origins: tuple[Origin, ...]

    def __repr__(self) -> str:
        return "true" if self else "false"

    __str__ = __repr__


def trace(value: T, *origins: Origin) -> T:
    """Give a scalar its origins; anything that is not a string, integer or truth value is returned as it is."""
    traced: Any
    if isinstance(value, bool):
        traced = Flag(value)
    elif isinstance(value, str):
        traced = Text(value)
    elif isinstance(value, int):
        traced = Number(value)
    else:
        return value
    traced.origins = origins
    return traced  # type: ignore[no-any-return]


def origins(value: object) -> tuple[Origin, ...]:
    """The origins of a value; ``()`` for a constant."""
    return getattr(value, "origins", ())


def written(value: object) -> bool:
    """Whether hybrid.yaml gives the value: false for a default, a constant, and what is wrong there."""
    return not is_hole(value) and any(origin.kind == "spec" for origin in origins(value)[:1])


def text(template: str, *values: object) -> str:
    """``template.format(*values)`` that keeps the origins of every value."""
    found = tuple(origin for value in values for origin in origins(value))
    result = template.format(*values)
    return trace(result, *found) if found else result


def plain(value: Any) -> Any:
    """The same data without origins, as ``json`` and every YAML library expect it."""
    if type(value) in CONSTANTS:
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Flag):
        return bool(value)
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, Number):
        return int(value)
    return value
