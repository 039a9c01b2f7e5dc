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
from hybridc.source.document import join
from hybridc.words import PLACEHOLDER, TYPES, field, nearest, show


class Violation(NamedTuple):
    """A violation: ``pointer`` of the value (or of the object that lacks ``missing``), and what to say.

    ``meant`` is the pointer of the field that a misspelled or misplaced key was probably meant to be.
    ``depends`` are the values that a condition (if/then) looked at: when one of them is wrong, this says nothing.
    """

    code: str
    pointer: str
    message: str
    help: str
    at_key: bool = False
    missing: str | None = None
    meant: str | None = None
    depends: tuple[str, ...] = ()


_LONGEST_HELP = 300
_TELLING = re.compile("access.?key|secret|password|credential", re.IGNORECASE)
_ELSEWHERE = "no credential belongs into a spec: docs/secrets.md says where each one goes"
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def empty(pointer: str, value: Any) -> Violation:
    """``null`` or an empty string stands there."""
    what = "null" if value is None else 'an empty string ("")'
    return Violation("SPEC008", pointer, f"{field(pointer)} is {what}", "set a value, or remove the key")


def wrong_type(pointer: str, value: Any, types: list[str], node: load.Node, source: str) -> Violation:
    """The value has another type than the schema wants; ``source`` is the value as it stands in the file."""
    want = node.get("x-expected") or " or ".join(TYPES.get(t, t) for t in types)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    got = source if number else show(value)
    message = f"{field(pointer)}: expected {want}, got {got}"
    help_ = _other_type(value, types, node, source) or _help(node, want)
    if len(help_) > _LONGEST_HELP:
        help_ = f"hybridc explain {field(pointer)} tells more"
    return Violation("SPEC003", pointer, message, help_ if pointer else "hybridc init writes a first hybrid.yaml")


def _other_type(value: Any, types: list[str], node: load.Node, source: str) -> str | None:
    """How to write the value that was probably meant in the wanted type."""
    if isinstance(value, (bool, int, float)) and "string" in types:
        fits = re.search(node.get("pattern", ""), source)
        return f"quote it: '{source}'" if fits else None
    if "integer" in types and isinstance(value, float) and value.is_integer():
        return f"write {int(value)}"
    if "integer" in types and isinstance(value, str) and value.lstrip("-").isdigit():
        return "remove the quotes"
    if "boolean" in types and isinstance(value, str) and value.lower() in _TRUTH:
        meant = str(_TRUTH[value.lower()]).lower()
        return f"remove the quotes: {meant}" if value.lower() == meant else f"write {meant}"
    if isinstance(value, list) and not {"array", "object"} & set(types):
        return "write one value, not a list"
    if "array" in types and isinstance(value, dict):
        return 'write a list: "- " before each entry'
    if "object" in types and source and isinstance(value, str) and node.get("required"):
        first, *rest = node["required"]
        return f"write {{{', '.join([f'{first}: {source}', *(f'{name}: …' for name in rest)])}}}"
    if "array" in types and source and not isinstance(value, list):
        return f"write a list: [{source}]"
    return None


def _help(node: load.Node, want: str) -> str:
    if "x-help" in node:
        return str(node["x-help"])
    examples = node.get("examples")
    return f"for example: {_example(examples[0])}" if examples else f"write {want}"


def _example(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def explain(pointer: str, value: Any, path: list[str | int], kind: Any, source: str) -> Iterator[Violation]:
    """What a validator reported about ``value`` (``kind`` as jsonschema-rs names it) as violations."""
    depends: tuple[str, ...] = ()
    condition = load.condition(path)
    if condition:
        looked_at, levels = condition
        holder = pointer.rsplit("/", levels)[0] if levels else pointer
        depends = tuple(holder + below for below in looked_at)
    for violation in _explain(pointer, value, path, kind, source):
        yield violation._replace(depends=depends)


def _explain(pointer: str, value: Any, path: list[str | int], kind: Any, source: str) -> Iterator[Violation]:
    node = load.at_schema_path(path)
    here = load.at(pointer) or node
    if kind.name == "additionalProperties":
        yield from _unknown_keys(pointer, kind.unexpected, node)
    elif kind.name == "required":
        yield _required(pointer, kind.property, node, here)
    elif kind.name == "propertyNames":
        yield from _bad_keys(pointer, value, load.follow(here["propertyNames"]))
    else:
        yield _value(pointer, value, kind, {**here, **node} if "x-message" not in node else node, source)


def _unknown_keys(pointer: str, keys: list[str], node: load.Node) -> Iterator[Violation]:
    known = node.get("properties", {})
    for key in keys:
        tight = key.partition(":")[0] if ":" in key else ""
        near = tight if tight in known else nearest(key, known)
        home = None if near else _home(key, field(pointer))
        hint, meant = _ELSEWHERE if _TELLING.search(key) else f"known here: {', '.join(known)}", None
        if near:
            hint, meant = f'did you mean "{near}"?', join(pointer, near)
        elif home is not None:
            hint, meant = f'"{key}" belongs to {home or "the top level"}', _pointer(home, key)
        message = f'{field(pointer)} has no field "{key}"' if pointer else f'unknown field "{key}"'
        yield Violation("SPEC001", join(pointer, key), message, hint, at_key=True, meant=meant)


def _home(key: str, where: str) -> str | None:
    """The object that has this field, below ``where`` if there is one; None when several might be meant."""
    homes = load.homes(key)
    homes = [home for home in homes if home.startswith(f"{where}.")] or homes
    outer = [home for home in homes if not any(home.startswith(f"{other}.") for other in homes)]
    return outer[0] if len(outer) == 1 else None


def _pointer(home: str, key: str) -> str:
    return "".join(f"/{part}" for part in (*home.split("."), key) if part)


def _required(pointer: str, name: str, node: load.Node, here: load.Node) -> Violation:
    wanted = load.child(here, name) or {}
    message = node.get("x-message") or f"{field(join(pointer, name))} is missing"
    help_ = node.get("x-help") or wanted.get("x-help") or _missing_help(pointer, name, wanted)
    code = node.get("x-code", "SPEC002")
    return Violation(code, pointer, message, help_, missing=name)


def _missing_help(pointer: str, name: str, wanted: load.Node) -> str:
    examples = wanted.get("examples")
    if examples and isinstance(examples[0], (str, int, bool)):
        return f"add it, for example: {name}: {_example(examples[0])}"
    inside = f" with {', '.join(wanted['required'])}" if wanted.get("required") else ""
    return f"add it{inside}; hybridc explain {field(join(pointer, name))} tells more"


def _bad_keys(pointer: str, value: Any, inner: load.Node) -> Iterator[Violation]:
    """The keys of a mapping that have no allowed form (the validator does not say which)."""
    want, code = inner.get("x-expected", "a valid key"), inner.get("x-code", "SPEC005")
    pattern, limit = re.compile(inner.get("pattern", "")), inner.get("maxLength", 10**6)
    bad = [key for key in value if not pattern.search(key) or len(key) > limit or key.endswith("\n")]
    if not bad:
        yield Violation(code, pointer, f"{field(pointer)} has a key that is not {want}", _help(inner, want))
    for key in bad:
        message = f'{field(pointer)}: the key "{key}" is not {want}'
        yield Violation(code, join(pointer, key), message, _help(inner, want), at_key=True)


def _value(pointer: str, value: Any, kind: Any, node: load.Node, source: str) -> Violation:
    name, code = kind.name, node.get("x-code")
    if name == "type":
        return wrong_type(pointer, value, list(kind.types), node, source)
    if "x-message" in node:
        help_ = node.get("x-help", "remove it")
        return Violation(code or "SPEC009", pointer, node["x-message"], help_, at_key=name == "not")
    if name in ("enum", "const"):
        return _choice(pointer, value, list(kind.options) if name == "enum" else [kind.expected_value], node)
    if name == "uniqueItems":
        return _twice(pointer, value, code)
    if name in ("minItems", "maxItems", "minProperties", "maxProperties"):
        return Violation(code or "SPEC007", pointer, *_count(pointer, name, value, kind.limit, node))
    if name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        return _range(pointer, value, node)
    if name in ("pattern", "minLength", "maxLength"):
        return _format(pointer, value, node)
    return Violation(code or "SPEC005", pointer, f"{field(pointer)} is not valid here", _help(node, "another value"))


def _choice(pointer: str, value: Any, options: list[Any], node: load.Node) -> Violation:
    if isinstance(value, str) and PLACEHOLDER.fullmatch(value):
        return _placeholder(pointer, value, node)
    meant = nearest(value, options) if isinstance(value, str) else None
    code = node.get("x-code") or ("SPEC010" if pointer in ("/apiVersion", "/kind") else "SPEC004")
    choices = ", ".join(str(option) for option in options)
    message = f"{field(pointer)}: {show(value)} is not one of {choices}"
    if isinstance(value, (dict, list)):
        return Violation(
            code, pointer, f"{field(pointer)}: expected one of {choices}, got {show(value)}", "write one word"
        )
    if len(options) == 1:
        message = f"{field(pointer)}: expected {choices}, got {show(value)}"
    hint = f'did you mean "{meant}"?' if meant else node.get("x-help") or f"use {choices}"
    return Violation(code, pointer, message, hint)


def _placeholder(pointer: str, value: str, node: load.Node) -> Violation:
    message = f"{field(pointer)}: unreplaced placeholder {show(value)}"
    return Violation("ID004", pointer, message, f"replace it with {node.get('x-expected', 'the real value')}")


def _twice(pointer: str, items: list[Any], code: str | None) -> Violation:
    """The first item that stands in the list a second time, at its second place."""
    seen: dict[str, int] = {}
    texts = [json.dumps(item, sort_keys=True) for item in items]
    index = next((i for i, text in enumerate(texts) if seen.setdefault(text, i) != i), 0)
    message = f"{field(pointer)}: {show(items[index])} stands twice"
    return Violation(code or "SPEC007", join(pointer, index), message, "remove one")


def _count(pointer: str, name: str, value: Any, limit: int, node: load.Node) -> tuple[str, str]:
    """The message, and the way out."""
    if name.startswith("max"):
        message = f"{field(pointer)} has {len(value)} entries, at most {limit} are allowed"
        return message, node.get("x-help") or f"remove {len(value) - limit}"
    least = f"at least {limit} {'entry is' if limit == 1 else 'entries are'} needed"
    message = f"{field(pointer)} is empty, {least}" if not value else f"{field(pointer)}: {least}, not {len(value)}"
    examples = node.get("examples")
    return message, f"for example: {_example(examples[0])}" if examples else f"write {node.get('x-expected', 'one')}"


def _range(pointer: str, value: Any, node: load.Node) -> Violation:
    low, high, unit = node.get("minimum"), node.get("maximum"), node.get("x-unit")
    bounds = f"at least {low}" if high is None else f"at most {high}" if low is None else f"{low} to {high}"
    message = f"{field(pointer)}: {show(value)} is outside of {bounds}" + (f" {unit}" if unit else "")
    return Violation(node.get("x-code", "SPEC006"), pointer, message, _help(node, f"a number: {bounds}"))


def _format(pointer: str, value: str, node: load.Node) -> Violation:
    limit = node.get("maxLength")
    if PLACEHOLDER.search(value):
        return _placeholder(pointer, value, node)
    want = node.get("x-expected") or "in the form that is expected"
    message = f"{field(pointer)}: {show(value)} is not {want}"
    if limit is not None and len(value) > limit:
        message = f"{field(pointer)} has {len(value)} characters, at most {limit} are allowed"
    return Violation(node.get("x-code", "SPEC005"), pointer, message, _help(node, want))
