"""``checks.ignore``: findings that a person accepts, with a reason and perhaps a last day."""

from __future__ import annotations

from hybridc.diagnostics.model import ERROR, WARNING, Diagnostic
from hybridc.rules.rule import Rule, registry
from hybridc.source.document import Document
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Ignore, Spec
from hybridc.spec.origin import origins


def apply(found: list[Diagnostic], spec: Spec, document: Document, today: str) -> list[Diagnostic]:
    """The findings that are left, and findings about the ignores themselves (CHK001 to CHK003).

    ``today`` is an ISO date. What is no rule's finding (a schema violation) and what guards secrets or foreign objects
    cannot be ignored.
    """
    ignores = [] if is_hole(spec.ignores) else [i for i in spec.ignores if not is_hole(i) and not is_hole(i.code)]
    rules = registry()
    accepted = {str(i.code) for i in ignores if i.code in rules and _may_be_ignored(rules[str(i.code)])}
    left = [d for d in found if d.code not in accepted]
    hit = {d.code for d in found}
    return left + [d for i in ignores for d in _about(i, hit, accepted, document, today)]


_SAID_BY_BUILD = frozenset({"GIT032"})
"""What only a build of several specs can find: one spec alone can neither hit it nor miss it."""


def _may_be_ignored(rule: Rule) -> bool:
    """Not what guards, and not what the schema or a proof says: the output would be wrong."""
    return (rule.check is not None and not rule.guarded) or rule.id in _SAID_BY_BUILD


def _about(ignore: Ignore, hit: set[str], accepted: set[str], document: Document, today: str) -> list[Diagnostic]:
    code = str(ignore.code)

    def report(number: str, severity: str, value: str, message: str, help: str) -> Diagnostic:  # noqa: A002
        pointer = origins(value)[0].pointer
        return Diagnostic(number, severity, document.path, document.place(pointer), message, help, pointer)

    if not is_hole(ignore.until) and ignore.until is not None and str(ignore.until) < today:
        message = f"the acceptance of {code} ended on {ignore.until}"
        return [report("CHK001", ERROR, ignore.until, message, "mend the finding, or decide again and set a later day")]
    if code not in accepted:
        known = code in registry()
        message = f"{code} cannot be ignored" if known else f"there is no rule {code}"
        return [report("CHK003", ERROR if known else WARNING, ignore.code, message, "remove this entry")]
    if code not in hit and code not in _SAID_BY_BUILD:
        return [report("CHK002", WARNING, ignore.code, f"{code} finds nothing here", "remove this entry")]
    return []
