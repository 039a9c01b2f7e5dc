"""Actions, run in their order: read, differ, show, ask, apply, read back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from hybridc.cloud.trouble import Trouble
from hybridc.publish.actions import is_done_here
from hybridc.publish.plan import Action, Change, Refusal, Result

_ROUNDS = 5
"""Looks at one action: more would be a quarrel with somebody else who changes it."""

Agree = Callable[[str, tuple[Change, ...], tuple[str, ...]], bool]
"""Whether to apply the changes of a step (its id, the changes, notes)."""


Make = Callable[[str], Action]
"""The action of a step; may raise as its ``read`` does."""


See = Callable[[str], Result]
"""What is seen of a step that is not done here."""


class Look(NamedTuple):
    """What was read for an action, and what differs."""

    seen: Any
    changes: tuple[Change, ...]
    notes: tuple[str, ...]


def run(steps: Iterable[str], make: Make, see: See, agree: Agree | None) -> Iterator[Result]:
    """A result for each step, as soon as it is there; ``agree`` None: nothing is applied.

    After a refusal, a failure, a no, or a person's step that is not seen done, the rest is not reached: later steps
    rest on those before.
    """
    stopped = False
    for step in steps:
        if stopped:
            yield Result(step, "not reached")
            continue
        result = one(step, make, agree) if is_done_here(step) else see(step)
        stopped = result.status in ("refused", "failed", "declined", "yours")
        yield result


def one(step: str, make: Make, agree: Agree | None) -> Result:
    """The result of one step."""
    try:
        action = make(step)
        look = _look(action)
        if not look.changes:
            return Result(step, "same", notes=look.notes)
        if agree is None:
            return Result(step, "different", look.changes, look.notes)
        if not agree(step, look.changes, look.notes):
            return Result(step, "declined", look.changes, look.notes)
        return _applied(action, look)
    except Refusal as refusal:
        return Result(step, "refused", said=str(refusal), help=refusal.help)
    except Trouble as trouble:
        return Result(step, "failed", said=str(trouble), help=trouble.help)


def _look(action: Action) -> Look:
    seen = action.read()
    return Look(seen, tuple(action.differ(seen)), tuple(action.notes(seen)))


def _applied(action: Action, first: Look) -> Result:
    """Apply until nothing is left; a request whose fate is not known is followed by a look, not by itself."""
    look, last = first, None
    for _ in range(_ROUNDS):
        try:
            action.apply(look.seen)
            last = None
        except Trouble as trouble:
            if not trouble.unsure:
                raise
            last = trouble
        look = _look(action)
        if not look.changes:
            return Result(action.step, "done", first.changes, look.notes)
    left = "; ".join(f"{change.sign} {change.text}" for change in look.changes)
    if last is not None:
        raise last
    return Result(
        action.step,
        "failed",
        look.changes,
        look.notes,
        f"it is still not as the spec says after {_ROUNDS} tries: {left}",
        "does somebody else change it at the same time?",
    )
