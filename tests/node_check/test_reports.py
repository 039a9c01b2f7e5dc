"""What a person sees of a report: reports.txt, a case a block; and files that are no report of the spec."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.patched import patched
from tests.preflight.clusters import compiled

from hybridc.cli.main import main
from hybridc.lower.node_check import digest
from hybridc.preflight.on_node import node_rules

HERE = Path(__file__).parent
BASE = HERE.parent / "rules" / "base.yaml"
CASES = HERE / "reports.txt"
Capture = pytest.CaptureFixture[str]
OK = {"look": "api-server", "about": "192.168.10.10:6443", "result": "ok", "seen": "HTTP 200"}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795478400")  # 2026-11-24


def report(spec: str, looks: list[dict[str, Any]], /, **head: Any) -> str:
    """A report of these looks, as the script writes it."""
    model = compiled(spec).spec
    first = {"hybridc": "node-report", "version": 1, "cluster": str(model.name), "spec": digest(model), "side": "cloud"}
    lines = [first | {"host": "node-1", "at": "2026-11-24T08:00:00Z"} | head, *looks, {"end": len(looks)}]
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)


def said(change: str, capsys: Capture) -> str:
    """What ``hybridc preflight --node-report`` says of a case; the exit code agrees with it."""
    data = yaml.safe_load(change)
    spec = patched(BASE, yaml.safe_dump(data.get("spec") or {}))
    looks = [dict(zip(("look", "about", "result", "seen"), look, strict=True)) for look in data["looks"]]
    Path("hybrid.yaml").write_text(spec, encoding="utf-8")
    Path("seen.json").write_text(report(spec, looks, side=data.get("side", "cloud")), encoding="utf-8")
    code = main(["preflight", "--node-report", "seen.json", "hybrid.yaml"])
    captured = capsys.readouterr()
    assert code == (1 if " error: " in captured.err else 0)
    assert captured.out == ("" if code else "hybrid.yaml: nothing in the way\n")
    return re.sub(r"(?m)^(see: .*|\d+ (error|warning|info).*)\n", "", captured.err)


def cases() -> list[tuple[str, str]]:
    """Name and change of each case."""
    blocks = re.split(r"(?m)^== ", CASES.read_text("utf-8"))[1:]
    return [(block.partition("\n")[0], block.partition("\n")[2].partition("\n\n")[0].rstrip("\n")) for block in blocks]


def test_cases(golden: Callable[[Path, str], None], capsys: Capture) -> None:
    golden(CASES, "\n".join(f"== {name}\n{change}\n\n{said(change, capsys)}" for name, change in cases()))


def test_every_code_has_a_case() -> None:
    shown = set(re.findall(r"(?m)^hybrid\.yaml:\d+:\d+: ([A-Z]+\d{3})", CASES.read_text("utf-8")))
    assert {rule.code.id for rule in node_rules()} <= shown


SPEC = patched(BASE, "{}")
GOOD = report(SPEC, [OK])
UNUSABLE = {
    "empty": ("", "is no report"),
    "another text": ("# hello\n", "is no report"),
    "a spec": (SPEC, "is no report"),
    "not UTF-8": ("\udcff", "is no report"),
    "nested": ("[" * 100_000, "is no report"),
    "a list": ("[]\n", "is no line of a report"),
    "a digit too many": ("9" * 5000, "is no report"),
    "broken off in a line": (GOOD[:-20], "broken off"),
    "broken off between lines": (GOOD[: GOOD.rindex("{")], "broken off"),
    "a line is missing": ("".join(GOOD.splitlines(keepends=True)[::2]), "broken off"),
    "a newer version": (report(SPEC, [OK], version=2), "another version"),
    "a version that is true": (report(SPEC, [OK], version=True), "another version"),
    "another cluster": (report(SPEC, [OK], cluster="other"), "is of the cluster other"),
    "another spec": (report(SPEC, [OK], spec="0" * 12), "another state of the spec"),
    "another side": (report(SPEC, [OK], side="moon"), "no side that is known"),
    "a head without host": (report(SPEC, [OK], host=None), "lacks host"),
    "a look without result": (report(SPEC, [OK | {"result": None}]), "lacks result"),
    "a result of its own": (report(SPEC, [OK | {"result": "fine"}]), "a result that is not known"),
    "too many": (report(SPEC, [OK] * 1500), "is no line of a report"),
    "too large": (report(SPEC, [OK | {"seen": "x" * 2_000_000}]), "too large"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_is_no_report_of_the_spec(name: str, capsys: Capture) -> None:
    text, words = UNUSABLE[name]
    Path("hybrid.yaml").write_text(SPEC, encoding="utf-8")
    Path("seen.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert main(["preflight", "--node-report", "seen.json", "hybrid.yaml"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("hybridc: error: seen.json")
    assert words in captured.err
    assert len(captured.err) < 1000


def test_a_file_that_is_not_there_or_a_folder(capsys: Capture) -> None:
    Path("hybrid.yaml").write_text(SPEC, encoding="utf-8")
    for path in ("gone.json", "."):
        assert main(["preflight", "--node-report", path, "hybrid.yaml"]) == 3
        assert f"cannot read {path}" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_hostile_words_are_data(form: str, capsys: Capture) -> None:
    """No control character, no command of a CI log and no secret gets through, and nothing grows without end."""
    words = "\x1b[31m\u202e\n::error::x ##[group] LTAI5tAbCdEfGhIjKlMnOpQr " + "y" * 5000
    looks = [
        {"look": name, "about": words, "result": "failed", "seen": words} for name in ("api-server", "peer", words)
    ]
    Path("hybrid.yaml").write_text(SPEC, encoding="utf-8")
    Path("seen.json").write_text(report(SPEC, looks, host=words, at=words), encoding="utf-8")
    assert main(["preflight", "--format", form, "--node-report", "seen.json", "hybrid.yaml"]) == 1
    captured = capsys.readouterr()
    shown = captured.err + captured.out
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", shown)
    assert not re.search("(?m)^::error::x", shown)
    assert "##[group]" not in shown
    assert "LTAI5tAbCdEfGhIjKlMnOpQr" not in shown
    assert len(shown) < 60_000


@pytest.mark.parametrize(
    "flags",
    [
        ["--node", "--node-report", "seen.json", "hybrid.yaml"],
        ["--node", "hybrid.yaml", "hybrid.yaml"],
        ["--node-report", "seen.json", "hybrid.yaml", "hybrid.yaml"],
        ["--node", "--from", ".", "hybrid.yaml"],
        ["--node-report", "seen.json", "--context", "a", "hybrid.yaml"],
        ["--node-report", "seen.json", "--report", "seen.json", "hybrid.yaml"],
    ],
)
def test_flags_that_do_not_fit(flags: list[str], capsys: Capture) -> None:
    Path("hybrid.yaml").write_text(SPEC, encoding="utf-8")
    Path("seen.json").write_text(GOOD, encoding="utf-8")
    assert main(["preflight", *flags]) == 2
    assert capsys.readouterr().err.startswith("hybridc: error: ")
    assert Path("seen.json").read_text("utf-8") == GOOD


def test_a_wrong_spec_is_said_as_such(capsys: Capture) -> None:
    Path("hybrid.yaml").write_text(SPEC.replace("192.168.10.10:6443", "nowhere"), encoding="utf-8")
    for flags in (["--node"], ["--node-report", "seen.json"]):
        assert main(["preflight", *flags, "hybrid.yaml"]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "hybrid.yaml:8:" in captured.err


def test_several_reports_are_judged_together(capsys: Capture) -> None:
    Path("hybrid.yaml").write_text(SPEC, encoding="utf-8")
    Path("a.json").write_text(GOOD, encoding="utf-8")
    failed = OK | {"result": "failed", "seen": "the name does not resolve"}
    Path("b.json").write_text(report(SPEC, [failed], side="idc", host="idc-1"), encoding="utf-8")
    assert main(["preflight", "--node-report", "a.json", "--node-report", "b.json", "hybrid.yaml"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("a.json: node-1, a cloud node")
    where = "the name does not resolve (seen on idc-1, an IDC node)"
    assert f"NODE050 error: api-server 192.168.10.10:6443: {where}" in err


def test_managed_nodes_have_a_script_too(capsys: Capture) -> None:
    """ACK's own script joins them, and the network has to let it."""
    Path("hybrid.yaml").write_text(
        patched(BASE, "{nodeInit: {mode: managed, join: null, oss: null}}"), encoding="utf-8"
    )
    code = main(["preflight", "--node", "hybrid.yaml"])
    captured = capsys.readouterr()
    assert (code, captured.err) == (0, "")
    assert "  look api-server " in captured.out
    assert not re.search("  look (script|token|repository|pause-image|mirror)", captured.out)
