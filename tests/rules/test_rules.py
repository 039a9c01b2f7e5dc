"""The rule book: every code is documented, listed and shown by a test.

What the reader, a proof over the output or the eni-config linter reports is shown by their tests, what a spec breaks by
the examples of its documentation (test_examples.py).
"""

from __future__ import annotations

import importlib
import json
import re
from collections import Counter
from pathlib import Path
from pkgutil import iter_modules

import pytest
import yaml

from hybridc import codes
from hybridc.cli.main import main
from hybridc.code import Stage
from hybridc.codes import CODES
from hybridc.preflight.on_node import node_rules
from hybridc.preflight.registry import rules as live_rules
from hybridc.proofs.prove import proofs
from hybridc.report import book, pages
from hybridc.rules.registry import rules
from tools import rules_doc

ROOT = Path(__file__).parents[2]
RULES = book.pages()
Captured = pytest.CaptureFixture[str]


def shown_by_tests() -> set[str]:
    """Codes that a test expects."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("*"):
        if path.suffix == ".py" and path != Path(__file__):
            found |= set(re.findall(r'["\' ]([A-Z]+\d{3})["\' ]', path.read_text("utf-8")))
        elif path.suffix == ".txt":
            found |= set(re.findall(r"^\S+:\d+:\d+: ([A-Z]+\d{3}) ", path.read_text("utf-8"), re.MULTILINE))
    return found


def test_every_code_has_the_stages_of_its_checks() -> None:
    assert [rule.code.id for rule in rules() if Stage.SPEC not in rule.code.stages] == []
    listed = {code for code, entry in CODES.items() if Stage.OUTPUT in entry.stages}
    assert listed == set(proofs())


def _listed(path: Path) -> list[str]:
    return re.findall(r'Code\("([A-Z]+\d{3})"', path.read_text("utf-8"))


def test_a_code_is_one_thing() -> None:
    """Two branches that took the same number meet in a module of codes/, or in the documentation alone."""
    listed = [(code, path.stem) for path in Path(codes.__file__).parent.glob("*.py") for code in _listed(path)]
    assert [code for code, times in Counter(code for code, _ in listed).items() if times > 1] == []
    assert sorted(code for code, _ in listed) == sorted(CODES)
    homes = {(code.rstrip("0123456789"), module) for code, module in listed}
    assert sorted(family for family, _ in homes) == sorted(book.FAMILIES), "a family in two modules"
    modules = [importlib.import_module(f"{pages.__name__}.{found.name}") for found in iter_modules(pages.__path__)]
    written = [code for module in modules for code in module.PAGES]
    written += [rule.code.id for rule in (*live_rules(), *node_rules())]
    assert [code for code, times in Counter(written).items() if times > 1] == []


def test_every_code_is_shown_or_comes_from_elsewhere() -> None:
    """What the live cluster and the node report is no finding of the compiler."""
    elsewhere = {code for code, entry in CODES.items() if {Stage.LIVE, Stage.NODE} & set(entry.stages)}
    assert sorted(set(CODES) - shown_by_tests() - elsewhere) == []


@pytest.mark.parametrize("page", RULES.values(), ids=RULES)
def test_the_documentation_is_complete(page: book.Page) -> None:
    assert 0 < len(page.title) <= 100
    assert page.title.endswith(".")
    assert page.code.family in book.FAMILIES
    assert re.search(r"^Source: .", page.doc, re.MULTILINE), "where is the fact from?"
    snippets = book.snippets(page)
    kinds = [snippet.kind for snippet in snippets]
    assert kinds == sorted(kinds)
    assert set(kinds) == {"Fails", "Passes"}
    for kind, text in snippets:
        # What the reader refuses is no YAML, or none that a loader takes.
        if kind == "Passes" or page.code.family != "YAML":
            assert yaml.safe_load(text) is not None, text


def test_the_pages_are_what_the_rule_book_says(capsys: Captured) -> None:
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
