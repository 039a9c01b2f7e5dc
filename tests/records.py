"""Records, be they data classes or named tuples: a changed copy, and the names of the fields."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

Record = TypeVar("Record")


def replace(record: Record, **changes: Any) -> Record:
    """The same record with some fields changed, as copy.replace of Python 3.13 makes it."""
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return dataclasses.replace(record, **changes)
    changed: Record = record._replace(**changes)  # type: ignore[attr-defined]
    return changed


def field_names(value: object) -> tuple[str, ...]:
    """The fields of a record; () when it is none."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return tuple(field.name for field in dataclasses.fields(value))
    return getattr(type(value), "_fields", ())
