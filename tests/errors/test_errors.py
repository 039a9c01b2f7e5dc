"""Every mistake of this folder (cases.py) is said as its file says, by validate and by build.

Warnings and information that every such cluster gets are left out; acceptances (CHK…) are kept.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.errors.cases import CASES, SUBJECTS, Case, read, write

from hybridc.cli.main import main

SOURCES = Path(__file__).parents[2] / "compiler"
Golden = Callable[[Path, str], None]
Capture = pytest.CaptureFixture[str]

HEAD = re.compile(r"hybrid\.yaml:(\d+):\d+: ([A-Z]+)\d{3} (error|warning|info): ")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def errors(stderr: str) -> str:
    """The findings in ``stderr`` that are errors or about acceptances, whole; the sum at its end agrees with them."""
    findings = re.split(r"(?m)^(?=hybrid\.yaml:)", re.sub(r"(?m)^see: .*\n.*\n\Z", "", stderr))
    heads = [HEAD.match(finding) for finding in findings]
    kept = [(head, text) for head, text in zip(heads, findings, strict=True) if head and head[3] != "info"]
    count = sum(head[3] == "error" for head, _ in kept)
    assert re.search(rf"(?m)^{count} error{'s' if count > 1 else ''}\b", stderr)
    return "".join(text for head, text in kept if head[3] == "error" or head[2] == "CHK")


def said(case: Case, capsys: Capture, *verb: str) -> str:
    """What a verb says of a mistake: nothing on stdout, exit code 2."""
    Path("hybrid.yaml").write_text(case.spec, encoding="utf-8")
    assert main([*verb, "hybrid.yaml"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return errors(captured.err)


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda path: path.stem)
def test_mistakes(subject: Path, golden: Golden, capsys: Capture) -> None:
    golden(subject, write([case._replace(said=said(case, capsys, "validate")) for case in read(subject)]))


@pytest.mark.parametrize("name", CASES)
def test_build_says_the_same_and_writes_nothing(name: str, capsys: Capture) -> None:
    assert said(CASES[name], capsys, "build", "-o", "out") == CASES[name].said
    assert [path.name for path in Path().iterdir()] == ["hybrid.yaml"]


def test_the_program_says_the_same() -> None:
    Path("hybrid.yaml").write_text(CASES["ten-mistakes"].spec, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "hybridc", "validate", "hybrid.yaml"],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert errors(done.stderr) == CASES["ten-mistakes"].said


def test_ten_mistakes_are_ten_findings_in_file_order() -> None:
    lines = [int(head[1]) for head in HEAD.finditer(CASES["ten-mistakes"].said)]
    assert len(set(lines)) == len(lines) == 10
    assert lines == sorted(lines)


def test_every_code_can_be_looked_up(capsys: Capture) -> None:
    everything = "".join(case.said for case in CASES.values())
    codes = set(re.findall(r"^hybrid\.yaml:\d+:\d+: ([A-Z]+\d{3})", everything, re.MULTILINE))
    assert len(codes) > 50
    for code in codes:
        assert main(["explain", code]) == 0, code
        assert code in capsys.readouterr().out
