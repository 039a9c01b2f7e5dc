"""Every fact says where it was seen, when, and what tests it; docs/facts.md shows them all."""

from __future__ import annotations

import re

from tests.catalog.fields import ROOT

from tools import facts_doc

FACTS = list(facts_doc.facts())


def test_every_entry_has_a_source_and_a_day() -> None:
    files = {path.name for path in facts_doc.CATALOG.iterdir() if path.is_file() and path.suffix != ".py"}
    assert {fact.file for fact in FACTS} | set(facts_doc.OURS) == files
    assert [fact for fact in FACTS if not re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", fact.seen)] == []


def test_every_state_is_one_that_the_page_explains() -> None:
    assert {fact.state for fact in FACTS} == {"read", "not established"}
    assert [fact for fact in FACTS if fact.tested and fact.state != "read"] == []


def test_an_inference_is_not_established() -> None:
    hedged = [fact for fact in FACTS if re.match(r"inferred|not checked", fact.source)]
    assert hedged
    assert {fact.state for fact in hedged} == {"not established"}


def test_what_tests_an_entry_is_a_test() -> None:
    named = {fact.tested for fact in FACTS if fact.tested}
    assert named
    assert [path for path in named if not re.search(r"^def test_", (ROOT / path).read_text("utf-8"), re.M)] == []


def test_the_page_is_that_of_the_catalog() -> None:
    assert facts_doc.main(["--check"]) == 0
