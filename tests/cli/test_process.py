"""hybridc among other programs: streams, signals, and what happens when it has a bug."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from tests.bare import written_bare
from tests.cli.programs import COMMAND, ENVIRONMENT, GUIDE, hybridc

from hybridc.cli import main as cli
from hybridc.report.reporter import FORMATS

Capture = pytest.CaptureFixture[str]
KEPT: list[TemporaryDirectory[str]] = []
"""What goes with the process."""


@cache
def warned() -> Path:
    """A spec in a folder of the test's own run."""
    KEPT.append(TemporaryDirectory(prefix="hybridc-process-"))
    return written_bare(Path(KEPT[-1].name))


def shell(command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A bash command in which $H is hybridc, and $GUIDE a spec that is warned of."""
    environment = {**ENVIRONMENT, "H": " ".join(COMMAND), "GUIDE": str(warned())}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_standard_input_is_a_spec() -> None:
    done = hybridc("validate", "-", stdin=GUIDE.read_bytes())
    assert (done.returncode, done.stdout) == (0, "-: valid\n")
    done = hybridc("validate", "-", stdin=b"a: 1\na: 2\n")
    assert done.returncode == 2
    assert "-:2:1: YAML002 error" in done.stderr


def test_schema_is_json_for_other_tools(tmp_path: Path) -> None:
    done = hybridc("schema", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("shell_name", ["bash", "zsh"])
def test_completion(shell_name: str, tmp_path: Path) -> None:
    done = hybridc("completion", shell_name)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(word in done.stdout for word in ("build", "validate", "--check", "--shard", "explain"))
    assert "--debug" not in done.stdout
    if shell_name == "bash":
        script = tmp_path / "hybridc.bash"
        script.write_text(done.stdout)
        assert shell(f"source {script} && complete -p hybridc").returncode == 0


def test_json_on_stdout_is_nothing_but_json(tmp_path: Path) -> None:
    spec = tmp_path / "hybrid.yaml"
    spec.write_bytes(GUIDE.read_bytes().replace(b"type: calico", b"type: calcio"))
    for argv in (
        ["validate"],
        ["build", "-o", str(tmp_path / "out")],
        ["build", "--check", "-o", str(tmp_path / "out")],
    ):
        done = hybridc(*argv, "--format", "json", str(spec), str(tmp_path / "none.yaml"))
        assert done.returncode == 2
        codes = {finding["code"] for finding in json.loads(done.stdout)["diagnostics"]}
        assert {"SPEC004", "FILE001"} <= codes


@pytest.mark.parametrize(
    "command", ["$H schema | head -c 1", "$H validate $GUIDE 2>&1 | head -c 1", "$H explain | true"]
)
def test_a_reader_that_leaves_is_no_bug(command: str) -> None:
    done = shell(command)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "bug" not in done.stderr
    assert done.returncode in (0, 3)


FULL = "hybridc: error: standard output: No space left on device\n"


@pytest.mark.parametrize(
    "command", ["schema", "--version", "--help", "rules", "init -", "completion bash", "schema -h"]
)
def test_a_full_disk_behind_stdout_is_not_our_bug(command: str) -> None:
    done = shell(f"$H {command} > /dev/full")
    assert (done.returncode, done.stderr) == (3, FULL)


def test_a_full_disk_behind_stdout_is_not_the_folders_fault(tmp_path: Path) -> None:
    """Neither when the lines fit into a buffer, nor when they are written one by one."""
    for buffered in ("", "PYTHONUNBUFFERED=1 "):
        done = shell(f"{buffered}$H build $GUIDE > /dev/full", cwd=tmp_path)
        assert (done.returncode, "OUT004" in done.stderr, done.stderr.endswith(FULL)) == (3, False, True)
    assert shell("$H build --check $GUIDE", cwd=tmp_path).returncode == 0, "the folder itself is complete"


@pytest.mark.parametrize(
    "command",
    ["build --check $GUIDE", "build $GUIDE", "validate none.yaml", "validate $GUIDE", "--wrong", "nothing", ""],
)
@pytest.mark.parametrize("streams", ["2>/dev/full", ">/dev/full 2>&1", "2>&1 | true"])
def test_a_full_disk_behind_stderr_is_no_difference(command: str, streams: str, tmp_path: Path) -> None:
    """3 and not 1, which says that something differs; what could be said before the end has its own code."""
    if "--check" in command:
        assert shell("$H build $GUIDE", cwd=tmp_path).returncode == 0
    done = shell(f"$H {command} {streams}", cwd=tmp_path)
    assert done.returncode == 3 or "true" in streams
    assert done.returncode not in (1, 70, 120)
    assert done.stderr == ""


@pytest.mark.parametrize("reader", ["true", "head -c 1", "head -n 1"])
def test_a_build_whose_reader_leaves(reader: str, tmp_path: Path) -> None:
    done = shell(f"$H build $GUIDE | {reader}", cwd=tmp_path)
    assert (done.returncode in (0, 3), "OUT004" in done.stderr) == (True, False)
    assert shell("$H build --check $GUIDE", cwd=tmp_path).returncode == 0


def test_a_pipe_that_does_not_block_is_waited_for() -> None:
    """Whoever has started hybridc may have made it so; a slow reader then gets everything all the same."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    with subprocess.Popen([*COMMAND, "schema"], env=ENVIRONMENT, stdout=writes, stderr=subprocess.PIPE) as running:
        os.close(writes)
        time.sleep(1)
        with os.fdopen(reads, "rb") as pipe:
            text = pipe.read()
        assert running.stderr is not None
        assert (running.wait(), running.stderr.read()) == (0, b"")
    assert json.loads(text)["$schema"]


def test_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    """Findings are shown as ever; a report or a folder is written where it has a place."""
    for form in FORMATS:
        gone = f"mkdir gone && cd gone && rmdir ../gone && $H validate $GUIDE --format {form}"
        done = shell(gone, cwd=tmp_path)
        assert (done.returncode, "NET005" in (done.stderr if form == "text" else done.stdout)) == (0, True)
    build = f"mkdir gone && cd gone && rmdir ../gone && $H build $GUIDE --report {tmp_path}/x.sarif --format sarif -o"
    assert shell(f"{build} {tmp_path}/out", cwd=tmp_path).returncode == 0
    assert "NET005" in (tmp_path / "x.sarif").read_text()
    done = shell(f"{build} out", cwd=tmp_path)
    assert (done.returncode, "OUT004 error: No such file or directory" in done.stderr) == (3, True)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams(closed: str, tmp_path: Path) -> None:
    done = shell(f"$H build $GUIDE {closed}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "idc-hangzhou" / "SUMMARY.md").exists()
    assert shell(f"$H validate none.yaml {closed}", cwd=tmp_path).returncode == 2


def test_closed_standard_input_is_the_worlds_fault() -> None:
    done = shell("$H validate - <&-")
    assert done.returncode == 3
    assert "-:1:1: FILE003 error: cannot be read: standard input is closed" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "hybrid.yaml")
    writer = os.open(tmp_path / "hybrid.yaml", os.O_RDWR)  # a writer that never says anything
    # Tests in a shell's background inherit that Ctrl-C is ignored; a command that somebody types does not.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        [*COMMAND, "validate", "hybrid.yaml"], cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    ) as running:
        time.sleep(1)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=10)
    signal.signal(signal.SIGINT, before)
    os.close(writer)
    assert (running.returncode, said) == (130, "hybridc: interrupted\n")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """``broken(error)``: every verb raises this error."""

    def break_it(error: BaseException) -> None:
        def run(_: Any) -> int:
            raise error

        monkeypatch.setattr(cli, "_run", run)

    return break_it


def test_a_bug_is_short_and_says_where_to_report_it(broken: Callable[[BaseException], None], capsys: Capture) -> None:
    broken(KeyError("x" * 1000))
    assert cli.main(["schema"]) == 70
    said = capsys.readouterr()
    assert said.out == ""
    first, second = said.err.splitlines()
    assert first.startswith("hybridc: this is a bug: KeyError: ")
    assert len(first) < 400
    assert second.startswith("  help: run it again with --debug and report what it prints")


def test_debug_shows_where_it_happened(broken: Callable[[BaseException], None], capsys: Capture) -> None:
    broken(KeyError("x"))
    assert cli.main(["schema", "--debug"]) == 70
    assert re.match(r'  File "[^"]*main\.py", line \d+, in _', capsys.readouterr().err)


def test_a_bug_keeps_secrets(broken: Callable[[BaseException], None], capsys: Capture) -> None:
    secret = "a1b2c3" + "." + "0123456789abcdef"
    broken(ValueError(f"token {secret}"))
    cli.main(["schema"])
    assert secret not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (PermissionError(13, "Permission denied", "/x"), 3, "hybridc: error: /x: Permission denied\n"),
        (OSError(28, "No space left on device"), 3, "hybridc: error: No space left on device\n"),
        (KeyboardInterrupt(), 130, "hybridc: interrupted\n"),
        (RecursionError("too deep"), 70, None),
        (MemoryError(), 70, None),
    ],
)
def test_exit_codes(
    error: BaseException, code: int, said: str | None, broken: Callable[[BaseException], None], capsys: Capture
) -> None:
    broken(error)
    assert cli.main(["schema"]) == code
    assert said in (None, capsys.readouterr().err)


def test_debug_works_before_and_after_the_verb() -> None:
    assert hybridc("--debug", "validate", str(GUIDE)).returncode == 0
    assert hybridc("validate", "--debug", str(GUIDE)).returncode == 0


def test_output_is_utf_8_in_every_locale(tmp_path: Path) -> None:
    spec = tmp_path / "中文.yaml"
    spec.write_text("名: 值\n", encoding="utf-8")
    done = hybridc("validate", str(spec))
    assert 'unknown field "名"' in done.stderr
