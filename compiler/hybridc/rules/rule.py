"""What a rule is, and the registry of all rules.

A rule over a spec is a generator of findings::

    @rule("NET006", ERROR)
    def idc_nodes_and_pods_overlap(spec: Spec) -> Findings:
        '''IDC node CIDR and IDC pod CIDR overlap.

        What it catches, what happens in production without it, the source of the fact.
        '''
        yield finding(value, "what is wrong", "what to do")

The place of a finding is where its value stands in hybrid.yaml, known from the value itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from hybridc.diagnostics.model import ERROR, INFO, WARNING, Place
from hybridc.source.document import Document
from hybridc.spec.model import Spec
from hybridc.spec.origin import origins

__all__ = ["ERROR", "INFO", "WARNING", "Finding", "Findings", "Rule", "finding", "registry", "rule"]


@dataclass(frozen=True)
class Finding:
    """What a rule found: at a JSON pointer (or at an exact place), the sentence and the way out."""

    pointer: str
    message: str
    help: str
    severity: str | None = None
    place: Place | None = None


Findings = Iterator[Finding]
Check = Callable[[Spec], Findings] | Callable[[Document], Findings]


@dataclass(frozen=True)
class Rule:
    """``check`` is None for a rule that the schema (or the reader) enforces; ``reads`` is what the check takes.

    ``guarded`` rules protect against the loss of secrets or of foreign objects: ``checks.ignore`` cannot silence them.
    """

    id: str
    severity: str
    since: str
    doc: str
    check: Check | None
    reads: type[Spec] | type[Document]
    guarded: bool = False

    @property
    def title(self) -> str:
        """The first line of the documentation."""
        return self.doc.partition("\n")[0]


F = TypeVar("F", bound=Callable[..., Any])
_REGISTRY: dict[str, Rule] = {}


def rule(
    id: str,  # noqa: A002
    severity: str,
    *,
    since: str = "0.1.0",
    reads: type[Spec] | type[Document] = Spec,
    guarded: bool = False,
    by_schema: bool = False,
) -> Callable[[F], F]:
    """Register a rule; its documentation is the docstring. ``by_schema``: the schema reports it, nothing runs here."""

    def register(function: F) -> F:
        import inspect

        doc = inspect.cleandoc(function.__doc__ or "")
        _REGISTRY[id] = Rule(id, severity, since, doc, None if by_schema else function, reads, guarded)
        return function

    return register


def finding(value: object, message: str, help: str, severity: str | None = None) -> Finding:  # noqa: A002
    """A finding at the place of ``value``: a traced value, or a JSON pointer as a plain string starting with "/"."""
    found = origins(value)
    if found:
        return Finding(found[0].pointer, message, help, severity)
    return Finding(value if isinstance(value, str) and value.startswith("/") else "", message, help, severity)


def registry() -> dict[str, Rule]:
    """All rules by id, in order of family and number."""
    import hybridc.rules.families  # noqa: F401 - registers them

    return {key: _REGISTRY[key] for key in sorted(_REGISTRY)}
