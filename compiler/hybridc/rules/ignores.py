"""``checks.ignore``: findings that a person accepts, with a reason and perhaps a last day."""

from __future__ import annotations

from hybridc.code import Stage
from hybridc.codes import CODES
from hybridc.diagnostic import Diagnostic, has_errors
from hybridc.source.document import Document
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Ignore, Spec
from hybridc.spec.origin import origins


def accepted(spec: Spec) -> frozenset[str]:
    """The codes that the spec accepts and that can be accepted."""
    return frozenset(i.code for i in _ignores(spec) if i.code in CODES and CODES[i.code].acceptable)


def silenced(found: list[Diagnostic], spec: Spec) -> list[Diagnostic]:
    """The findings that the spec accepts."""
    codes = accepted(spec)
    return [d for d in found if d.code in codes]


def apply(found: list[Diagnostic], spec: Spec, document: Document, today: str) -> list[Diagnostic]:
    """The findings that are left, and findings about the ignores themselves (CHK001 to CHK003).

    ``today`` is an ISO date.
    """
    codes, hit = accepted(spec), {d.code for d in found}
    left = [d for d in found if d.code not in codes]
    # An error hides what follows from the value that is wrong: nothing is missed before it is mended.
    missed = frozenset() if document.broken or has_errors(left) else _of_one_spec(codes - hit)
    return left + [d for i in _ignores(spec) for d in _about(i, missed, codes, document, today)]


def _of_one_spec(codes: frozenset[str]) -> frozenset[str]:
    """Without what several specs of one call dispute and what the guard finds: one spec can neither hit nor miss it."""
    return frozenset(code for code in codes if not {Stage.FLEET, Stage.LIVE}.intersection(CODES[code].stages))


def _ignores(spec: Spec) -> list[Ignore]:
    return [ignore for ignore in spec.ignores if not is_hole(ignore.code)]


def _about(
    ignore: Ignore, missed: frozenset[str], codes: frozenset[str], document: Document, today: str
) -> list[Diagnostic]:
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
    if code not in codes:
        return [report("CHK003", ignore.code, f"{code} cannot be ignored", "remove this entry")]
    if code in missed:
        return [report("CHK002", ignore.code, f"{code} finds nothing here", "remove this entry")]
    return []
