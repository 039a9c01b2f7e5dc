"""A wrong value in a spec is noticed: as a finding, or at least as another output."""

from __future__ import annotations

import pytest
from tests.mutation.mutate import mutations, typo
from tests.mutation.run import UNNOTICED, Verdict, table, verdicts

PORTION = 120


@pytest.fixture(scope="module")
def found() -> list[Verdict]:
    """The verdicts on the same portion of changes in every run."""
    return list(verdicts(sample=PORTION))


def test_no_change_makes_the_compiler_fall_over(found: list[Verdict]) -> None:
    assert [verdict.line for verdict in found if verdict.column == "crash"] == []


def test_what_goes_unnoticed_is_known(found: list[Verdict]) -> None:
    known = UNNOTICED.read_text("utf-8").splitlines()
    missed = [verdict.line for verdict in found if verdict.column == "nothing"]
    unknown = sorted(set(missed) - set(known))
    assert unknown == [], "close it, or: python3 tests/mutation/run.py --update, and review"


def test_most_changes_stop_the_build(found: list[Verdict]) -> None:
    stopped = sum(verdict.column == "error" for verdict in found)
    assert stopped / len(found) > 0.75, table(found)


def test_every_place_is_changed() -> None:
    places = {mutation.pointer for mutation in mutations({"a": [{"b": 1}], "c": "x"})}
    assert places == {"/a", "/a/0", "/a/0/b", "/c"}


def test_the_spec_itself_stays_as_it_is() -> None:
    data = {"a": [{"b": 1}], "c": "x"}
    changed = [mutation.data for mutation in mutations(data)]
    assert data == {"a": [{"b": 1}], "c": "x"}
    assert all(other != data for other in changed)


@pytest.mark.parametrize("word", ["hook", "aa", "a", "kubernetesVersion", "node-pools"])
def test_a_typo_is_another_word(word: str) -> None:
    assert typo(word) != word
