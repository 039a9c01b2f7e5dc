"""--format, --report and --strict, the same for build and validate."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hybridc.cli.main import main
from hybridc.report.reporter import FORMATS

ROOT = Path(__file__).resolve().parents[2]
GUIDE, EVERYTHING = "examples/guide/hybrid.yaml", "examples/everything/hybrid.yaml"
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_a_file_and_text_for_people(tmp_path: Path, capsys: Captured) -> None:
    target = tmp_path / "findings.json"
    assert main(["validate", "--format", "json", "--report", str(target), GUIDE]) == 0
    assert "examples/guide/hybrid.yaml:12:16: NET005 warning: " in capsys.readouterr().err
    assert "NET005" in {found["code"] for found in json.loads(target.read_text("utf-8"))["diagnostics"]}
    assert os.listdir(tmp_path) == ["findings.json"]


def test_text_goes_to_a_file_as_well(tmp_path: Path, capsys: Captured) -> None:
    target = tmp_path / "findings.txt"
    assert main(["validate", "--report", str(target), GUIDE]) == 0
    assert capsys.readouterr().err.startswith(target.read_text("utf-8"))


def test_a_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    assert main(["validate", "--format", "sarif", "--report", str(tmp_path / "link"), GUIDE]) == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").stat().st_size > 0


@pytest.mark.parametrize("path", ["nowhere/x.json", "examples", ""])
def test_a_file_that_cannot_be_is_said_before_anything_is_done(path: str, tmp_path: Path, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["build", GUIDE, "-o", str(tmp_path / "out"), "--format", "json", "--report", path])
    assert stopped.value.code == 2
    assert "argument --report: " in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_written_is_the_worlds_fault(capsys: Captured) -> None:
    assert main(["validate", "--format", "json", "--report", "/dev/full", GUIDE]) == 3
    assert capsys.readouterr().err.endswith("hybridc: error: cannot write /dev/full: No space left on device\n")


def test_strict_writes_nothing(tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "out"
    assert main(["build", "--strict", GUIDE, "-o", str(out)]) == 2
    shown = capsys.readouterr()
    assert "NET005 error: " in shown.err
    assert shown.err.splitlines()[-1].endswith(" by --strict)")
    assert shown.out == ""
    assert not out.exists()


def test_strict_holds_for_a_folder_that_is_fresh(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    assert main(["build", GUIDE, "-o", out]) == 0
    assert main(["build", "--check", GUIDE, "-o", out]) == 0
    assert main(["build", "--check", "--strict", GUIDE, "-o", out]) == 2
    assert main(["build", "--strict", GUIDE, "-o", out]) == 2


def test_strict_stops_all_specs_of_the_call(tmp_path: Path) -> None:
    assert main(["build", "--strict", EVERYTHING, GUIDE, "-o", str(tmp_path / "out")]) == 2
    assert os.listdir(tmp_path) == []


def test_strict_is_content_when_every_warning_is_accepted(tmp_path: Path, capsys: Captured) -> None:
    main(["validate", "--format", "json", EVERYTHING])
    found = json.loads(capsys.readouterr().err)["diagnostics"]
    accepted = "".join(
        f"      - {{code: {code}, reason: accepted in this test}}\n"
        for code in sorted({item["code"] for item in found if item["severity"] == "warning"})
    )
    spec = tmp_path / "hybrid.yaml"
    spec.write_text(
        (ROOT / EVERYTHING).read_text("utf-8").replace("    ignore:\n", f"    ignore:\n{accepted}"), "utf-8"
    )
    assert main(["validate", "--strict", str(spec)]) == 0
    assert " error: " not in capsys.readouterr().err


def test_a_build_does_not_repeat_infos(tmp_path: Path, capsys: Captured) -> None:
    def shown(verb: str, *flags: str) -> str:
        assert main([verb, *flags, EVERYTHING]) == 0
        return capsys.readouterr().err

    infos = len(re.findall(r": [A-Z]+\d+ info: ", shown("validate")))
    text = shown("build", "-o", str(tmp_path / "out"))
    assert re.findall(r": [A-Z]+\d+ info: ", text) == []
    assert shown("build", "-o", str(tmp_path / "out"), "--format", "github").count("::notice ") == infos


def test_where_to_learn_more_is_said_once(capsys: Captured) -> None:
    main(["validate", GUIDE])
    see = [line for line in capsys.readouterr().err.splitlines() if line.startswith("see: ")]
    assert len(see) == 1
    assert re.fullmatch(r"see: hybridc explain [A-Z]+\d+( \(or .*\))?", see[0])


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_bytes_every_time(form: str, capsys: Captured) -> None:
    runs = []
    for _ in range(2):
        main(["validate", "--format", form, GUIDE, "tests/diagnostics/ten-mistakes/hybrid.yaml"])
        runs.append(capsys.readouterr().err)
    assert runs[0] == runs[1]
    assert "\r" not in runs[0]


@pytest.mark.parametrize("form", FORMATS)
def test_only_the_module_of_the_format_is_loaded(form: str) -> None:
    program = (
        "import sys; from hybridc.cli.main import main; "
        f"main(['validate', '--format', '{form}', '{GUIDE}']); "
        "print(*sorted(m for m in sys.modules if m.startswith(('hybridc.report.', 'xml'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT / "compiler")},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    renderers = {f"hybridc.report.{module}" for module in FORMATS.values()} - {"hybridc.report.text"}
    assert loaded & renderers == {f"hybridc.report.{FORMATS[form]}"} & renderers
    assert not any(name.startswith("xml") for name in loaded)
