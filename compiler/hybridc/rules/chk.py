"""CHK, FILE, OUT: what ``checks.ignore``, reading a file and writing the output report."""

from __future__ import annotations

from datetime import date

from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec


@rule("CHK004")
def ignored_twice(spec: Spec) -> Findings:
    """Two entries of `checks.ignore` accept one code.

    Each has a reason and perhaps a last day, and nobody can tell which of them holds. Entries for several places (`at`)
    are no such case, but beside one for the whole spec they are.

    Fails::
        checks: {ignore: [{code: CNI025, reason: "reviewed"}, {code: CNI025, reason: "reviewed again"}]}
    Passes::
        checks: {ignore: [{code: CNI025, reason: "reviewed again"}]}

    Source: hybridc.
    """
    known = [ignore for ignore in spec.ignores if not is_hole(ignore.code) and not is_hole(ignore.at)]
    everywhere = {ignore.code for ignore in known if ignore.at is None}
    seen: set[tuple[str, str | None]] = set()
    for ignore in known:
        place = (ignore.code, ignore.pointer)
        if place in seen or (ignore.at is not None and ignore.code in everywhere):
            yield finding(ignore.code, f"{ignore.code} is accepted already", "keep one entry")
        seen.add(place)


@rule("CHK005")
def no_such_day(spec: Spec) -> Findings:
    """`until` in `checks.ignore` is a day that no calendar has.

    It is compared as a date; nobody can say when 30 February has passed.

    Fails::
        checks: {ignore: [{code: CNI025, reason: "reviewed", until: "2027-02-30"}]}
    Passes::
        checks: {ignore: [{code: CNI025, reason: "reviewed", until: 2027-02-28}]}

    Source: the Gregorian calendar.
    """
    for ignore in spec.ignores:
        if is_hole(ignore.until) or ignore.until is None:
            continue
        try:
            date.fromisoformat(ignore.until)
        except ValueError:
            yield finding(ignore.until, f"there is no {ignore.until}", "write a day that exists, such as 2027-06-30")
