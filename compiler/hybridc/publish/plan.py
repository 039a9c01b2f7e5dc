"""One shape for every action: what is there, what differs in the domain's words, the requests that make it so.

An action is asked again after each failure and after each success, so ``apply`` may stop anywhere: what is left is the
difference of the next look. No request that creates is sent twice without a look between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

Sign = Literal["+", "-", "~"]
Status = Literal["same", "different", "done", "declined", "refused", "failed", "yours", "not reached"]


class Change(NamedTuple):
    """One difference: ``+`` comes, ``-`` goes, ``~`` becomes another.

    ``text`` is in the domain's words, on one line, without secrets: ``policy hybridc-x-terway: allow
    ecs:CreateNetworkInterface on *``.
    """

    sign: Sign
    text: str


class Refusal(Exception):
    """What is there stands in the way, and hybridc leaves it as it is: a sentence, what to do, and a line a reason."""

    def __init__(self, message: str, help: str, reasons: tuple[str, ...] = ()) -> None:  # noqa: A002
        super().__init__(message)
        self.help = help
        self.reasons = reasons


class Action(NamedTuple):
    """One step, done.

    ``step`` is its id. ``read`` looks at what is there, with requests that change nothing, and gives what ``differ``
    and ``apply`` take. ``differ`` is pure: the changes that are left, none when it is as the spec says. ``apply`` makes
    them. ``notes`` are lines for a person, pure too. All but the pure ones raise
    :class:`~hybridc.cloud.trouble.Trouble`; ``read``, ``differ`` and ``apply`` may raise :class:`Refusal`. ``once``: a
    request of unknown fate ends the run, even where a look does not show it; what it made may show late, and doubled.
    """

    step: str
    read: Callable[[], Any]
    differ: Callable[[Any], Sequence[Change]]
    apply: Callable[[Any], None]
    notes: Callable[[Any], Sequence[str]] = lambda _: ()
    once: bool = False


class Result(NamedTuple):
    """What became of a step.

    ``changes`` were planned, or made with ``done``. ``said`` is why it was refused or failed, or what is seen of a step
    that is a person's (``yours``: it is not seen done), ``reasons`` the lines below it; ``help`` is what to do.
    """

    step: str
    status: Status
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    said: str = ""
    help: str = ""
    reasons: tuple[str, ...] = ()
