"""The proofs over the output hold for everything that is built, and fail where one product disagrees with another."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from tests.bare import bare
from tests.proof.cases import CASES, Case

from hybridc.code import Stage
from hybridc.compile import Refused, compile_spec, front
from hybridc.diagnostic import ERROR
from hybridc.lower.bundle import Bundle, Synced
from hybridc.lower.lower import lower
from hybridc.proofs import prove
from hybridc.source.document import Document
from hybridc.spec.model import Spec
from hybridc.spec.origin import Origin, trace
from hybridc.words import ISSUES

ROOT = Path(__file__).resolve().parents[2]
TODAY = "2026-11-24"
EXAMPLES = ("guide", "two-zone", "everything")
FLANNEL = (
    ("type: calico", "type: flannel"),
    ("version: 3.24.5", "version: 0.28.9"),
)
ODD = """
        - matchExpressions:
            - {key: cores, operator: Gt, values: ["8"]}
            - {key: disk, operator: Exists}
            - {key: alibabacloud.com/external, operator: NotIn, values: ["true"]}
        - matchExpressions: [{key: type, operator: In, values: [virtual-kubelet, rack]}]
        - matchExpressions: [{key: spare, operator: DoesNotExist}]
"""
VARIANTS = {
    "flannel": ("guide", FLANNEL),
    "cilium": (
        "guide",
        (
            ("type: calico", "type: cilium"),
            ("install: manifest", "install: helm"),
            ("version: 3.24.5", "version: 1.18.2"),
        ),
    ),
    "canal": ("guide", (("type: calico", "type: canal"),)),
    "no CNI": (
        "guide",
        (
            ("type: calico", "type: none"),
            ("routing: bgp", "routing: host"),
            ("podCIDRs: [10.100.0.0/16]", "podCIDRs: []"),
        ),
    ),
    "by component": ("guide", (("routing: bgp", "routing: bgp\n      delivery: component"),)),
    "by hand": ("guide", (("routing: bgp", "routing: bgp\n      delivery: manual"),)),
    "by values": ("two-zone", (("install: operator", "install: helm"),)),
    "by server-side apply": (
        "guide",
        (
            ("routing: bgp", "routing: bgp\n      delivery: ssa"),
            ("  gitops:\n", "  checks: {ignore: [{code: GIT007, reason: made by kubectl create}]}\n\n  gitops:\n"),
        ),
    ),
    "odd terms": ("guide", (("routing: bgp", f"routing: bgp\n      existingNodeSelectorTerms: {ODD}"),)),
    "Flux": ("guide", (("  gitops:\n", "  gitops:\n    engine: flux\n"),)),
    "k3s": (
        "guide",
        (
            (
                "  nodeInit:\n",
                "  nodeInit:\n    join: {method: k3s, server: 'https://10.200.1.253:6443', token: {from: file}}\n",
            ),
        ),
    ),
    "the role of the nodes": (
        "guide",
        (
            ("  nodeInit:\n", "  nodeInit:\n    join: {token: {from: ramRole, role: hybridc-node}}\n"),
            ("  gitops:\n", "  checks: {ignore: [{code: NODE009, reason: an image with a role}]}\n\n  gitops:\n"),
        ),
    ),
    "minimal": ("guide", (("  ram:\n", "  ram:\n    profile: minimal\n"),)),
    "resources": ("everything", (("scope: account ", "scope: resources "),)),
}
Compiled = tuple[Bundle, Spec, Document]


@cache
def compiled(name: str) -> Compiled:
    """An example, or a variant of one, up to its Bundle."""
    example, changes = VARIANTS.get(name, (name, ()))
    text = bare(example)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    checked = front("hybrid.yaml", text.encode(), TODAY)
    assert checked.spec is not None, [found for found in checked.found if found.severity == ERROR]
    return lower(checked.spec, Synced("kustomize")), checked.spec, checked.document


@pytest.mark.parametrize("name", [*EXAMPLES, *VARIANTS])
def test_everything_that_is_built_is_proved(name: str) -> None:
    assert prove.check(*compiled(name)) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {case.what}")
def test_what_does_not_hold_is_refused(case: Case) -> None:
    bundle, spec, document = compiled(case.example)
    found = prove.check(case.change(bundle), spec, document)
    assert case.code in {diagnostic.code for diagnostic in found}
    assert {diagnostic.severity for diagnostic in found} == {ERROR}
    for diagnostic in found:
        assert diagnostic.message.startswith("bug of hybridc: ")
        assert diagnostic.help.startswith(f"report it with this line to {ISSUES}")


def test_the_unchanged_bundle_is_untouched_by_all_that() -> None:
    for name in EXAMPLES:
        assert prove.check(*compiled(name)) == []


def test_every_proof_has_a_case() -> None:
    assert set(prove.proofs()) - {case.code for case in CASES} == set()


def test_what_only_a_proof_says_cannot_be_accepted() -> None:
    only = [proof.code for proof in prove.proofs().values() if Stage.SPEC not in proof.code.stages]
    assert [code.id for code in only if code.acceptable] == []


def test_a_value_of_the_spec_is_shown_at_its_line() -> None:
    bundle, spec, document = compiled("guide")
    url = trace("ftp://elsewhere", Origin("spec", "/spec/nodeInit/oss/bucket"))
    broken = replace(bundle, script=None, script_url=url)
    change = next(case for case in CASES if case.what == "another URL in the ConfigMap").change
    found = prove.check(change(broken), spec, document)
    assert [diagnostic.code for diagnostic in found] == ["OSS016"]
    (item,) = bundle.parts["agentConfig"]
    told = {**item, "data": {"addNodeScriptPath": url}}
    shown = replace(broken, parts={"agentConfig": (told,), "eniConfig": bundle.parts["eniConfig"]})
    lines = {d.place.line for d in prove.check(shown, spec, document) if d.code == "OSS001"}
    assert lines == {document.place("/spec/nodeInit/oss/bucket").line}


def test_a_build_that_cannot_be_proved_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from hybridc.lower import lower as lowering

    change = next(case for case in CASES if case.code == "SEC004").change
    real = lowering.lower
    monkeypatch.setattr(lowering, "lower", lambda *arguments: change(real(*arguments)))
    result = compile_spec("hybrid.yaml", (ROOT / "examples/guide/hybrid.yaml").read_bytes(), TODAY)
    assert isinstance(result, Refused)
    assert "SEC004" in {found.code for found in result.found}
