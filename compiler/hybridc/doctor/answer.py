"""What a look at one thing gives: a mark, what was seen, and the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from hybridc.live.state import Unseen

Mark = Literal["ok", "wrong", "waiting", "not seen", "by hand"]
MARKS: tuple[Mark, ...] = ("wrong", "waiting", "not seen", "by hand", "ok")
"""From what needs somebody to what does not."""

_SHOWN = 3


class Answer(NamedTuple):
    """``seen`` is a sentence without its full stop; ``help`` what to do, "" where there is nothing."""

    mark: Mark
    seen: str
    help: str = ""


class Row(NamedTuple):
    """An answer, the part of the table that it belongs to, and what was looked at."""

    part: str
    subject: str
    mark: Mark
    seen: str
    help: str = ""


def ask(look: Callable[[], Answer]) -> Answer:
    """The answer of a look; what it could not see is one as well."""
    try:
        return look()
    except Unseen as hole:
        return Answer("not seen", str(hole))


def listed(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    found = list(names)
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more


def count(number: int, thing: str) -> str:
    """``1 node``, ``2 nodes``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def step(name: str) -> str:
    """The way out that a step of the list is."""
    return f"step {name} of hybridc steps"
