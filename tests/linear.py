"""The work of a regular expression, counted step by step as a backtracking engine does it."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from typing import Any

_parser: Any = importlib.import_module("re._parser")
_NUMBER, _MOST, _DEEPEST = 16, 150_000, 6000
_SINGLE = ("LITERAL", "NOT_LITERAL", "ANY", "IN")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_POOL = 'a0A -._/:=,"\n@<{\\'


def worst(text: str, flags: int, anywhere: bool) -> tuple[float, str]:
    """How many times the work grows when a text becomes twice as long, at most, and what is repeated in that text.

    The texts are made of the pattern. ``anywhere``: it is looked for from every place of them.
    """
    pattern, found = _Pattern(text, flags), (1.0, "")
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEEPEST))
    for before in pattern.heads:
        for pump in pattern.pumps:
            for after in ("", "\0"):
                said = f"{before}|{pump}|{after}"
                one, two = (pattern.work(before + pump * (n * _NUMBER) + after, anywhere) for n in (1, 2))
                if two >= _MOST:
                    return _MOST, said
                found = max(found, (two / one if two > 4 * _NUMBER else 1.0, said))
    return found


class _Pattern:
    def __init__(self, text: str, flags: int) -> None:
        tree: Any = _parser.parse(text, flags)
        self._items, self._flags, self._steps = list(tree), tree.state.flags, 0
        self._singles = [item for item in _every(self._items) if str(item[0]) in _SINGLE]
        named = {chr(part) for _, value in self._singles for part in _points(value)}
        signs: dict[tuple[bool, ...], str] = {}
        for mark in [*_POOL, *sorted(named)]:
            signs.setdefault(tuple(self._takes(item, mark) for item in self._singles), mark)
        self._pool = list(signs.values())
        self.heads, self.pumps = {""}, {*self._pool}
        if any(str(op) in _REPEATS and value[1] == _parser.MAXREPEAT for op, value in _every(self._items)):
            self.pumps |= {self._sample(self._items), *self._parts(self._items, "")} - {""}
        else:
            self.pumps = set()  # it never takes more than a fixed number of letters

    def _parts(self, items: list[Any], head: str) -> Iterator[str]:
        """Samples of what is repeated without an end, and of alternatives; what stands before each is a head."""
        for op, value in items:
            for inner in _inner((op, value)):
                yield from self._parts(inner, head)
                yield self._sample(inner)
            if str(op) in _REPEATS and value[1] == _parser.MAXREPEAT:
                self.heads.add(head)
                yield head
            head += self._sample([(op, value)])

    def _sample(self, items: list[Any]) -> str:
        found = ""
        for op, value in items:
            if str(op) in _SINGLE:
                found += next((mark for mark in self._pool if self._takes((op, value), mark)), "")
            elif str(op) in _REPEATS:
                found += self._sample(list(value[2])) * max(value[0], 1)
            elif not str(op).startswith("ASSERT"):
                found += next((self._sample(inner) for inner in _inner((op, value))), "")
        return found

    def _takes(self, item: Any, mark: str) -> bool:
        if self._flags & re.I:
            return any(_takes(item, each, self._flags) for each in {mark, mark.lower(), mark.upper()})
        return _takes(item, mark, self._flags)

    def work(self, text: str, anywhere: bool) -> int:
        """Steps until every match in ``text`` is found, or the one at its start."""
        self._steps, at = 0, 0
        while at <= len(text) and self._steps < _MOST:
            end = next(self._match(self._items, 0, text, at), None)
            if not anywhere:
                break
            at = at + 1 if end is None or end == at else end
        return max(self._steps, 1)

    def _match(self, items: list[Any], number: int, text: str, at: int) -> Iterator[int]:
        self._steps += 1
        while number < len(items) and str(items[number][0]) in _SINGLE:
            self._steps += 1
            if at == len(text) or not self._takes(items[number], text[at]):
                return
            number, at = number + 1, at + 1
        if self._steps >= _MOST:
            return
        if number == len(items):
            yield at
            return
        for end in self._one(items[number], text, at):
            yield from self._match(items, number + 1, text, end)

    def _one(self, item: Any, text: str, at: int) -> Iterator[int]:
        op, value = str(item[0]), item[1]
        if op == "GROUPREF":  # of one letter
            yield from [at + 1] if at < len(text) else []
        elif op in _REPEATS:
            least = value[0]
            most = 10**6 if value[1] == _parser.MAXREPEAT else min(int(value[1]), least + 2)
            ends = self._repeat(list(value[2]), text, at, least, most, lazy=op == "MIN_REPEAT")
            yield from ends if op != "POSSESSIVE_REPEAT" else [end for end in [next(ends, None)] if end is not None]
        elif op == "AT":
            if _holds(str(value), text, at, bool(self._flags & re.M)):
                yield at
        elif op.startswith("ASSERT"):
            start = at if value[0] > 0 else at - value[1].getwidth()[0]
            seen = start >= 0 and next(self._match(list(value[1]), 0, text, start), None) is not None
            if seen == (op == "ASSERT"):
                yield at
        else:
            for inner in _inner(item):
                ends = self._match(inner, 0, text, at)
                yield from ends if op != "ATOMIC_GROUP" else [end for end in [next(ends, None)] if end is not None]

    def _repeat(self, body: list[Any], text: str, at: int, least: int, most: int, *, lazy: bool) -> Iterator[int]:
        if len(body) == 1 and str(body[0][0]) in _SINGLE:
            yield from self._run(body[0], text, at, least, most, lazy=lazy)
            return
        if lazy and least <= 0:
            yield at
        if most > 0:
            for end in self._match(body, 0, text, at):
                if end > at:
                    yield from self._repeat(body, text, end, least - 1, most - 1, lazy=lazy)
        if not lazy and least <= 0:
            yield at

    def _run(self, item: Any, text: str, at: int, least: int, most: int, *, lazy: bool) -> Iterator[int]:
        last = at
        while last < len(text) and last - at < most and self._takes(item, text[last]):
            last += 1
        ends = range(at + least, last + 1)
        self._steps += 0 if lazy else last - at
        for end in ends if lazy else reversed(ends):
            self._steps += 1
            yield end


def _inner(item: Any) -> list[list[Any]]:
    """What stands within an item: alternatives, a group, what is repeated, what is looked for ahead or behind."""
    op, value = str(item[0]), item[1]
    if op == "BRANCH":
        return [list(each) for each in value[1]]
    if op in _REPEATS:
        return [list(value[2])]
    if op == "SUBPATTERN":
        return [list(value[3])]
    return [list(value)] if op == "ATOMIC_GROUP" else [list(value[1])] if op.startswith("ASSERT") else []


def _every(items: list[Any]) -> Iterator[Any]:
    for item in items:
        yield item
        for inner in _inner(item):
            yield from _every(inner)


def _points(value: Any) -> Iterator[int]:
    if isinstance(value, int):
        yield value
    elif isinstance(value, list):
        for op, part in value:
            if str(op) in ("LITERAL", "RANGE"):
                yield from [part] if isinstance(part, int) else part


def _takes(item: Any, mark: str, flags: int) -> bool:
    op: str = str(item[0])
    value: Any = item[1]
    if op in ("LITERAL", "NOT_LITERAL"):
        return bool((ord(mark) == value) == (op == "LITERAL"))
    if op == "ANY":
        return mark != "\n" or bool(flags & re.S)
    return any(_in(part[0], part[1], mark) for part in value if str(part[0]) != "NEGATE") != (
        str(value[0][0]) == "NEGATE"
    )


def _in(op: Any, value: Any, mark: str) -> bool:
    if str(op) == "RANGE":
        return bool(value[0] <= ord(mark) <= value[1])
    if str(op) == "LITERAL":
        return ord(mark) == int(value)
    _, *no, kind = str(value).split("_")
    return {"SPACE": mark.isspace(), "DIGIT": mark.isdigit(), "WORD": mark.isalnum() or mark == "_"}[kind] != bool(no)


def _holds(place: str, text: str, at: int, lines: bool) -> bool:
    if place.startswith("AT_BEGINNING"):
        return at == 0 or (lines and place == "AT_BEGINNING" and text[at - 1] == "\n")
    if place.startswith("AT_END"):
        return at == len(text) or (place == "AT_END" and text[at] == "\n" and (lines or at == len(text) - 1))
    word = [side.isalnum() or side == "_" for side in (text[at - 1 : at], text[at : at + 1])]
    return (word[0] != word[1]) == (place == "AT_BOUNDARY")
