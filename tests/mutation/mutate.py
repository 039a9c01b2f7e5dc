"""Every way in which one value of a spec can be wrong: plain data in, changed copies out."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hybridc.schema import load


class Mutation(NamedTuple):
    """One change: its ``kind``, where (JSON pointer), what stands there instead, and the changed spec."""

    kind: str
    pointer: str
    shown: str
    data: Any


Change = Callable[[str], str]


def mutations(data: Any) -> Iterator[Mutation]:
    """All changes of ``data``, each of one place."""
    for path in _paths(data):
        yield from _of_key(data, path)
        value = _get(data, path)
        if not isinstance(value, (dict, list)):
            for kind, wrong in _wrong(value, path):
                yield _set(data, path, kind, wrong)


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _paths(inner, (*path, key))


def _get(data: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


def _pointer(path: tuple[str | int, ...]) -> str:
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in path)


def _set(data: Any, path: tuple[str | int, ...], kind: str, value: Any) -> Mutation:
    changed = copy.deepcopy(data)
    _get(changed, path[:-1])[path[-1]] = value
    return Mutation(kind, _pointer(path), repr(value), changed)


def _of_key(data: Any, path: tuple[str | int, ...]) -> Iterator[Mutation]:
    """The key (or the item) is gone; the key is misspelt."""
    changed = copy.deepcopy(data)
    del _get(changed, path[:-1])[path[-1]]
    yield Mutation("deleted key" if isinstance(path[-1], str) else "deleted item", _pointer(path), "-", changed)
    if isinstance(path[-1], str):
        holder = _get(copy.deepcopy(data), path[:-1])
        wrong = typo(path[-1])
        renamed = {wrong if key == path[-1] else key: value for key, value in holder.items()}
        if len(path) == 1:
            yield Mutation("misspelt key", _pointer(path), wrong, renamed)
        else:
            yield _set(data, path[:-1], "misspelt key", renamed)._replace(pointer=_pointer(path), shown=wrong)


def typo(word: str) -> str:
    """Two neighbouring letters change places; a letter is doubled where that changes nothing."""
    middle = max(1, len(word) // 2)
    swapped = word[: middle - 1] + word[middle : middle + 1] + word[middle - 1] + word[middle + 1 :]
    return swapped if swapped != word else word[:middle] + word[middle - 1 :]


def _wrong(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str, Any]]:
    yield "null", None
    yield "empty", ""
    yield "wrong type", ["x"]
    if isinstance(value, bool):
        yield "flipped", not value
        yield "wrong type", "perhaps"
    elif isinstance(value, int):
        yield from (
            ("negative number", -value - 1),
            ("huge number", value * 1000 + 1_000_000),
            ("other number", value + 1),
        )
        yield "wrong type", "many"
    elif isinstance(value, str):
        yield "wrong type", 17
        yield "wrong type", True
        yield from _wrong_enum(value, path)
        yield from _wrong_text(value)


def _wrong_enum(value: str, path: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    allowed = (load.at(_pointer(path)) or {}).get("enum", [])
    for other in allowed:
        if other != value:
            yield "other enum value", other
    if allowed:
        yield "typo in an enum", typo(value)


def _last(text: str) -> str:
    """Another last letter or digit of the same kind."""
    return text[:-1] + ("2" if text[-1] == "1" else "1" if text[-1].isdigit() else "b" if text[-1] == "a" else "a")


def _octet(text: str) -> str:
    first, second, rest = text.split(".", 2)
    return f"{first}.{(int(second) + 1) % 256}.{rest}"


def _shift(part: int, by: int) -> Change:
    def change(text: str) -> str:
        numbers = text.split(".")
        if part < len(numbers):
            digits = re.match(r"\d+", numbers[part])
            if digits:
                numbers[part] = f"{max(0, int(digits[0]) + by)}{numbers[part][digits.end() :]}"
        return ".".join(numbers)

    return change


_CIDR = r"\d+\.\d+\.\d+\.\d+/\d+"
_FORMS: tuple[tuple[str, str, Change], ...] = (
    (_CIDR, "other CIDR", _octet),
    (_CIDR, "longer prefix", lambda text: re.sub(r"\d+$", lambda m: str(int(m[0]) + 1), text)),
    (_CIDR, "shorter prefix, not masked", lambda text: re.sub(r"\d+$", lambda m: str(int(m[0]) - 1), text)),
    (_CIDR, "CIDR without prefix", lambda text: text.partition("/")[0]),
    (r"\d+\.\d+\.\d+\.\d+", "other address", _octet),
    (r"[a-z]{2}-[a-z]+(-\d)?-[a-z]", "other zone", _last),
    (r"[a-z]{2}-[a-z]+(-\d)?", "other region", lambda text: "cn-beijing" if text != "cn-beijing" else "cn-chengdu"),
    (r"v?\d+\.\d+(\.\d+)?", "later version", _shift(1, 3)),
    (r"v?\d+\.\d+(\.\d+)?", "earlier version", _shift(1, -9)),
    (r"v?\d+\.\d+\.\d+", "other patch", _shift(2, 1)),
    (r"(vsw|sg|vpc|rg|m)-[a-z0-9]+|c[a-z0-9]{32}|\d{16}", "other id", _last),
    (r"(vsw|sg|vpc|rg|m)-[a-z0-9]+|c[a-z0-9]{32}|\d{16}", "id cut short", lambda text: text[:-1]),
    (r".*:\d+", "other port", lambda text: re.sub(r"\d+$", "1", text)),
    (r".*:\d+", "no port", lambda text: re.sub(r":\d+$", "", text)),
    (r"https://.*", "http for https", lambda text: text.replace("https:", "http:")),
    (r"https://.*", "other host", lambda text: text.replace("://", "://x.")),
    (r"\d+[smh]", "other unit", lambda text: text[:-1] + "x"),
    (r"\d+[smh]", "nothing of it", lambda text: "0" + text[-1]),
    (r"[^/]*\.aliyuncs\.com(/.*)?", "another region's host", lambda text: text.replace("-cn-", "-us-")),
    (r"\d{4}-\d\d-\d\d", "a day that is over", lambda text: "2020" + text[4:]),
    (r"[\s\S]*", "typo", typo),
    (r"[\s\S]*", "blank in it", lambda text: text[:1] + " " + text[1:]),
    (r"[\s\S]*[a-z][\s\S]*", "upper case", str.upper),
    (r"[\s\S]*", "placeholder", lambda _: "<changeme>"),
)


def _wrong_text(value: str) -> Iterator[tuple[str, str]]:
    for form, kind, change in _FORMS:
        if re.fullmatch(form, value):
            changed = change(value)
            if changed != value:
                yield kind, changed
