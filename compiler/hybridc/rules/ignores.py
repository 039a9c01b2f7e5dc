"""``checks.ignore``: findings that a person accepts, with a reason and perhaps a last day."""

from __future__ import annotations

from collections.abc import Callable

from hybridc.code import Stage
from hybridc.codes import CODES
from hybridc.diagnostic import Diagnostic, has_errors
from hybridc.source.document import Document, parent
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Ignore, Spec
from hybridc.spec.origin import origins


def accepted(spec: Spec) -> frozenset[str]:
    """The codes that the spec accepts wherever they stand, and that can be accepted."""
    return frozenset(i.code for i in _ignores(spec) if i.at is None and i.code in CODES and CODES[i.code].acceptable)


def acceptances(spec: Spec) -> Callable[[Diagnostic], Ignore | None]:
    """What says of a finding which entry of ``checks.ignore`` accepts it: that of the nearest place."""
    entries = {(i.code, i.pointer): i for i in reversed(_ignores(spec)) if _can_hold(i) and i.pointer is not None}

    def accepts(found: Diagnostic) -> Ignore | None:
        pointer = found.pointer
        while (found.code, pointer) not in entries and pointer:
            pointer = parent(pointer)
        return entries.get((found.code, pointer))

    return accepts


def _can_hold(ignore: Ignore) -> bool:
    """Whether a finding of the code can be accepted; at a place only what is found in the spec."""
    code = CODES.get(ignore.code)
    return code is not None and code.acceptable and (ignore.at is None or Stage.SPEC in code.stages)


def silenced(found: list[Diagnostic], spec: Spec) -> list[Diagnostic]:
    """The findings that the spec accepts."""
    accepts = acceptances(spec)
    return [d for d in found if accepts(d) is not None]


def apply(found: list[Diagnostic], spec: Spec, document: Document, today: str) -> list[Diagnostic]:
    """The findings that are left, and findings about the ignores themselves (CHK001 to CHK003).

    ``today`` is an ISO date.
    """
    accepts = acceptances(spec)
    whys = [accepts(d) for d in found]
    left = [d for d, why in zip(found, whys, strict=True) if why is None]
    # An error hides what follows from the value that is wrong: nothing is missed before it is mended.
    hidden = bool(document.broken) or has_errors(left)
    hit = {(why.code, why.pointer) for why in whys if why is not None}
    abouts = (_about(i, not hidden and _misses(i, hit), document, today) for i in _ignores(spec))
    return left + [d for about in abouts for d in about]


def _misses(ignore: Ignore, hit: set[tuple[str, str | None]]) -> bool:
    """Whether an entry accepts nothing; what several specs dispute and the guard finds one spec cannot hit or miss."""
    if not _can_hold(ignore) or {Stage.FLEET, Stage.LIVE}.intersection(CODES[ignore.code].stages):
        return False
    return (ignore.code, ignore.pointer) not in hit


def _ignores(spec: Spec) -> list[Ignore]:
    return [ignore for ignore in spec.ignores if not is_hole(ignore.code)]


def _about(ignore: Ignore, missed: bool, document: Document, today: str) -> list[Diagnostic]:
    code = ignore.code

    def report(about: str, value: str, message: str, help: str) -> Diagnostic:  # noqa: A002
        pointer = origins(value)[0].pointer
        place = document.place(pointer)
        return Diagnostic(about, CODES[about].severity, document.path, place, message, help, pointer)

    if not is_hole(ignore.until) and ignore.until is not None and ignore.until < today:
        message = f"the acceptance of {code} ended on {ignore.until}"
        return [report("CHK001", ignore.until, message, "mend the finding, or decide again and set a later day")]
    if code not in CODES:
        found = report("CHK003", ignore.code, f"there is no rule {code}", "remove this entry")
        return [found._replace(severity=CODES["CHK002"].severity)]
    if not CODES[code].acceptable:
        return [report("CHK003", ignore.code, f"{code} cannot be ignored", "remove this entry")]
    if is_hole(ignore.at):
        return []
    if not _can_hold(ignore):
        message = f"{code} is accepted for the whole cluster or not at all: it is not found in the spec"
        return [report("CHK003", ignore.at or code, message, "remove at")]
    if ignore.pointer is None:
        advice = "name a place of this spec, such as nodePools.<name> or cluster.podCIDRs"
        return [report("CHK002", ignore.at or code, f"there is no {ignore.at}: {code} is not accepted", advice)]
    if missed:
        where = f"at {ignore.at}" if ignore.at is not None else "here"
        return [report("CHK002", ignore.code, f"{code} finds nothing {where}", "remove this entry")]
    return []
