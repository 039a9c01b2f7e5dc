"""At most a hundred findings of a kind are shown, and nothing else of the result changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.build.cli import call, written

from hybridc.diagnostic import ERROR, MOST_ALIKE, WARNING, Diagnostic, Place, capped
from hybridc.report import sarif
from hybridc.report.excerpt import Report, Shown
from hybridc.report.reporter import MOST_RESULTS, Reporter

NUMBER = 250


def finding(line: int, code: str = "NET010", severity: str = ERROR) -> Diagnostic:
    return Diagnostic(code, severity, "hybrid.yaml", Place(line, 1, line, 2), f"finding {line}", "mend it")


def wrong(folder: Path) -> Path:
    """A spec with many violations of one kind."""
    numbers = ", ".join(map(str, range(NUMBER)))
    return written(folder, replaced={"nodeCIDRs: [192.168.0.0/24]": f"nodeCIDRs: [{numbers}]"})


def accepted(folder: Path, code: str = "ENI014") -> Path:
    """A spec with many warnings of one code, all of them accepted when that is ENI014."""
    keys = "".join(f"      zz{number}: 1\n" for number in range(NUMBER))
    text = f"  terway:\n    extraEniConf:\n{keys}"
    path = written(folder, replaced={"  terway:\n": text})
    ignore = f'\n  checks: {{ignore: [{{code: {code}, reason: "a fork of Terway"}}]}}\n'
    path.write_text(path.read_text(encoding="utf-8").rstrip() + ignore, encoding="utf-8")
    return path


def test_what_is_left_out_is_counted_and_has_its_severity() -> None:
    found = [finding(line) for line in range(1, NUMBER + 1)] + [finding(400, severity=WARNING)]
    *shown, rest, warning = capped(found)
    assert shown == found[:MOST_ALIKE]
    assert (rest.severity, rest.place.line, rest.stands_for) == (ERROR, MOST_ALIKE + 1, NUMBER - MOST_ALIKE)
    assert f"{NUMBER - MOST_ALIKE} more findings of NET010" in rest.message
    assert warning == found[-1]


@pytest.mark.parametrize("number", [MOST_ALIKE, MOST_ALIKE + 1])
def test_one_more_is_shown_as_it_is(number: int) -> None:
    found = [finding(line) for line in range(number)]
    assert capped(found) == found


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("text", r"(?m)^\S+: SPEC003 error"),
        ("json", '"code": "SPEC003"'),
        ("sarif", '"ruleId": "SPEC003"'),
        ("github", "(?m)^::error .*title=SPEC003"),
        ("junit", '<failure type="SPEC003"'),
    ],
)
def test_every_form_shows_a_hundred_and_one_for_the_rest(form: str, pattern: str, tmp_path: Path) -> None:
    done = call("validate", "--format", form, wrong(tmp_path))
    text = done.err if form == "text" else done.out
    assert done.code == 2
    assert len(re.findall(pattern, text)) == MOST_ALIKE + 1
    assert f"{NUMBER - MOST_ALIKE} more findings of SPEC003 are left out" in text


def test_the_sum_counts_all_of_them(tmp_path: Path) -> None:
    assert f"\n{NUMBER} errors" in call("validate", wrong(tmp_path)).err


def test_json_says_how_many_an_entry_stands_for(tmp_path: Path) -> None:
    done = call("validate", "--format", "json", wrong(tmp_path))
    found = json.loads(done.out)["diagnostics"]
    assert sum(one.get("count", 1) for one in found if one["code"] == "SPEC003") == NUMBER


def test_warnings_that_are_left_out_are_errors_with_strict(tmp_path: Path) -> None:
    spec = accepted(tmp_path, "OSS018")
    fine, strict = call("validate", spec), call("validate", "--strict", spec)
    assert (fine.code, strict.code) == (0, 2)
    assert f"({NUMBER}" not in fine.err
    assert re.search(
        rf"\({NUMBER + len(re.findall(' warning: ', fine.err)) - MOST_ALIKE - 1} by --strict\)", strict.err
    )


def test_an_acceptance_is_for_all_of_a_code(tmp_path: Path) -> None:
    done = call("validate", "--strict", accepted(tmp_path))
    assert "ENI014" not in done.err


def test_a_sarif_log_holds_as_many_results_as_are_taken_the_worst_of_them() -> None:
    warnings = [Shown(finding(line, "ENI014", WARNING), "", "") for line in range(1, MOST_RESULTS + 1)]
    error = Shown(finding(9000), "", "")
    run = json.loads(sarif.render([Report("hybrid.yaml", [*warnings, error])]))["runs"][0]
    assert len(run["results"]) == MOST_RESULTS
    assert run["results"][-1]["level"] == "error"
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert f"1 of {MOST_RESULTS + 1:,} results are left out" in note["message"]["text"]


def test_results_that_no_log_holds_are_not_kept_either() -> None:
    reporter = Reporter("sarif", None, keep=True)
    for number in range(3):
        reporter.take([finding(line)._replace(path=f"{number}.yaml") for line in range(MOST_RESULTS // 2)], None)
    run = json.loads(reporter.document())["runs"][0]
    assert len(run["results"]) == MOST_RESULTS
    assert [one["location"]["uri"] for one in run["artifacts"]] == ["0.yaml", "1.yaml", "2.yaml"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert f"{MOST_RESULTS // 2:,} of {MOST_RESULTS * 3 // 2:,} results" in note["message"]["text"]
