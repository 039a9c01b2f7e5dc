"""One sentence and one way out for each kind of schema violation.

The schema says what is expected in its own words: ``x-expected`` (a noun phrase), ``x-help``, ``x-message``
(conditions) and ``x-code`` (the rule that a format belongs to) stand beside the keyword that fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from hybridc.schema import load
from hybridc.schema.suggest import nearest
from hybridc.source.document import join


class Violation(NamedTuple):
    """A violation: ``pointer`` of the value (or of the object that lacks ``missing``), and what to say."""

    code: str
    pointer: str
    message: str
    help: str
    at_key: bool = False
    missing: str | None = None
    suggestion: str | None = None
    conditional: bool = False


PLACEHOLDER = re.compile(r"<[^<>]*>|\{\{|\*{3,}|(?i:(?:^|[-_.:/])x{3,}(?:$|[-_.:/]))|\bAZoneID\b|\bVswitchId\b")
"""What a page or a template leaves for a person to replace; rule ID004."""

TYPES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


def field(pointer: str) -> str:
    """How a person writes the place: /spec/nodePools/0/name → spec.nodePools[0].name."""
    shown = ""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        shown += f"[{part}]" if part.isdigit() else f".{part}" if shown else part
    return shown or "the document"


def show(value: Any) -> str:
    """A value as it is quoted in a message, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + '…"'


def empty(pointer: str, value: Any) -> Violation:
    """``null`` or an empty string stands there."""
    what = "null" if value is None else 'an empty string ("")'
    return Violation("SPEC008", pointer, f"{field(pointer)} is {what}", "set a value, or remove the key")


def wrong_type(pointer: str, value: Any, types: list[str], node: load.Node) -> Violation:
    """The value has another type than the schema wants."""
    want = node.get("x-expected") or " or ".join(TYPES.get(t, t) for t in types)
    got = show(value)
    if isinstance(value, (int, float)) and "string" in types:
        text = f"quote it: '{str(value).lower()}'" if not isinstance(value, float) else "put it in quotes"
        return Violation("SPEC003", pointer, f"{field(pointer)}: expected {want}, got {got}", text)
    if isinstance(value, str) and "integer" in types and value.lstrip("-").isdigit():
        return Violation("SPEC003", pointer, f"{field(pointer)}: expected {want}, got {got}", "remove the quotes")
    return Violation("SPEC003", pointer, f"{field(pointer)}: expected {want}, got {got}", _help(node, want))


def _help(node: load.Node, want: str) -> str:
    if "x-help" in node:
        return str(node["x-help"])
    examples = node.get("examples")
    return f"for example: {_example(examples[0])}" if examples else f"write {want}"


def _example(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def explain(pointer: str, value: Any, path: list[str | int], kind: Any) -> Iterator[Violation]:
    """What a validator reported about ``value`` (``kind`` as jsonschema-rs names it) as violations."""
    node = load.at_schema_path(path)
    here = load.at(pointer) or node
    name = kind.name
    if name == "additionalProperties":
        yield from _unknown_keys(pointer, kind.unexpected, node)
    elif name == "required":
        yield _required(pointer, kind.property, node, here)
    elif name == "propertyNames":
        inner = load.follow(node["propertyNames"])
        yield from _bad_keys(pointer, value, inner)
    else:
        yield _value(pointer, value, kind, {**here, **node} if "x-message" not in node else node, path)


def _unknown_keys(pointer: str, keys: list[str], node: load.Node) -> Iterator[Violation]:
    known = node.get("properties", {})
    for key in keys:
        meant = nearest(key, known)
        hint = f'did you mean "{meant}"?' if meant else f"known here: {', '.join(known)}"
        message = f'{field(pointer)} has no field "{key}"' if pointer else f'unknown field "{key}"'
        yield Violation("SPEC001", join(pointer, key), message, hint, at_key=True, suggestion=meant)


def _required(pointer: str, name: str, node: load.Node, here: load.Node) -> Violation:
    wanted = load.child(here, name) or {}
    message = node.get("x-message") or f"{field(join(pointer, name))} is missing"
    help_ = node.get("x-help") or wanted.get("x-help") or _missing_help(name, wanted)
    code = node.get("x-code", "SPEC002")
    return Violation(code, pointer, message, help_, missing=name, conditional="x-message" in node)


def _missing_help(name: str, wanted: load.Node) -> str:
    examples = wanted.get("examples")
    if examples and isinstance(examples[0], (str, int, bool)):
        return f"add it, for example: {name}: {_example(examples[0])}"
    return f"add it: {wanted.get('description', name)}"


def _bad_keys(pointer: str, value: Any, inner: load.Node) -> Iterator[Violation]:
    """The keys of a mapping that have no allowed form (the validator does not say which)."""
    want = inner.get("x-expected", "a valid key")
    pattern, limit = re.compile(inner.get("pattern", "")), inner.get("maxLength", 10**6)
    for key in value:
        if not pattern.search(key) or len(key) > limit or key.endswith("\n"):
            message = f'{field(pointer)}: the key "{key}" is not {want}'
            code = inner.get("x-code", "SPEC005")
            yield Violation(code, join(pointer, key), message, _help(inner, want), at_key=True)


def _value(pointer: str, value: Any, kind: Any, node: load.Node, path: list[str | int]) -> Violation:
    name, code = kind.name, node.get("x-code")
    if name == "type":
        return wrong_type(pointer, value, list(kind.types), node)
    if "x-message" in node:
        conditional = any(part in ("then", "else") for part in path)
        help_ = node.get("x-help", "remove it")
        return Violation(
            code or "SPEC009", pointer, node["x-message"], help_, at_key=name == "not", conditional=conditional
        )
    if name in ("enum", "const"):
        return _choice(pointer, value, list(kind.options) if name == "enum" else [kind.expected_value], node)
    if name in ("minItems", "maxItems", "minProperties", "maxProperties", "uniqueItems"):
        limit = None if name == "uniqueItems" else kind.limit
        return Violation(code or "SPEC007", pointer, _count(pointer, name, value, limit), _help(node, "a list"))
    if name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        return _range(pointer, value, node)
    if name in ("pattern", "minLength", "maxLength"):
        return _format(pointer, value, node)
    return Violation(code or "SPEC005", pointer, f"{field(pointer)} is not valid here", _help(node, "another value"))


def _choice(pointer: str, value: Any, options: list[Any], node: load.Node) -> Violation:
    meant = nearest(value, options) if isinstance(value, str) else None
    code = node.get("x-code") or ("SPEC010" if pointer in ("/apiVersion", "/kind") else "SPEC004")
    choices = ", ".join(str(option) for option in options)
    message = f"{field(pointer)}: {show(value)} is not one of {choices}"
    if len(options) == 1:
        message = f"{field(pointer)}: expected {choices}, got {show(value)}"
    hint = f'did you mean "{meant}"?' if meant else node.get("x-help") or f"use {choices}"
    return Violation(code, pointer, message, hint, suggestion=meant)


def _count(pointer: str, name: str, value: Any, limit: int | None) -> str:
    if limit is None:
        return f"{field(pointer)} names something twice"
    bound = "at least" if name.startswith("min") else "at most"
    return f"{field(pointer)} has {len(value)} entries, {bound} {limit} are allowed"


def _range(pointer: str, value: Any, node: load.Node) -> Violation:
    low, high, unit = node.get("minimum"), node.get("maximum"), node.get("x-unit")
    bounds = f"at least {low}" if high is None else f"at most {high}" if low is None else f"{low} to {high}"
    message = f"{field(pointer)}: {show(value)} is outside of {bounds}" + (f" {unit}" if unit else "")
    return Violation(node.get("x-code", "SPEC006"), pointer, message, _help(node, f"a number: {bounds}"))


def _format(pointer: str, value: str, node: load.Node) -> Violation:
    limit = node.get("maxLength")
    if PLACEHOLDER.search(value):
        message = f'{field(pointer)}: unreplaced placeholder "{value}"'
        return Violation("ID004", pointer, message, f"replace it with {node.get('x-expected', 'the real value')}")
    want = node.get("x-expected") or "in the form that is expected"
    message = f"{field(pointer)}: {show(value)} is not {want}"
    if limit is not None and len(value) > limit:
        message = f"{field(pointer)} has {len(value)} characters, at most {limit} are allowed"
    return Violation(node.get("x-code", "SPEC005"), pointer, message, _help(node, want))
