"""Run all rules over one spec."""

from __future__ import annotations

from collections.abc import Iterator

from hybridc.diagnostic import Diagnostic
from hybridc.rules.registry import rules
from hybridc.rules.rule import DOCUMENT, SPEC, Finding, Rule
from hybridc.source.document import Document
from hybridc.spec.hole import HoleError, is_hole
from hybridc.spec.model import Spec


def check(spec: Spec, document: Document) -> list[Diagnostic]:
    """The findings of every rule. A rule that needs a value which is wrong in the file ends there.

    Whatever else a rule raises is a bug of it, and raised.
    """
    return [found.diagnostic(rule.code, document) for rule in rules() for found in _findings(rule, spec, document)]


def _findings(rule: Rule, spec: Spec, document: Document) -> Iterator[Finding]:
    try:
        if rule.over == DOCUMENT:
            yield from rule.check(document)
        elif rule.over == SPEC:
            yield from rule.check(spec)
        elif not is_hole(spec.terway) and spec.terway is not None:
            yield from rule.check(spec, spec.terway)
    except HoleError:
        return
