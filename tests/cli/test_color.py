"""--color and --no-color, for every verb and wherever they stand."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

import pytest
from tests.bare import written_bare
from tests.build.cli import call
from tests.cli.programs import COMMAND, ENVIRONMENT

from hybridc.cli import say
from hybridc.words import columns as columns_of


@pytest.mark.parametrize(
    ("before", "after", "colored"),
    [
        ([], [], False),
        ([], ["--color", "always"], True),
        (["--color=always"], [], True),
        ([], ["--color", "always", "--no-color"], False),
        (["--no-color"], [], False),
    ],
)
def test_color(before: list[str], after: list[str], colored: bool, tmp_path: Path) -> None:
    done = call(*before, "validate", *after, written_bare(tmp_path))
    assert ("\x1b[" in done.err) is colored
    assert "\x1b[" not in call("validate", written_bare(tmp_path)).err, "one call says nothing of the next"


def test_the_environment_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in call("validate", written_bare(tmp_path)).err
    assert "\x1b[" not in call("validate", "--color=never", written_bare(tmp_path)).err
    assert "\x1b[" not in call("validate", "--format", "json", written_bare(tmp_path)).out


@pytest.mark.parametrize(
    ("columns", "tty", "width"), [("70", True, 70), ("70", False, 0), ("x", True, 0), ("", True, 0)]
)
def test_the_width_is_that_of_the_terminal(
    columns: str, tty: bool, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return tty

    monkeypatch.setattr("sys.stderr", Stream())
    monkeypatch.setenv("COLUMNS", columns)
    assert say.terminal_width() == width


def test_an_excerpt_fits_into_the_terminal(tmp_path: Path) -> None:
    """A pseudo terminal of 60 columns, as script(1) gives it."""
    spec = written_bare(tmp_path)
    spec.write_text(spec.read_text().replace("name: elastic", f"name: elastic # {'x' * 200}"))
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    environment = {key: value for key, value in ENVIRONMENT.items() if key != "COLUMNS"} | {"NO_COLOR": "1"}
    with subprocess.Popen(
        [*COMMAND, "validate", spec], env=environment, stdout=subprocess.DEVNULL, stderr=follower
    ) as running:
        os.close(follower)
        said = b""
        with contextlib.suppress(OSError):
            while part := os.read(leader, 65536):
                said += part
    os.close(leader)
    excerpts = [line.rstrip() for line in said.decode().splitlines() if " | " in line[:10]]
    assert running.returncode == 0
    assert any("elastic" in line and line.endswith("…") for line in excerpts)
    assert max(map(columns_of, excerpts)) <= 60
