"""A document against the schema: every violation at once, each where it stands, none twice."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from hybridc.diagnostic import ERROR, Diagnostic, Place
from hybridc.schema import load, messages
from hybridc.schema.messages import Violation
from hybridc.source.document import Document, join, parent
from hybridc.source.slips import in_value
from hybridc.words import parts, phrase


@cache
def _validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(load.schema())


def validate(document: Document) -> list[Diagnostic]:
    """The violations as findings. The places of bad values are added to ``document.broken``."""
    violations = list(_violations(document))
    unknown = {v.pointer for v in violations if v.code == "SPEC001"}
    empty = [v for v in _empty_values(document) if not _within(v.pointer, unknown)]
    bad = document.broken | {v.pointer for v in empty}
    violations = [v for v in violations if not _within(v.pointer, bad)]
    violations += [v for v in _whole_floats(document) if not _within(v.pointer, bad)]
    violations = _of_another_kind(document, violations) or violations
    found = [_finding(document, v) for v in (*empty, *_without_echoes(document, violations, bad))]
    document.broken |= {v.pointer for v in (*empty, *violations) if v.missing is None}
    return found


def _of_another_kind(document: Document, violations: list[Violation]) -> list[Violation]:
    """When both apiVersion and kind are something else, this is no spec at all, and only that is worth saying."""
    header = [v for v in violations if v.code == "SPEC010"]
    if len(header) < 2:
        return []
    document.broken.add("")
    return header


def _within(pointer: str, bad: set[str]) -> bool:
    """Whether a value is, or stands in, one of the bad ones."""
    while pointer:
        if pointer in bad:
            return True
        pointer = parent(pointer)
    return "" in bad


def _empty_values(document: Document) -> Iterator[Violation]:
    for pointer in document.values:
        if pointer in document.broken:
            continue
        value = document.get(pointer)
        if value is None or value == "":
            yield messages.empty(pointer, value)


def _violations(document: Document) -> Iterator[Violation]:
    named: set[str] = set()
    for error in _validator().iter_errors(document.data):
        pointer = _pointer(document, error)
        if error.kind.name == "propertyNames":
            if pointer in named:
                continue  # there is an error for each bad key of a mapping, and the first is explained as all of them
            named.add(pointer)
        where = list(error.schema_path)
        yield from messages.explain(pointer, document.get(pointer), where, error.kind, document.source(pointer))


def _pointer(document: Document, error: Any) -> str:
    """Where the value of an error stands: jsonschema_rs 0.60 leaves an empty key out of its path."""
    path, pointer = list(error.instance_path), ""
    for part in path:
        pointer = join(pointer, part)
    # A bad name is an error of its mapping, whose path is right.
    if error.kind.name == "propertyNames" or _has(document, pointer, error.instance):
        return pointer
    found = (at for at in _places("", document.data, path) if _has(document, at, error.instance))
    return next(found, pointer)


def _has(document: Document, pointer: str, value: object) -> bool:
    try:
        return bool(document.get(pointer) == value)
    except (KeyError, IndexError, TypeError, ValueError):
        return False


def _places(pointer: str, value: object, path: list[str | int]) -> Iterator[str]:
    """Where a path may lead with empty keys anywhere in it."""
    if not path:
        yield pointer
    if isinstance(value, dict) and "" in value:
        yield from _places(join(pointer, ""), value[""], path)
    if path and isinstance(value, (dict, list)):
        try:
            inner = value[path[0]]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return
        yield from _places(join(pointer, path[0]), inner, path[1:])


def _whole_floats(document: Document) -> Iterator[Violation]:
    """5.0 is an integer to JSON Schema, and an error to whoever reads the JSON that hybridc writes."""
    for pointer in document.values:
        value = document.get(pointer)
        if isinstance(value, float) and value.is_integer():
            node = load.at(pointer)
            if node and node.get("type") == "integer":
                yield messages.wrong_type(pointer, value, ["integer"], node, document.source(pointer))


def _without_echoes(document: Document, violations: list[Violation], bad: set[str]) -> Iterator[Violation]:
    """Leave out what only follows from another violation.

    A misspelled or misplaced key is one mistake, not also a missing key; a condition (if/then) says nothing while a
    value that it looks at is wrong.
    """
    misspelled = {v.meant for v in violations if v.meant is not None}
    wrong = bad | misspelled | {_place_of(v) for v in violations if not v.depends}
    above = {holder for pointer in misspelled for holder in _holders(pointer)}
    holders = {holder for pointer in wrong for holder in _holders(pointer)}
    seen: set[tuple[str, str, str]] = set()
    for violation in violations:
        place = _place_of(violation)
        echo = violation.missing is not None and (place in misspelled or place in above)
        unknown = any(d in holders or _within(d, wrong) for d in violation.depends)
        key = (violation.pointer, violation.code, violation.message)
        if not echo and not unknown and key not in seen:
            seen.add(key)
            yield violation
    for pointer in misspelled:
        document.broken.add(pointer)


def _holders(pointer: str) -> Iterator[str]:
    """The pointers of all that a value stands in."""
    while pointer:
        pointer = parent(pointer)
        yield pointer


def _place_of(violation: Violation) -> str:
    return violation.pointer if violation.missing is None else join(violation.pointer, violation.missing)


def _finding(document: Document, violation: Violation) -> Diagnostic:
    place = document.key_place(violation.pointer) if violation.at_key else document.place(violation.pointer)
    if violation.missing is not None:
        place = _missing_place(document, violation.pointer)
        document.broken.add(join(violation.pointer, violation.missing))
    message, help_ = phrase(violation.message), phrase(_slip(document, violation) or violation.help)
    return Diagnostic(violation.code, ERROR, document.path, place, message, help_, violation.pointer)


def _slip(document: Document, violation: Violation) -> str | None:
    """What to do where the value, or the key, holds a slip of the keyboard."""
    if violation.missing is not None or not violation.pointer or "characters, at most" in violation.message:
        return None
    text = parts(violation.pointer)[-1] if violation.code == "SPEC001" else document.get(violation.pointer)
    if not isinstance(text, str) or violation.code == "ID004":
        return None
    wanted = (load.at(violation.pointer) or {}).get("type")
    return in_value(text, tight=violation.code == "SPEC001" or wanted == "object")


def _missing_place(document: Document, pointer: str) -> Place:
    """A missing key is shown at the key of the object that lacks it."""
    return document.key_place(pointer) if pointer else document.place("")
