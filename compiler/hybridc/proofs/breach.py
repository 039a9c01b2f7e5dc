"""What a proof is made of: its registration, what it says, and how it looks at a Bundle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hybridc.code import Code
from hybridc.codes import CODES
from hybridc.lower.bundle import Bundle, JsonText, Manifest, YamlText
from hybridc.rules.rule import Finding, Findings
from hybridc.spec.model import Spec
from hybridc.spec.origin import origins
from hybridc.words import ISSUES

Check = Callable[[Bundle, Spec], Findings]
_REPORT = f"report it with this line to {ISSUES}; a pass-through in the spec may be a way around it"


class Proof(NamedTuple):
    """A check over a Bundle; its documentation is the docstring of ``check`` (or of the rule of the same code)."""

    code: Code
    check: Check


PROOFS: dict[str, Proof] = {}
"""Every proof whose module was imported; :mod:`hybridc.proofs.prove` imports them all."""


def proof(code: str) -> Callable[[Check], Check]:
    """Register the proof of a code; KeyError when the code is not listed."""

    def register(check: Check) -> Check:
        PROOFS[code] = Proof(CODES[code], check)
        return check

    return register


def breach(where: str, message: str, value: object = None, advice: str = "remove or change this value") -> Finding:
    """Something in the output, at ``where``, that does not hold.

    It is shown at the line of the spec that ``value`` came from, with ``advice`` on what to do about that line. A
    constant of ours has no line, and is a bug of ours.
    """
    written = [origin for origin in origins(value) if origin.kind == "spec"]
    if written:
        return Finding(written[0].pointer, message, advice, where=where)
    return Finding("", f"bug of hybridc: {message}", _REPORT, where=where)


def name_of(item: Manifest) -> str:
    """``ConfigMap kube-system/eni-config``."""
    metadata = item["metadata"]
    namespace = metadata.get("namespace")
    return f"{item['kind']} {namespace}/{metadata['name']}" if namespace else f"{item['kind']} {metadata['name']}"


def find(bundle: Bundle, kind: str, name: str) -> Manifest | None:
    """The synced object of this kind and name."""
    return next((o for o in bundle.objects if o["kind"] == kind and o["metadata"]["name"] == name), None)


def manifests(bundle: Bundle) -> Iterator[Manifest]:
    """Every Kubernetes object of the output, patches of objects among them."""
    yield from bundle.objects
    yield from (patch.wanted for patch in bundle.component)
    yield from bundle.cni_patches
    yield from bundle.gitops
    yield from bundle.ip_pools


def is_hook(item: Manifest) -> bool:
    """Whether Argo CD runs the object as a hook; it then is no part of the sync status."""
    return "argocd.argoproj.io/hook" in (item["metadata"].get("annotations") or {})


def embedded(value: Any) -> Any:
    """The data of JSON or YAML that stands in a string, or the value itself."""
    return value.data if isinstance(value, (JsonText, YamlText)) else value
