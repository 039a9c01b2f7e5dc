"""Paths that cannot be read: exit code 2 when the path is wrong, 3 when the world is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hybridc.cli.main import main

SOURCES = Path(__file__).parents[2] / "compiler"
GUIDE = Path(__file__).parents[2] / "examples" / "guide" / "hybrid.yaml"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def validate(capsys: Capture, path: str) -> tuple[int, str]:
    """The exit code, and the finding without the lines behind it."""
    code = main(["validate", path])
    said = capsys.readouterr()
    assert said.out == ""
    return code, re.sub(r"(see: .*\n)?1 error\n\Z", "", said.err)


def test_no_such_file(capsys: Capture) -> None:
    code, said = validate(capsys, "hybrid.yaml")
    assert code == 2
    assert said == (
        "hybrid.yaml:1:1: FILE001 error: there is no such file\n  help: hybridc init writes a first hybrid.yaml\n"
    )


@pytest.mark.parametrize("typed", ["hybrid.yml", "hibrid.yaml", "Hybrid.yaml", "hybrid"])
def test_a_file_of_nearly_that_name(typed: str, capsys: Capture) -> None:
    Path("clusters").mkdir()
    Path("clusters/hybrid.yaml").touch()
    code, said = validate(capsys, f"clusters/{typed}")
    assert code == 2
    assert said.endswith("  help: did you mean clusters/hybrid.yaml?\n")


def test_a_folder(capsys: Capture) -> None:
    Path("idc").mkdir()
    assert validate(capsys, "idc") == (2, "idc:1:1: FILE002 error: this is a folder, not a file\n  help: name a file\n")
    Path("idc/hybrid.yaml").touch()
    assert validate(capsys, "idc")[1].endswith("  help: did you mean idc/hybrid.yaml?\n")


@pytest.mark.parametrize("path", ["file/hybrid.yaml", "x" * 300 + ".yaml", "loop", "", "no/such/folder/hybrid.yaml"])
def test_other_paths_that_lead_nowhere(path: str, capsys: Capture) -> None:
    Path("file").touch()
    Path("loop").symlink_to("loop")
    code, said = validate(capsys, path)
    assert code == 2
    assert "FILE001 error: there is no such file" in said


def test_no_permission() -> None:
    Path("hybrid.yaml").write_bytes(GUIDE.read_bytes())
    os.chmod("hybrid.yaml", 0)
    program = (
        "import contextlib, os, sys\n"
        "from hybridc.cli.main import main\n"
        "with contextlib.redirect_stderr(open(os.devnull, 'w')): main(['validate', 'none'])\n"  # loads everything
        "if os.getuid() == 0: os.setuid(65534)\n"
        "sys.exit(main(['validate', 'hybrid.yaml']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(
        "hybrid.yaml:1:1: FILE003 error: cannot be read: Permission denied\n  help: check its permissions\n"
    )


def test_a_pipe_without_a_writer_does_not_block(capsys: Capture) -> None:
    os.mkfifo("hybrid.yaml")
    code, said = validate(capsys, "hybrid.yaml")
    assert code == 2
    assert "YAML010 error: the file holds no document" in said


def test_a_pipe_is_read_to_its_end() -> None:
    slowly = 'sleep 0.3; head -c 500 "$1"; sleep 0.3; tail -c +501 "$1"'
    done = subprocess.run(
        ["bash", "-c", f'"$0" -m hybridc validate <({slowly})', sys.executable, str(GUIDE)],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(": valid\n")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full"])
def test_a_device_that_never_ends(device: str, capsys: Capture) -> None:
    code, said = validate(capsys, device)
    assert code == 2
    assert "YAML006 error: the file is larger than 1 MiB" in said


def test_a_name_cannot_write_to_the_terminal(capsys: Capture) -> None:
    code, said = validate(capsys, "\x1b[31mred\n.yaml")
    assert code == 2
    assert said.startswith("\\x1b[31mred\\n.yaml:1:1: FILE001")


def test_a_name_that_is_not_utf_8(capsys: Capture) -> None:
    name = os.fsdecode(b"\xff.yaml")
    Path(name).write_bytes(b"a: b\n")
    assert main(["validate", "--format", "json", name]) == 2
    assert '"file": "\\udcff.yaml"' in capsys.readouterr().out.encode(errors="backslashreplace").decode()


def test_one_bad_path_does_not_hide_the_findings_of_another(capsys: Capture) -> None:
    Path("a.yaml").write_text("a: 1\na: 2\n")
    assert main(["validate", "none.yaml", "a.yaml"]) == 2
    said = capsys.readouterr().err
    assert "none.yaml:1:1: FILE001" in said
    assert "a.yaml:2:1: YAML002" in said
