"""The examples that the documentation of a code publishes: every Fails shows the code, no Passes does.

Those of a spec are merge patches over base.yaml, those of an eni-config a file for ``--eni-config``, those of the
reader a whole file. <FAMILY>.txt is what a person sees of the Fails of a family, and behind ``also`` the other codes
that stand beside them. An example that is too long to be printed whole holds "…": test_variants.py or the tests of the
reader show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.patched import Shown, patched, validated, whole
from tests.rules.test_variants import CASES

from hybridc.codes import CODES
from hybridc.report import book

HERE = Path(__file__).parent
BASE = HERE / "base.yaml"
OF_BASE = ("CNI023", "CNI025", "NET020", "NET022", "NODE047")
CHECKED = [
    code for code, entry in CODES.items() if book.home(entry) in ("spec", "eni-config") or entry.family == "YAML"
]
OF_A_SPEC = [code for code in CHECKED if book.home(CODES[code]) == "spec"]
FAMILIES = list(dict.fromkeys(CODES[code].family for code in CHECKED))
Golden = Callable[[Path, str], None]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795478400")  # 2026-11-24


@cache
def shown(patch: str, home: str = "spec") -> list[Shown]:
    """What is shown of an example; the exit code agrees with it."""
    text = patched(BASE, patch) if home == "spec" else patch
    exit_code, found = validated(text, *(["--eni-config"] if home == "eni-config" else []))
    assert exit_code == (2 if "error" in {each.severity for each in found} else 0)
    return found


def shown_of(code: str, patch: str) -> list[Shown]:
    return shown(patch, book.home(CODES[code]))


def examples(code: str, kind: str) -> Iterator[str]:
    """The published examples of a code; instead of one that is not printed whole those of test_variants.py."""
    for snippet in book.snippets(book.page(code)):
        if snippet.kind == kind and "…" not in whole(snippet.text):
            yield snippet.text
        elif snippet.kind == kind:
            yield from (patch for patch, shows, _ in CASES.values() if shows == code)


def test_the_base_shows_what_calico_with_bgp_always_does() -> None:
    assert sorted({each.code for each in shown("{}")}) == sorted(OF_BASE)


@pytest.mark.parametrize("code", CHECKED)
def test_what_fails(code: str) -> None:
    fails = list(examples(code, "Fails"))
    assert fails or code not in OF_A_SPEC, "show what fails"
    for patch in fails:
        assert code in {each.code for each in shown_of(code, patch)}, patch


@pytest.mark.parametrize("code", CHECKED)
def test_what_passes(code: str) -> None:
    passes = list(examples(code, "Passes"))
    assert passes, "show what is right as well"
    for patch in passes:
        assert code not in {each.code for each in shown_of(code, patch)}, patch


@pytest.mark.parametrize("code", OF_A_SPEC)
def test_what_passes_has_no_other_error(code: str) -> None:
    for patch in examples(code, "Passes"):
        assert [each.text for each in shown(patch) if each.severity == "error"] == [], patch


@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_person_sees(family: str, golden: Golden) -> None:
    codes = [code for code in CHECKED if CODES[code].family == family]
    golden(HERE / f"{family}.txt", "\n".join(_seen(code, patch) for code in codes for patch in examples(code, "Fails")))


def _seen(code: str, patch: str) -> str:
    found = shown_of(code, patch)
    also = sorted({each.code for each in found} - {code, *OF_BASE})
    texts = "".join(each.text for each in found if each.code == code)
    return texts + (f"  also: {', '.join(also)}\n" if also else "")
