"""Every case of this folder is said as its file says; every rule has one; and what cannot be seen is never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from tests.patched import patched
from tests.pinned import ROOT
from tests.preflight.cases import BASE, CASES, SUBJECTS, Case, read, write
from tests.preflight.clusters import compiled, healthy, seen

from hybridc.catalog.cni import plugins
from hybridc.cli.main import main
from hybridc.diagnostic import has_errors
from hybridc.live.folder import dump
from hybridc.live.reads import KINDS, LISTS, VERSION, Id
from hybridc.preflight.registry import rules
from hybridc.preflight.run import hold
from hybridc.spec import choices

Golden = Callable[[Path, str], None]
Capture = pytest.CaptureFixture[str]
HEAD = re.compile(r"(?m)^hybrid\.yaml:\d+:\d+: ([A-Z]+\d{3}) (error|warning|info): ")
BARE = "version: null, existingNodeSelectorTerms: null, excludeAlso: null"
WAYS = [(kind, how) for kind, plugin in plugins().items() for how in plugin.installs]
FITTING = {
    **{f"{kind} by {how}": f"{{cluster: {{cni: {{type: {kind}, install: {how}, {BARE}}}}}}}" for kind, how in WAYS},
    **{way: f"{{cluster: {{cni: {{delivery: {way}}}}}}}" for way in ("hook", "component", "manual")},
    "no CNI": f"{{cluster: {{cni: {{type: none, routing: host, {BARE}}}}}}}",
    "no Terway": "{cluster: {cni: {routing: overlay}}, alibabaCloud: {vpc: {podVSwitches: null}}, terway: null}",
}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795478400")  # 2026-11-24


def said(case: Case, capsys: Capture) -> str:
    """What ``hybridc preflight --from`` says of a case; the exit code agrees with it."""
    Path("hybrid.yaml").write_text(case.spec, encoding="utf-8")
    dump(case.state, "seen")
    assert not any("nobody-may-see" in path.read_text("utf-8") for path in Path("seen").iterdir())
    code = main(["preflight", "--from", "seen", "hybrid.yaml"])
    captured = capsys.readouterr()
    text = re.sub(r"(?m)\A.*^looked at .*\n", "", captured.err)
    text = re.sub(r"(?m)^(see: .*|\d+ (error|warning|info).*)\n", "", text)
    severities = {head[1] for head in HEAD.findall(text)}
    assert code == (1 if "error" in severities else 0)
    assert captured.out == ("" if code else "hybrid.yaml: nothing in the way\n")
    return text


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda path: path.stem)
def test_cases(subject: Path, golden: Golden, capsys: Capture) -> None:
    golden(subject, write([case._replace(said=said(case, capsys)) for case in read(subject)]))


def test_every_rule_has_a_case() -> None:
    shown = {head[0] for case in CASES.values() for head in HEAD.findall(case.said)}
    assert sorted({rule.code.id for rule in rules()} - shown) == []


@pytest.mark.parametrize("patch", FITTING.values(), ids=FITTING)
def test_a_cluster_that_fits_has_nothing_against_the_spec(patch: str) -> None:
    found = compiled(patched(BASE, patch))
    assert hold(found, seen(found.spec, healthy(found.spec))).found == []


@pytest.mark.parametrize("name", ["guide", "two-zone", "everything"])
def test_a_cluster_that_fits_an_example(name: str) -> None:
    found = compiled((ROOT / "examples" / name / "hybrid.yaml").read_text("utf-8"))
    assert hold(found, seen(found.spec, healthy(found.spec))).found == []


def test_every_workload_that_a_spec_may_name_is_read() -> None:
    assert set(get_args(choices.WorkloadKind)) <= set(KINDS)


@pytest.mark.parametrize("patch", FITTING.values(), ids=FITTING)
def test_what_is_hidden_is_said_and_never_taken_for_absent(patch: str) -> None:
    found = compiled(patched(BASE, patch))
    items = healthy(found.spec)
    objects = seen(found.spec, items).objects
    for each in (*objects, *LISTS, VERSION):
        # A right on one object of a list is a right on the list; where that is missing, objects are asked for by name.
        hidden = {each: "needs a right", Id(each.kind): "needs a right"}
        held = hold(found, seen(found.spec, items, hidden=hidden))
        assert {diagnostic.code for diagnostic in held.found} <= {"LIVE001"}, each
        assert not has_errors(held.found)
