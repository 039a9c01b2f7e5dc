"""Every folder of mistakes/ is one mistake: hybrid.yaml, and stderr.txt with the errors as a person sees them.

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

from hybridc.cli.main import main

MISTAKES = Path(__file__).parent / "mistakes"
CASES = sorted(spec.parent.name for spec in MISTAKES.glob("*/hybrid.yaml"))
SOURCES = Path(__file__).parents[2] / "compiler"
Golden = Callable[[Path, str], None]
Capture = pytest.CaptureFixture[str]

HEAD = re.compile(r"hybrid\.yaml:(\d+):\d+: ([A-Z]+)\d{3} (error|warning|info): ")


def errors(stderr: str) -> str:
    """The findings in ``stderr`` that are errors or about acceptances, whole; the sum at its end agrees with them."""
    findings = re.split(r"(?m)^(?=hybrid\.yaml:)", re.sub(r"(?m)^see: .*\n.*\n\Z", "", stderr))
    heads = [HEAD.match(finding) for finding in findings]
    kept = [(head, text) for head, text in zip(heads, findings, strict=True) if head and head[3] != "info"]
    count = sum(head[3] == "error" for head, _ in kept)
    assert re.search(rf"(?m)^{count} error{'s' if count > 1 else ''}\b", stderr)
    return "".join(text for head, text in kept if head[3] == "error" or head[2] == "CHK")


@pytest.mark.parametrize("name", CASES)
def test_mistake(name: str, golden: Golden, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(MISTAKES / name)
    assert main(["validate", "hybrid.yaml"]) == 2
    validated = capsys.readouterr()
    assert validated.out == ""
    golden(MISTAKES / name / "stderr.txt", errors(validated.err))


@pytest.mark.parametrize("name", CASES)
def test_build_says_the_same_and_writes_nothing(
    name: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(MISTAKES / name)
    assert main(["build", "hybrid.yaml", "-o", str(tmp_path / "out")]) == 2
    built = capsys.readouterr()
    assert built.out == ""
    assert errors(built.err) == (MISTAKES / name / "stderr.txt").read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == []


def test_the_program_says_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hybridc", "validate", "hybrid.yaml"],
        cwd=MISTAKES / "ten-mistakes",
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert errors(done.stderr) == (MISTAKES / "ten-mistakes" / "stderr.txt").read_text(encoding="utf-8")


def test_ten_mistakes_are_ten_findings_in_file_order() -> None:
    said = (MISTAKES / "ten-mistakes" / "stderr.txt").read_text(encoding="utf-8")
    lines = [int(head[1]) for head in HEAD.finditer(said)]
    assert len(set(lines)) == len(lines) == 10
    assert lines == sorted(lines)


def test_every_code_can_be_looked_up(capsys: Capture) -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in MISTAKES.glob("*/stderr.txt"))
    codes = set(re.findall(r"^hybrid\.yaml:\d+:\d+: ([A-Z]+\d{3})", said, re.MULTILINE))
    assert len(codes) > 50
    for code in codes:
        assert main(["explain", code]) == 0, code
        assert code in capsys.readouterr().out
