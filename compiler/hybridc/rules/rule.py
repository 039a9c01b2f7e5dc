"""What a rule is.

A rule over a spec is a generator of findings::

    @rule("NET006")
    def idc_nodes_and_pods_overlap(spec: Spec) -> Findings:
        '''IDC node CIDR and IDC pod CIDR overlap.

        What it catches, what happens in production without it, the source of the fact.
        '''
        yield finding(value, "what is wrong", "what to do")

One about Terway is ``@rule(…, over=TERWAY)`` and takes ``(spec, terway)``; where there is no Terway, it is not asked.
Severity, stage and age of a code stand in :mod:`hybridc.codes`. The place of a finding is where its value stands in
hybrid.yaml, known from the value itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple, TypeVar

from hybridc.code import Code
from hybridc.codes import CODES
from hybridc.diagnostic import Diagnostic, Place
from hybridc.source.document import Document
from hybridc.spec.origin import origins

SPEC: Literal["spec"] = "spec"
TERWAY: Literal["terway"] = "terway"
DOCUMENT: Literal["document"] = "document"
BUNDLE: Literal["bundle"] = "bundle"
CLOUD: Literal["cloud"] = "cloud"
Over = Literal["spec", "terway", "document", "bundle", "cloud"]
"""What a rule is handed: the spec; the spec and its Terway, where there is one; the document.

Only a preflight rule may be handed the spec and its bundle, or the spec and the cloud as it was seen.
"""


class Finding(NamedTuple):
    """What was found: at a JSON pointer (or at an exact place), the sentence and the way out.

    ``severity`` is set when it is not the code's; ``where`` names a place in the output.
    """

    pointer: str
    message: str
    help: str
    severity: str | None = None
    place: Place | None = None
    where: str = ""

    def diagnostic(self, code: Code, document: Document) -> Diagnostic:
        """The finding of ``code`` in ``document``."""
        place = self.place or document.place(self.pointer)
        severity = self.severity or code.severity
        return Diagnostic(code.id, severity, document.path, place, self.message, self.help, self.pointer, self.where)


Findings = Iterator[Finding]


class Rule(NamedTuple):
    """A check over a spec; its documentation is the docstring of ``check``."""

    code: Code
    check: Callable[..., Findings]
    over: Over


F = TypeVar("F", bound=Callable[..., Any])
RULES: dict[str, Rule] = {}
"""Every rule whose module was imported; :mod:`hybridc.rules.registry` imports them all."""


def rule(code: str, *, over: Over = SPEC) -> Callable[[F], F]:
    """Register the check of a code; its documentation is the docstring. KeyError when the code is not listed."""

    def register(function: F) -> F:
        RULES[code] = Rule(CODES[code], function, over)
        return function

    return register


def finding(value: object, message: str, help: str, severity: str | None = None, *, where: str = "") -> Finding:  # noqa: A002
    """A finding at the place of ``value``: a traced value, or a JSON pointer as a plain string starting with "/"."""
    found = origins(value)
    pointer = found[0].pointer if found else value if isinstance(value, str) and value.startswith("/") else ""
    return Finding(pointer, message, help, severity, where=where)
