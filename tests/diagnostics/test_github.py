"""GitHub workflow commands: one line a finding, everything escaped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hybridc.cli.main import main
from hybridc.diagnostic import Diagnostic, Place
from hybridc.report import github
from hybridc.report.excerpt import Report, show

ROOT = Path(__file__).resolve().parents[2]
PLACE = Place(3, 5, 3, 9)


def command(found: Diagnostic) -> str:
    return github.render([Report(found.path, show(None, [found]))])


def test_an_annotation_on_its_line_and_columns() -> None:
    found = Diagnostic("NET004", "error", "a/hybrid.yaml", PLACE, "it overlaps", "move it")
    assert command(found) == (
        "::error file=a/hybrid.yaml,line=3,col=5,endLine=3,endColumn=8,title=NET004%3A%3Ait overlaps"
        "::it overlaps%0Ahelp: move it\n"
    )


@pytest.mark.parametrize(("severity", "name"), [("error", "error"), ("warning", "warning"), ("info", "notice")])
def test_severities(severity: str, name: str) -> None:
    assert command(Diagnostic("X001", severity, "a", PLACE, "m", "h")).startswith(f"::{name} file=a,")


def test_nothing_breaks_out_of_its_place() -> None:
    found = Diagnostic("X001", "error", "a,b:c%.yaml", PLACE, "100%, a:b\r\n::error::x", "h\n::warning::y")
    line = command(found)
    assert line.count("\n") == 1
    assert "\r" not in line
    assert line.startswith("::error file=a%2Cb%3Ac%25.yaml,line=3,")
    assert line.endswith("::100%25, a:b\\r\\n::error::x%0Ahelp: h\\n::warning::y\n")


def test_no_columns_across_lines() -> None:
    line = command(Diagnostic("X001", "error", "a", Place(1, 4, 2, 2), "m", "h"))
    assert line.startswith("::error file=a,line=1,endLine=2,title=")


def test_standard_input_is_no_file() -> None:
    assert command(Diagnostic("X001", "error", "-", PLACE, "m", "h")).startswith("::error title=")


def test_no_secret() -> None:
    token = "abcdef" + ".0123456789abcdef"
    assert token not in command(Diagnostic("X001", "error", "a", PLACE, f"m {token}", f"h {token}"))


def test_the_verb(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["validate", "--format", "github", str(ROOT / "tests/diagnostics/ten-mistakes/hybrid.yaml")]) == 2
    said = capsys.readouterr()
    assert said.err == "", "the log of a job has both streams: nothing stands there twice"
    lines = said.out.splitlines()
    assert len(lines) >= 9
    annotation = re.compile(
        r"::(error|warning|notice) file=tests/diagnostics/ten-mistakes/hybrid\.yaml,line=\d+,col=\d+,"
    )
    assert all(annotation.match(line) for line in lines)
