"""What a person reads of many findings: the worst last, nothing twice, and as much as was asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.bare import bare
from tests.build.cli import Done, call

from hybridc.diagnostic import MOST_ALIKE, START, Diagnostic
from hybridc.report.digest import Digest
from hybridc.report.excerpt import Shown

HEAD = re.compile(r"(?m)^(\S+?):\d+:\d+: ([A-Z]+\d{3}) (error|warning|info): ")


def finding(code: str = "NET004", severity: str = "error", path: str = "a.yaml", message: str = "m") -> Shown:
    return Shown(Diagnostic(code, severity, path, START, message, "h"), "", "")


def digest(*found: Shown, **how: bool) -> str:
    taken = Digest(**how)
    for one in found:
        taken.take(one)
    return taken.text()


def specs(folder: Path, count: int, **changes: str) -> list[str]:
    """Specs that have the same warnings; ``changes`` replaces words."""
    paths = []
    for number in range(count):
        text = bare().replace("name: idc-hangzhou", f"name: c{number}")
        for old, new in changes.items():
            text = text.replace(old, new)
        path = folder / f"c{number}.yaml"
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return paths


def heads(done: Done) -> list[str]:
    return [match[3] for match in HEAD.finditer(done.err)]


def test_without_an_error_everything_is_shown_the_worst_last(tmp_path: Path) -> None:
    done = call("validate", *specs(tmp_path, 1))
    assert done.code == 0
    found = heads(done)
    assert found == sorted(found, key=["info", "warning", "error"].index)
    assert {"info", "warning"} == set(found)
    assert done.err.count("\n  help: ") == len(found)


def test_with_an_error_warnings_are_a_line_each_and_the_error_is_last(tmp_path: Path) -> None:
    done = call("validate", *specs(tmp_path, 1, calico="calcio"))
    assert done.code == 2
    assert heads(done) == ["warning"] * (len(heads(done)) - 1) + ["error"]
    assert len(heads(done)) > 5
    assert done.err.count("\n  help: ") == 1
    assert re.search(
        r"SPEC004 error: .*\n.*\n.*\n  help: .*\nsee: hybridc explain SPEC004\n"
        r"1 error, \d+ warnings; \d+ info, shown when there is no error\n\Z",
        done.err,
    )


def test_an_error_in_one_file_shortens_the_warnings_of_all(tmp_path: Path) -> None:
    good, bad = specs(tmp_path, 2)
    Path(bad).write_text(Path(bad).read_text().replace("10.200.1.253:6443", "10.200.1.253"), encoding="utf-8")
    done = call("validate", good, bad)
    assert (done.code, done.err.count("\n  help: ")) == (2, 1)


def test_the_same_finding_of_many_files_is_said_once(tmp_path: Path) -> None:
    done = call("validate", *specs(tmp_path, 30))
    alone = call("validate", *specs(tmp_path, 1))
    assert heads(done) == heads(alone)
    also = re.findall(r"(?m)^  and in 29 more files: (.*)$", done.err)
    assert len(also) == len(heads(done))
    assert set(also) == {", ".join(f"{tmp_path}/c{number}.yaml" for number in range(1, 21)) + ", …"}
    count = {word: int(number) for number, word in re.findall(r"(\d+) (warning|info)", alone.err.splitlines()[-1])}
    assert done.err.splitlines()[-1] == f"{count['warning'] * 30} warnings, {count['info'] * 30} info"


def test_two_places_of_one_file_are_two_findings() -> None:
    same = finding()
    assert digest(same, same).count("NET004 error: m") == 2
    assert digest(same, finding(path="b.yaml")).count("NET004 error: m") == 1


def test_a_line_says_how_many_more_files_have_it() -> None:
    text = digest(finding("NET005", "warning"), finding("NET005", "warning", "b.yaml"), finding())
    assert text.startswith("a.yaml:1:1: NET005 warning: m, and in 1 more file\n")


def test_of_a_code_no_more_than_some_are_kept() -> None:
    found = [finding(path=f"{number}.yaml", message=f"{number}") for number in range(1000)]
    text = digest(*found)
    assert len(HEAD.findall(text)) == MOST_ALIKE + 1
    assert f"{1000 - MOST_ALIKE - 1} more findings of NET004 are left out\n" in text
    assert text.endswith("\n1000 errors\n")


def test_quiet_is_errors_alone(tmp_path: Path) -> None:
    fine = call("validate", "-q", *specs(tmp_path, 2))
    assert fine == (0, "", "")
    wrong = call("validate", "--quiet", *specs(tmp_path, 2, calico="calcio"))
    assert (wrong.code, wrong.out, heads(wrong)) == (2, "", ["error"])
    assert re.fullmatch(r".* SPEC004 error: .*\n.*\n.*\n  help: .*\n  and in 1 more file: .*c1.yaml\n", wrong.err)


@pytest.mark.parametrize("verb", ["build", "fmt --check"])
def test_quiet_says_nothing_of_what_is_fine(verb: str, tmp_path: Path) -> None:
    more = ["-o", str(tmp_path / "out")] if verb == "build" else []
    assert call(*verb.split(), "-q", *specs(tmp_path, 1), *more)[1:] == ("", "")


def test_strict_and_quiet_show_what_stops_the_call(tmp_path: Path) -> None:
    done = call("validate", "-q", "--strict", *specs(tmp_path, 1))
    assert done.code == 2
    assert set(heads(done)) == {"error"}


def test_statistics_count_by_code(tmp_path: Path) -> None:
    done = call("validate", "--statistics", *specs(tmp_path, 3))
    *rows, total = done.err.splitlines()
    assert all(re.fullmatch(r" *\d+  [A-Z]+\d{3} +(info|warning) +[A-Za-z].*\.", row) for row in rows), rows
    assert "3  NODE006  warning" in done.err
    numbers = {word: sum(int(row.split()[0]) for row in rows if row.split()[2] == word) for word in ("warning", "info")}
    assert total == f"{numbers['warning']} warnings, {numbers['info']} info"


def test_statistics_of_nothing(tmp_path: Path) -> None:
    assert digest(statistics=True) == ""
    assert call("validate", "--statistics", "--format", "json", *specs(tmp_path, 1)).out.startswith("{")
