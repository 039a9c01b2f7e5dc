"""Projections: of an object as the API server gives it, what decides; of the wrong form, nothing.

A shape is data: a type is a leaf of that type; a mapping lists the keys that are kept; a list of one shape is a list of
such items; a function makes of a value what is kept, None for nothing. So whoever reads a projected object can rely on
the form of what is there, and no value that nobody asked for gets any further.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from sys import intern
from typing import Any

from hybridc.live.texts import mapping
from hybridc.source.secrets import ACCESS_KEY, MASK, find, is_secret_of_an_id, is_telling, redact, without_kinds

Data = dict[str, Any]
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_LONGEST = 4096
_LOCAL_IP = re.compile(r"(?:^|\s)--?localip(?:=|\s+)[\"']?([0-9a-fA-F.:,]{2,200})")
_PROGRAM = re.compile(r"[A-Za-z0-9_.-]{1,63}")
_SENTENCE = 300
_WORDS = {str: "text", int: "a number", bool: "true or false", dict: "a mapping"}


class Misshapen(Exception):
    """An object that has not the form of its kind; the text says which field, and what it must be."""


def project(value: Any, shape: Any, place: str = "") -> Any:
    """The part of ``value`` that ``shape`` keeps; ``null`` is left out. Raises :class:`Misshapen`."""
    if isinstance(shape, dict):
        _expect(value, dict, "a mapping", place)
        found = {}
        for key, inner in shape.items():
            given = value.get(key)
            kept = None if given is None else project(given, inner, f"{place}.{key}".lstrip("."))
            if kept is not None:
                found[key] = kept
        return found
    if isinstance(shape, list):
        _expect(value, list, "a list", place)
        return [project(item, shape[0], f"{place}[{index}]") for index, item in enumerate(value)]
    if isinstance(shape, type):
        _expect(value, shape, _WORDS[shape], place)
        return intern(without_kinds(value)) if shape is str else value
    return shape(value, place)


def _expect(value: Any, kind: type, words: str, place: str) -> None:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Misshapen(f"{place or 'the object'} must be {words}")


def texts(value: Any, place: str) -> dict[str, str]:
    """Text by name: labels, a nodeSelector."""
    # The same labels stand on thousands of Nodes: each text is kept once.
    return {intern(without_kinds(key)): intern(without_kinds(item)) for key, item in _texts(value, place)}


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Names and texts as they are: of whoever takes them, nothing may get any further before it is masked."""
    _expect(value, dict, "a mapping", place)
    for key, item in value.items():
        _expect(item, str, _WORDS[str], f"{place}.{key}")
        yield key, item


def of_texts(*prefixes: str) -> Callable[[Any, str], dict[str, str]]:
    """Text by name, of the names that start with one of ``prefixes``: annotations."""

    def keep(value: Any, place: str) -> dict[str, str]:
        named = ((key, item) for key, item in _texts(value, place) if key.startswith(prefixes))
        return {without_kinds(key): _annotation(key, item) for key, item in named}

    return keep


def _annotation(key: str, value: str) -> str:
    """Of a last-applied object the names of its data: its values are the object's own, or a secret that once was."""
    if key != LAST_APPLIED:
        return redact(value[:_LONGEST])
    try:
        data = json.loads(value).get("data")
    except (ValueError, AttributeError, RecursionError):
        return MASK
    return json.dumps(
        {"data": dict.fromkeys(map(without_kinds, data), MASK)} if isinstance(data, dict) else {}, sort_keys=True
    )


def environment(*names: str) -> Callable[[Any, str], list[Data]]:
    """Of a container's ``env`` the literals of these names: others may be secrets."""

    def keep(value: Any, place: str) -> list[Data]:
        found = project(value, [{"name": str}], place)
        picked = [item for item, each in zip(value, found, strict=True) if each.get("name") in names]
        kept = [project(item, {"name": str, "value": str}, place) for item in picked]
        return [{key: redact(text) for key, text in item.items()} for item in kept]

    return keep


def flags(*names: str) -> Callable[[Any, str], list[str]]:
    """Of a container's command or arguments the settings of these flags, as ``--name=value``; others may be secrets."""
    pattern = re.compile(rf"(?:^|\s)--({'|'.join(map(re.escape, names))})(?:=|\s+)[\"']?([A-Za-z0-9_.-]{{1,63}})")

    def keep(value: Any, place: str) -> list[str]:
        text = " ".join(project(value, [str], place))
        return [f"--{name}={setting}" for name, setting in pattern.findall(text)]

    return keep


def programs(*parts: str) -> Callable[[Any, str], list[str]]:
    """Of a container's command or arguments the programs whose name holds one of ``parts``, without their folder."""

    def keep(value: Any, place: str) -> list[str]:
        words = " ".join(project(value, [str], place)).split()
        names = (word.rpartition("/")[2] for word in words if not word.startswith("-") and "=" not in word)
        return [name for name in names if _PROGRAM.fullmatch(name) and any(part in name for part in parts)]

    return keep


def local_ip(value: Any, place: str) -> list[str]:
    """Of a container's command or arguments the addresses of ``-localip``, as ``--localip=a,b``."""
    text = " ".join(project(value, [str], place))
    return [f"--localip={found}" for found in _LOCAL_IP.findall(text)]


def owners(value: Any, place: str) -> list[Data]:
    """managedFields: who wrote the object, how and when; of the fields whether last-applied and data are among them.

    And ``f:spec``, where the entry owns more of the spec than the affinity of its pods.
    """
    shape = [{"manager": str, "operation": str, "time": str, "fieldsV1": _applied}]
    found: list[Data] = project(value, shape, place)
    return found


def _applied(value: Any, place: str) -> Data | None:
    _expect(value, dict, "a mapping", place)
    inside: Any = value
    for key in ("f:metadata", "f:annotations", f"f:{LAST_APPLIED}"):
        inside = inside.get(key) if isinstance(inside, dict) else None
    applied: Data = {} if inside is None else {"f:metadata": {"f:annotations": {f"f:{LAST_APPLIED}": {}}}}
    data: Data = {"f:data": {}} if "f:data" in value else {}
    spec: Data = {"f:spec": {}} if _beyond_affinity(value) else {}
    return {**applied, **data, **spec} or None


def _beyond_affinity(fields: Data) -> bool:
    """Whether the entry owns a field of the spec that is not the affinity of the pods."""
    inside: Any = fields.get("f:spec")
    for key in ("f:template", "f:spec", "f:affinity"):
        if not isinstance(inside, dict) or inside.keys() != {key}:
            return inside is not None
        inside = inside[key]
    return False


def managed(*kinds: str, **inside: str) -> Callable[[Any, str], list[Data]]:
    """What an Application of Argo CD manages, of these kinds; of ``inside`` what lies in one namespace.

    An Application may manage thousands of objects.
    """
    shape = [{"kind": str, "namespace": str, "name": str}]

    def keep(value: Any, place: str) -> list[Data]:
        found: list[Data] = project(value, shape, place)
        return [
            each
            for each in found
            if (kind := each.get("kind", "")) in kinds or (kind in inside and each.get("namespace") == inside[kind])
        ]

    return keep


def sentence(value: Any, place: str) -> str:
    """What a controller says of itself in a status: its start, without what looks like a secret."""
    _expect(value, str, "text", place)
    return without_kinds(value)[:_SENTENCE]


def masked_data(value: Any, place: str) -> dict[str, str]:
    """The data of a Secret: the names of the keys that have a value."""
    _expect(value, dict, "a mapping", place)
    return {without_kinds(str(key)): MASK for key in sorted(value) if value[key]}


def public_data(value: Any, place: str) -> dict[str, str]:
    """The data of a ConfigMap; what looks like a secret, or stands under a key that is named like one, is masked."""
    return {without_kinds(key): _without_secrets(key, item) for key, item in _texts(value, place)}


def _without_secrets(key: str, value: str) -> str:
    if value and is_telling(key):
        return MASK
    kinds = {kind for kind, _, _ in find(value)}
    try:
        data = json.loads(value) if value.lstrip().startswith(("{", "[")) else None
    except (ValueError, RecursionError):
        data = None
    if data is None:
        redacted = redact(value)
        # A mapping keeps its other keys: what follows a name such as "authorization" is masked to the end of a text.
        data = mapping(value) if redacted != value and not kinds else {}
        return json.dumps(_masked(data, False), ensure_ascii=False, default=str) if data else redacted
    masked = _masked(data, ACCESS_KEY in kinds)
    return value if masked == data else json.dumps(masked, ensure_ascii=False)


def _masked(value: Any, near: bool) -> Any:
    """``near``: an AccessKey id stands somewhere in the text, so that what has the form of its secret is one."""
    if isinstance(value, dict):
        return {
            without_kinds(str(key)): MASK if _is_secret(str(key), item) else _masked(item, near)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_masked(item, near) for item in value]
    if not isinstance(value, str):
        return value
    return MASK if near and is_secret_of_an_id(value) else redact(value)


def _is_secret(key: str, value: Any) -> bool:
    return bool(value) and not isinstance(value, bool) and is_telling(key)
