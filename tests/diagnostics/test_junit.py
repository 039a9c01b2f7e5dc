"""JUnit XML: read back by an XML parser."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from hybridc.cli.main import main
from hybridc.diagnostic import Diagnostic, Place
from hybridc.report import junit
from hybridc.report.excerpt import Report, show
from hybridc.source.document import Document

ROOT = Path(__file__).resolve().parents[2]
PLACE = Place(1, 4, 1, 5)


def suites(*reports: Report) -> ElementTree.Element:
    return ElementTree.fromstring(junit.render(reports))


def report(*found: Diagnostic, line: str = "a: b") -> Report:
    return Report("a.yaml", show(Document("a.yaml", line), list(found)))


def test_a_spec_without_findings_is_one_test_that_passes() -> None:
    root = suites(Report("a.yaml", []))
    assert root.attrib == {"name": "hybridc", "tests": "1", "failures": "0", "errors": "0"}
    assert [case.attrib["name"] for case in root.iter("testcase")] == ["valid"]


def test_an_error_fails_and_a_warning_does_not() -> None:
    error = Diagnostic("NET004", "error", "a.yaml", PLACE, "it overlaps", "move it")
    warning = Diagnostic("NET005", "warning", "a.yaml", PLACE, "it may overlap", "look")
    root = suites(report(error, warning))
    suite = root.find("testsuite")
    assert suite is not None
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("2", "1")
    failed, passed = root.iter("testcase")
    assert failed.attrib == {
        "name": "NET004 1:4 it overlaps",
        "classname": "a.yaml",
        "file": "a.yaml",
        "line": "1",
    }
    failure = failed.find("failure")
    assert failure is not None
    assert failure.attrib == {"type": "NET004", "message": "it overlaps"}
    assert failure.text is not None
    assert failure.text.splitlines()[1:3] == ["     1 | a: b", "       |    ^"]
    assert passed.find("failure") is None
    assert "it may overlap" in (passed.findtext("system-out") or "")


@pytest.mark.parametrize("text", ['<&>"', "]]>", "\x00\x08\x1b\x7f\x85", "\ud800", "\ufffe", "tab\there", "é😀"])
def test_any_text_is_well_formed(text: str) -> None:
    found = Diagnostic("X001", "error", f"a{text}.yaml", PLACE, f"m{text}", f"h{text}")
    root = suites(Report(found.path, show(Document("a.yaml", text + "abc"), [found])))
    message = next(root.iter("failure")).attrib["message"]
    assert message == "m" + "".join(c if c.isprintable() or c == "\t" else ascii(c)[1:-1] for c in text)


def test_no_secret() -> None:
    token = "abcdef" + ".0123456789abcdef"
    found = Diagnostic("X001", "error", "a.yaml", PLACE, f"m {token}", f"h {token}")
    assert token not in junit.render([report(found, line=f"x: {token}")])


def test_the_verb(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    specs = ["examples/everything/hybrid.yaml", "tests/diagnostics/ten-mistakes/hybrid.yaml", "nowhere.yaml"]
    assert main(["validate", "--format", "junit", *specs]) == 2
    root = ElementTree.fromstring(capsys.readouterr().out)
    names = [suite.attrib["name"] for suite in root.iter("testsuite")]
    assert names == specs
    assert int(root.attrib["failures"]) >= 10
