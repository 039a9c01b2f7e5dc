"""A folder for every rule: hybrid.yaml breaks it, stderr.txt is what a person sees, pass.yaml is right.

What the reader, the schema or a proof over the output reports may be shown by another test instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from tools import rules_doc

from hybridc.cli.main import main
from hybridc.rules import catalogue
from hybridc.rules.rule import Rule

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RULES = catalogue.known()
FOLDERS = sorted(path.name for path in HERE.iterdir() if (path / "hybrid.yaml").exists())
PASSING = [name for name in FOLDERS if (HERE / name / "pass.yaml").exists()]
NOT_IN_A_SPEC = {
    "CNI012": "hybridc writes the whole list, a spec cannot lose a part of it",
    "CNI018": "hybridc writes the pools, a spec has no field for them",
    "CNI019": "annotations of live nodes",
    "CNI022": "values that hybridc writes",
    "CNI024": "DaemonSets of the live cluster",
    "ENI027": "overlays that hybridc writes",
    "GIT028": "what the console does in an upgrade",
    "ID008": "made on the node: the script's tests",
    "ID009": "made on the node: the script's tests",
    "INIT007": "the token is no part of a spec: the script's tests",
    "NET018": "peers of a live VBR",
    "NODE001": "interfaces of a live node",
    "NODE013": "how the cluster was imported",
    "NODE014": "rules of a live security group",
    "SEC010": "a Secret of the live cluster: the guard's tests",
}
"""Codes that no spec can show, and why; the documentation of each says where to look instead."""
TODAY = "1795478400"  # 2026-11-24
Golden = Callable[[Path, str], None]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", TODAY)


def codes(path: Path, capsys: Captured) -> set[str]:
    """The codes of all findings of a spec."""
    capsys.readouterr()
    main(["validate", "--format", "json", str(path)])
    return {str(found["code"]) for found in json.loads(capsys.readouterr().err)["diagnostics"]}


@pytest.mark.parametrize("name", FOLDERS)
def test_the_mistake_is_shown(name: str, golden: Golden, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE / name)
    exit_code = main(["validate", "hybrid.yaml"])
    shown = capsys.readouterr().err
    golden(HERE / name / "stderr.txt", shown)
    assert re.search(rf"^hybrid\.yaml:\d+:\d+: {name} (error|warning|info): ", shown, re.MULTILINE)
    assert exit_code == (2 if " error: " in shown else 0)


@pytest.mark.parametrize("name", PASSING)
def test_the_right_spec_passes(name: str, capsys: Captured) -> None:
    assert name not in codes(HERE / name / "pass.yaml", capsys)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_has_both_sides_and_a_rule(name: str) -> None:
    assert name in RULES
    assert any((HERE / name / side).exists() for side in ("pass.yaml", "pass.txt")), "show what is right as well"


def shown_by_other_tests() -> set[str]:
    """Codes that another test expects: of the reader, of the schema, of files, of an eni-config, of the output."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("*"):
        if path.suffix == ".py" and path != Path(__file__):
            found |= set(re.findall(r'["\' ]([A-Z]+\d{3})["\' ]', path.read_text("utf-8")))
        elif path.suffix == ".txt":
            found |= set(re.findall(r"^\S+:\d+:\d+: ([A-Z]+\d{3}) ", path.read_text("utf-8"), re.MULTILINE))
    return found


def test_every_rule_over_a_spec_has_a_folder() -> None:
    checked = {code for code, rule in RULES.items() if rule.check is not None}
    assert sorted(checked - set(FOLDERS)) == []


def test_every_other_code_is_shown_or_cannot_be() -> None:
    others = {code for code, rule in RULES.items() if rule.check is None}
    shown = set(FOLDERS) | shown_by_other_tests()
    assert sorted(others - shown - set(NOT_IN_A_SPEC)) == []
    assert sorted(set(NOT_IN_A_SPEC) - (others - shown)) == [], "these are shown, or are no codes: strike them out"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_documentation_is_complete(rule: Rule) -> None:
    assert 0 < len(rule.title) <= 100
    assert rule.title.endswith(".")
    assert re.search(r"^Source: .", rule.doc, re.MULTILINE), "where is the fact from?"
    snippets = catalogue.snippets(rule)
    assert list(snippets) == ["Fails", "Passes"]
    for kind, text in snippets.items():
        # What the reader refuses is no YAML, or none that a loader takes.
        if kind == "Passes" or catalogue.family(rule.id) != "YAML":
            assert yaml.safe_load(text) is not None, text


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_family_has_a_chapter(rule: Rule) -> None:
    assert catalogue.family(rule.id) in catalogue.FAMILIES


def test_the_page_is_what_the_docstrings_say(golden: Golden, capsys: Captured) -> None:
    golden(rules_doc.PAGE, catalogue.page())
    assert rules_doc.main(["--check"]) == 0, capsys.readouterr().err
    page = rules_doc.PAGE.read_text("utf-8")
    assert re.findall(r"^### ([A-Z]+\d+): ", page, re.MULTILINE) == list(RULES)
    assert page.count("```") % 2 == 0


def test_the_list(capsys: Captured) -> None:
    assert main(["rules"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == list(RULES)
    assert main(["rules", "net", "SEC"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == [code for code in RULES if code.startswith(("NET", "SEC"))]


def test_the_list_as_json(capsys: Captured) -> None:
    assert main(["rules", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    assert [rule["code"] for rule in document["rules"]] == list(RULES)
    guarded = {rule["code"] for rule in document["rules"] if not rule["canBeIgnored"]}
    assert {"SEC001", "SEC002"} <= guarded
    assert "NET005" not in guarded


def test_no_such_family(capsys: Captured) -> None:
    assert main(["rules", "XYZ"]) == 2
    assert "there is no family XYZ" in capsys.readouterr().err
