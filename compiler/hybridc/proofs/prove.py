"""Run all proofs: what several products have to agree on is shown from the products themselves.

A proof looks at the Bundle and not at the spec, so it also holds when somebody overrode a value through a
pass-through, and when the compiler itself is wrong. One that fails can never be accepted.
"""

from __future__ import annotations

from hybridc.diagnostic import Diagnostic
from hybridc.lower.bundle import Bundle
from hybridc.proofs import cni, gitops, objects, pools, ram, script, secrets, size, storage
from hybridc.proofs.breach import PROOFS, Proof
from hybridc.source.document import Document
from hybridc.spec.model import Spec

MODULES = (cni, pools, objects, gitops, size, ram, storage, secrets, script)


def proofs() -> dict[str, Proof]:
    """Every proof by code."""
    return PROOFS


def check(bundle: Bundle, spec: Spec, document: Document) -> list[Diagnostic]:
    """What cannot be shown, as findings; an empty list is the proof."""
    return [found.diagnostic(proof.code, document) for proof in PROOFS.values() for found in proof.check(bundle, spec)]
