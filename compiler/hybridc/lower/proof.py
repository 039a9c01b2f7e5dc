"""Proofs over the output: what several products have to agree on is shown from the products themselves.

A proof looks at the Bundle and not at the spec, so it also holds when somebody overrode a value through a
pass-through, and when the compiler itself is wrong. Documentation and severity of a proof stand with the rule of its
id; one that fails can never be ignored.
"""

from __future__ import annotations

from hybridc.diagnostics.model import Diagnostic
from hybridc.lower import proof_cloud, proof_cni, proof_gitops, proof_objects, proof_script
from hybridc.lower.bundle import Bundle
from hybridc.lower.claim import Breach, Proof
from hybridc.rules.rule import registry
from hybridc.source.document import Document
from hybridc.spec.model import Spec
from hybridc.spec.origin import origins

PROOFS: tuple[Proof, ...] = (
    *proof_cni.PROOFS,
    *proof_objects.PROOFS,
    *proof_gitops.PROOFS,
    *proof_cloud.PROOFS,
    *proof_script.PROOFS,
)
_REPORT = "report it with this line at https://hybridc.dev/issues; a pass-through in the spec may be a way around it"


def check(bundle: Bundle, spec: Spec, document: Document) -> list[Diagnostic]:
    """What cannot be shown, as findings; an empty list is the proof."""
    return [_diagnostic(breach, document) for proof in PROOFS for breach in proof(bundle, spec)]


def _diagnostic(breach: Breach, document: Document) -> Diagnostic:
    """At the line of the spec that the value came from; a constant of ours has none, and is a bug of ours."""
    severity = registry()[breach.code].severity
    written = [origin for origin in origins(breach.value) if origin.kind == "spec"]
    if written:
        pointer = written[0].pointer
        message, advice = f"{breach.message} ({breach.where})", breach.advice
    else:
        pointer = ""
        message, advice = f"bug of hybridc in {breach.where}: {breach.message}", _REPORT
    return Diagnostic(breach.code, severity, document.path, document.place(pointer), message, advice, pointer)
