"""What policies of RAM allow together, as far as their text decides it."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

Data = dict[str, Any]


def allowed(statements: Iterable[Data], action: str, resource: str) -> bool:
    """Whether an action may be allowed on something that ``resource`` names, and is not surely denied.

    A condition may hold: with one a statement may allow, and does not surely deny.
    """
    found = False
    for each in statements:
        if not _names(each, action):
            continue
        if each.get("Effect") == "Allow":
            found = found or _reaches(each, resource)
        elif not each.get("Condition") and _covers(each, resource):
            return False
    return found


def _names(statement: Data, action: str) -> bool:
    named = statement.get("Action")
    if named is not None:
        return any(_matches(pattern, action) for pattern in named)
    return not any(_matches(pattern, action) for pattern in statement.get("NotAction", []))


def _reaches(statement: Data, resource: str) -> bool:
    return "NotResource" in statement or any(_meet(each, resource) for each in statement.get("Resource", ["*"]))


def _covers(statement: Data, resource: str) -> bool:
    """Whether everything that ``resource`` names is in it: its text with its stars is then one that fits."""
    return "NotResource" not in statement and any(_matches(each, resource) for each in statement.get("Resource", ["*"]))


def _matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Stars of fnmatch never go back: many of them end too. A bracket is a character in RAM.
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")), re.IGNORECASE)


def _meet(one: str, other: str) -> bool:
    """Whether something fits two patterns of resources, ``acs:service:region:account:name``: part by part."""
    if "*" in (one, other):
        return True
    parts = one.split(":", 4), other.split(":", 4)
    return len(parts[0]) == len(parts[1]) and all(_text_meets(*pair) for pair in zip(*parts, strict=True))


def _text_meets(one: str, other: str) -> bool:
    """Whether some text fits two patterns: their characters are walked side by side."""
    states = _skipped({(0, 0)}, one, other)
    seen = set(states)
    while states:
        if (len(one), len(other)) in states:
            return True
        following = {step for at in states for step in _steps(at, one, other)}
        states = _skipped(following, one, other) - seen
        seen |= states
    return False


def _steps(at: tuple[int, int], one: str, other: str) -> Iterable[tuple[int, int]]:
    """Where a character that both take leads."""
    first, second = at
    if first == len(one) or second == len(other):
        return
    a, b = one[first].lower(), other[second].lower()
    if a == b or {a, b} & {"*", "?"}:
        yield first + (a != "*"), second + (b != "*")


def _skipped(states: set[tuple[int, int]], one: str, other: str) -> set[tuple[int, int]]:
    """The same, and where a star that takes nothing leads."""
    found, left = set(states), list(states)
    while left:
        first, second = left.pop()
        ways = [(first + 1, second)] if one[first : first + 1] == "*" else []
        ways += [(first, second + 1)] if other[second : second + 1] == "*" else []
        left += [way for way in ways if way not in found]
        found |= set(ways)
    return found
