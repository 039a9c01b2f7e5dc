"""A document against the schema: every violation at once, each where it stands, none twice."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from hybridc.diagnostics.model import ERROR, Diagnostic, Place
from hybridc.schema import load, messages
from hybridc.schema.messages import Violation
from hybridc.source.document import Document, join, parent


@cache
def _validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(load.schema())


def validate(document: Document) -> list[Diagnostic]:
    """The violations as findings. The places of bad values are added to ``document.broken``."""
    empty = list(_empty_values(document))
    bad = document.broken | {violation.pointer for violation in empty}
    violations = [v for v in _violations(document) if not _within(v.pointer, bad)]
    violations += [v for v in _whole_floats(document) if not _within(v.pointer, bad)]
    found = [_finding(document, v) for v in (*empty, *_without_echoes(document, violations))]
    document.broken |= {v.pointer for v in (*empty, *violations)}
    return found


def _within(pointer: str, bad: set[str]) -> bool:
    """Whether a value is, or stands in, one of the bad ones."""
    while pointer:
        if pointer in bad:
            return True
        pointer = parent(pointer)
    return "" in bad


def _empty_values(document: Document) -> Iterator[Violation]:
    for pointer in document.values:
        if pointer in document.broken or pointer.endswith(" (again)"):
            continue
        try:
            value = document.get(pointer)
        except (KeyError, IndexError, ValueError, TypeError):
            continue  # below a key that stands twice: the first one counts
        if value is None or value == "":
            yield messages.empty(pointer, value)


def _violations(document: Document) -> Iterator[Violation]:
    for error in _validator().iter_errors(document.data):
        pointer = ""
        for part in error.instance_path:
            pointer = join(pointer, part)
        yield from messages.explain(pointer, document.get(pointer), list(error.schema_path), error.kind)


def _whole_floats(document: Document) -> Iterator[Violation]:
    """5.0 is an integer to JSON Schema, and an error to whoever reads the JSON that hybridc writes."""
    for pointer in document.values:
        try:
            value = document.get(pointer)
        except (KeyError, IndexError, ValueError, TypeError):
            continue
        if isinstance(value, float) and value.is_integer():
            node = load.at(pointer)
            if node and node.get("type") == "integer":
                yield messages.wrong_type(pointer, value, ["integer"], node)


def _without_echoes(document: Document, violations: list[Violation]) -> Iterator[Violation]:
    """Leave out what only follows from another violation.

    A misspelled key is one mistake, not also a missing key; the conditions of an object (if/then) are not
    looked at while the keys that they depend on are wrong.
    """
    misspelled = {join(parent(v.pointer), v.suggestion) for v in violations if v.code == "SPEC001" and v.suggestion}
    wrong = {v.pointer for v in violations if not v.conditional}
    seen: set[tuple[str, str, str]] = set()
    for violation in violations:
        missing = violation.missing is not None and join(violation.pointer, violation.missing) in misspelled
        shadowed = violation.conditional and any(_within(w, {violation.pointer}) for w in wrong | misspelled)
        key = (violation.pointer, violation.code, violation.message)
        if not missing and not shadowed and key not in seen:
            seen.add(key)
            yield violation
    for pointer in misspelled:
        document.broken.add(pointer)


def _finding(document: Document, violation: Violation) -> Diagnostic:
    place = document.key_place(violation.pointer) if violation.at_key else document.place(violation.pointer)
    if violation.missing is not None:
        place = _missing_place(document, violation.pointer)
        document.broken.add(join(violation.pointer, violation.missing))
    return Diagnostic(violation.code, ERROR, document.path, place, violation.message, violation.help, violation.pointer)


def _missing_place(document: Document, pointer: str) -> Place:
    """A missing key is shown at the key of the object that lacks it."""
    return document.key_place(pointer) if pointer else document.place("")
