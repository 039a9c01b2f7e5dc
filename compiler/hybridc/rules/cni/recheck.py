"""CNI: the schedule on which a lost exclusion is put back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.model import Spec

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class _Field(NamedTuple):
    """A field of a schedule: what it is called, its bounds, the words that stand for numbers."""

    name: str
    low: int
    high: int
    words: dict[str, int]


_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, {word: number for number, word in enumerate(_MONTHS, start=1)}),
    _Field("day of week", 0, 6, {word: number for number, word in enumerate(_DAYS)}),
)


@rule("CNI029")
def recheck_schedule(spec: Spec) -> Findings:
    """A field of `recheck` is outside of what Kubernetes takes.

    Minute 0 to 59, hour 0 to 23, day of month 1 to 31, month 1 to 12 or jan to dec, day of week 0 to 6 or sun to sat
    (0 is Sunday, 7 is refused); ranges ascend, steps are larger than 0. The API server refuses the CronJob otherwise,
    and the sync fails.

    Fails::
        cluster: {cni: {recheck: "*/0 22-4 31 feb,foo 7"}}
    Passes::
        cluster: {cni: {recheck: "*/30 0-6,22 1 JAN-mar mon-5/2"}}

    Source: robfig/cron v3, ParseStandard, which Kubernetes validates schedules with.
    """
    schedule = spec.cluster.cni.recheck
    if schedule is None:
        return
    fields = zip(schedule.split(" "), _FIELDS, strict=False)
    wrong = [problem for text, field in fields for problem in _problems(text, field)]
    if wrong:
        yield finding(schedule, f"recheck: {'; '.join(wrong)}", "write minute, hour, day of month, month, day of week")


def _problems(text: str, field: _Field) -> Iterator[str]:
    for part in text.split(","):
        span, slash, step = part.partition("/")
        if slash and not (_is_number(step) and int(step) > 0):
            yield f"the step {part} of the {field.name} is not larger than 0"
        if span == "*":
            continue
        ends = span.split("-")
        numbers = [_number(end, field) for end in ends]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers):
            what = f"{field.low} to {field.high}" + (f" or {', '.join(field.words)}" if field.words else "")
            yield f"{span} is no {field.name}: {what}"
        elif known != sorted(known):
            yield f"the range {span} of the {field.name} runs backwards"


def _number(text: str, field: _Field) -> int | None:
    """The number that a text stands for in a field; None when it is outside."""
    number = int(text) if _is_number(text) else field.words.get(text.lower(), -1)
    return number if field.low <= number <= field.high else None


def _is_number(text: str) -> bool:
    return re.fullmatch("[0-9]{1,9}", text) is not None
