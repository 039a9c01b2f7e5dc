"""Every case of this folder is said as its file says; after a sync nothing is wrong; what is hidden is not guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.doctor.cases import SUBJECTS, read, spec, state, write
from tests.doctor.clusters import seen, synced
from tests.patched import patched
from tests.pinned import ROOT
from tests.preflight.cases import BASE, Case
from tests.preflight.clusters import compiled
from tests.preflight.test_cases import FITTING

from hybridc.cli.main import main
from hybridc.doctor import steps
from hybridc.doctor.answer import MARKS
from hybridc.doctor.run import examine
from hybridc.live.folder import dump
from hybridc.live.reads import LISTS, VERSION, Id

Golden = Callable[[Path, str], None]
Capture = pytest.CaptureFixture[str]
CASES = [case for subject in SUBJECTS for case in read(subject)]
EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/hybrid.yaml"))
ROW = re.compile(r"(?m)^  (wrong|waiting|not seen|by hand|ok) ")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795478400")  # 2026-11-24


def looked(case: Case, capsys: Capture, *flags: str) -> tuple[int, str]:
    """Exit code and table of ``hybridc doctor --from``."""
    Path("hybrid.yaml").write_text(spec(case), encoding="utf-8")
    dump(state(case), "seen")
    code = main(["doctor", "--from", "seen", "hybrid.yaml", *flags])
    return code, capsys.readouterr().out


def said(case: Case, capsys: Capture) -> str:
    """The rows that are neither ok nor by hand; exit code and width are as they should be."""
    code, text = looked(case, capsys)
    assert all(len(line) <= 100 for line in text.splitlines())
    blocks = re.split(r"(?m)^(?=  \S)", text)[1:]
    found = [re.sub(r"(?m)^\n[^ ].*\n|^\S.*\n", "", block).rstrip() for block in blocks]
    assert code == (1 if any(row.startswith("  wrong") for row in found) else 0)
    shown = [row for row in found if not row.startswith(("  ok ", "  by hand "))]
    return "".join(f"{row}\n" for row in shown)


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda path: path.stem)
def test_cases(subject: Path, golden: Golden, capsys: Capture) -> None:
    golden(subject, write([case._replace(said=said(case, capsys)) for case in read(subject)]))


@pytest.mark.parametrize("patch", FITTING.values(), ids=FITTING)
def test_after_a_sync_nothing_is_wrong(patch: str) -> None:
    found = compiled(patched(BASE, patch))
    rows = examine(found, seen(found, synced(found)))
    assert {row.mark for row in rows} <= {"ok", "by hand"}, [row for row in rows if row.mark not in ("ok", "by hand")]


@pytest.mark.parametrize("name", EXAMPLES)
def test_after_a_sync_of_an_example_nothing_is_wrong(name: str) -> None:
    found = compiled((ROOT / "examples" / name / "hybrid.yaml").read_text("utf-8"))
    rows = examine(found, seen(found, synced(found)))
    assert [row for row in rows if row.mark in ("wrong", "waiting")] == []


@pytest.mark.parametrize("patch", FITTING.values(), ids=FITTING)
def test_what_is_hidden_is_said_and_never_taken_for_absent(patch: str) -> None:
    found = compiled(patched(BASE, patch))
    items = synced(found)
    whole = seen(found, items)
    for each in (*whole.objects, *LISTS, VERSION):
        hidden = {each: "needs a right", Id(each.kind): "needs a right"}
        rows = examine(found, seen(found, items, hidden=hidden))
        assert {row.mark for row in rows} <= {"ok", "by hand", "not seen"}, each
        assert all("(needs a right)" in row.seen for row in rows if row.mark == "not seen"), each


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_step_has_an_answer_or_a_reason(name: str) -> None:
    found = compiled((ROOT / "examples" / name / "hybrid.yaml").read_text("utf-8"))
    rows = [row for row in examine(found, seen(found, synced(found))) if row.part == steps.PART]
    assert [row.subject for row in rows] == [step.id for step in found.bundle.steps]
    assert all(row.mark in MARKS and row.seen for row in rows)


def test_a_step_is_looked_at_or_has_a_reason_and_not_both() -> None:
    assert steps.SEEN.keys() & steps.BY_HAND.keys() == set()


def test_json(golden: Golden, capsys: Capture) -> None:
    case = next(case for case in CASES if case.name == "two-things")
    code, text = looked(case, capsys, "--format", "json")
    assert code == 1
    golden(Path(__file__).parent / "two-things.json", text)
    assert {row["mark"] for row in json.loads(text)["rows"]} <= set(MARKS)
