"""Actions, run in their order: read, differ, show, ask, apply, read back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from hybridc.cloud.trouble import Trouble
from hybridc.publish.plan import Action, Change, Refusal, Result

_TRIES = 3
"""How often what may not have been done is asked for."""
_MOST = 100
"""Requests of one action: more would be a quarrel with somebody else who changes the same."""
SETTLE = (0.5, 1.0, 2.0, 4.0)
"""Pauses, in seconds, between the looks at what was accepted."""

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


class Hands(NamedTuple):
    """Who does what: ``make`` gives the action of the steps ``here``, ``see`` looks at the others."""

    here: frozenset[str]
    make: Make
    see: See


def run(steps: Iterable[str], hands: Hands, agree: Agree | None, settle: Sequence[float] = SETTLE) -> Iterator[Result]:
    """A result for each step, as soon as it is there; ``agree`` None: nothing is applied.

    After a refusal, a failure, a no, or a person's step that is not seen done, the rest is not reached: later steps
    rest on those before.
    """
    stopped = False
    for step in steps:
        if stopped:
            yield Result(step, "not reached")
            continue
        result = one(step, hands.make, agree, settle) if step in hands.here else hands.see(step)
        stopped = result.status in ("refused", "failed", "declined", "yours")
        yield result


def one(step: str, make: Make, agree: Agree | None, settle: Sequence[float] = SETTLE) -> Result:
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
        return _applied(action, look, settle)
    except Refusal as refusal:
        return Result(step, "refused", said=str(refusal), help=refusal.help, reasons=refusal.reasons)
    except Trouble as trouble:
        return Result(step, "failed", said=str(trouble), help=trouble.help)


def _look(action: Action) -> Look:
    seen = action.read()
    return Look(seen, tuple(action.differ(seen)), tuple(action.notes(seen)))


def _applied(action: Action, first: Look, settle: Sequence[float]) -> Result:
    """Apply until nothing is left. A request that was sent is followed by a look, and not by itself.

    A service may show late what it did: what it accepted is waited for, and never asked for twice.
    """
    look, tries = first, 0
    for _ in range(_MOST):
        before, trouble = look.changes, _apply(action, look)
        try:
            # Where nobody knows whether it was done, a short while is enough: what creates is looked for by name.
            look = _settled(action, before, settle if trouble is None else settle[:2])
        except Trouble as blind:
            raise trouble or blind from None
        if not look.changes:
            # What was said before, the reason that passed a gate, stays in the report.
            return Result(action.step, "done", first.changes, tuple(dict.fromkeys((*first.notes, *look.notes))))
        if look.changes != before:
            continue
        tries += 1
        if trouble is None:
            break
        if action.once or tries == _TRIES:
            raise trouble
    left = "; ".join(f"{change.sign} {change.text}" for change in look.changes)
    return Result(
        action.step,
        "failed",
        look.changes,
        look.notes,
        f"it was accepted, and is not as the spec says: {left}",
        "run this again in a while: it looks first. Does somebody else change it at the same time?",
    )


def _apply(action: Action, look: Look) -> Trouble | None:
    """Send requests; the trouble of one whose fate is not known. Raises the trouble of one that was not done."""
    try:
        action.apply(look.seen)
    except Trouble as trouble:
        if not trouble.unsure:
            raise
        return trouble
    return None


def _settled(action: Action, before: tuple[Change, ...], settle: Sequence[float]) -> Look:
    """What is seen once something has changed, or after the last of the pauses (seconds)."""
    look = _look(action)
    for pause in settle:
        if look.changes != before:
            break
        time.sleep(pause)
        look = _look(action)
    return look
