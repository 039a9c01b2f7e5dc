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

from hybridc.cli.main import main
from hybridc.codes import CODES, Stage
from hybridc.proofs.prove import proofs
from hybridc.report import book
from hybridc.rules.registry import rules
from tools import rules_doc

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RULES = book.pages()
FOLDERS = sorted(path.name for path in HERE.iterdir() if (path / "hybrid.yaml").exists())
PASSING = [name for name in FOLDERS if (HERE / name / "pass.yaml").exists()]
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
    assert sorted({rule.code.id for rule in rules()} - set(FOLDERS)) == []


def test_every_code_has_the_stages_of_its_checks() -> None:
    assert [rule.code.id for rule in rules() if Stage.SPEC not in rule.code.stages] == []
    listed = {code for code, entry in CODES.items() if Stage.OUTPUT in entry.stages}
    assert listed == set(proofs())


def test_every_other_code_is_shown_or_comes_from_elsewhere() -> None:
    """What the live cluster and the node report is no finding of the compiler."""
    elsewhere = {code for code, entry in CODES.items() if {Stage.LIVE, Stage.NODE} & set(entry.stages)}
    shown = set(FOLDERS) | shown_by_other_tests()
    assert sorted(set(CODES) - shown - elsewhere) == []


@pytest.mark.parametrize("page", RULES.values(), ids=RULES)
def test_the_documentation_is_complete(page: book.Page) -> None:
    assert 0 < len(page.title) <= 100
    assert page.title.endswith(".")
    assert page.code.family in book.FAMILIES
    assert re.search(r"^Source: .", page.doc, re.MULTILINE), "where is the fact from?"
    snippets = book.snippets(page)
    assert list(snippets) == ["Fails", "Passes"]
    for kind, text in snippets.items():
        # What the reader refuses is no YAML, or none that a loader takes.
        if kind == "Passes" or page.code.family != "YAML":
            assert yaml.safe_load(text) is not None, text


def test_the_pages_are_what_the_rule_book_says(request: pytest.FixtureRequest, capsys: Captured) -> None:
    if request.config.getoption("--update-goldens"):
        rules_doc.main([])
    assert rules_doc.main(["--check"]) == 0, capsys.readouterr().err
    chapters = [path.read_text("utf-8") for path in rules_doc.FOLDER.glob("*.md")]
    found = [code for text in chapters for code in re.findall(r"^## ([A-Z]+\d+): ", text, re.MULTILINE)]
    assert sorted(found) == sorted(RULES)
    assert [text for text in chapters if text.count("```") % 2] == []


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
