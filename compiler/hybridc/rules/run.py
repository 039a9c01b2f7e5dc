"""Run all rules over one spec."""

from __future__ import annotations

from collections.abc import Iterator

from hybridc.diagnostics.model import Diagnostic
from hybridc.rules.rule import Finding, Rule, registry
from hybridc.source.document import Document
from hybridc.spec.hole import HoleError
from hybridc.spec.model import Spec


def check(spec: Spec, document: Document) -> list[Diagnostic]:
    """The findings of every rule. A rule that needs a value which is wrong in the file says nothing about it."""
    return [
        _diagnostic(rule, found, document)
        for rule in registry().values()
        if rule.check is not None
        for found in _findings(rule, spec, document)
    ]


def _findings(rule: Rule, spec: Spec, document: Document) -> Iterator[Finding]:
    try:
        yield from rule.check(spec if rule.reads is Spec else document)  # type: ignore[misc, arg-type]
    except HoleError:
        return
    except Exception:
        # A value that does not fit the schema can be anything; what is wrong with it has been said already.
        if not document.broken:
            raise


def _diagnostic(rule: Rule, found: Finding, document: Document) -> Diagnostic:
    place = found.place or document.place(found.pointer)
    severity = found.severity or rule.severity
    return Diagnostic(rule.id, severity, document.path, place, found.message, found.help, found.pointer)
