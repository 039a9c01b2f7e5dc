"""Setting up the tools on a machine where something is missing: a line each, with the command that brings it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.pinned import ROOT


def install(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """tools/install.py with an empty cache, and only what is in ``folder`` on PATH."""
    command = [sys.executable, str(ROOT / "tools" / "install.py"), *words]
    environment = {"PATH": str(folder), "HYBRIDC_CACHE": str(folder / "cache")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("go", "says"), [(None, "and there is no `go` on PATH"), ("go1.19.8", "bin/go is 1.19.8"), ("devel", "its version")]
)
def test_go(tmp_path: Path, go: str | None, says: str) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    if go:
        (folder / "go").write_text(f"#!/bin/sh\necho {go}\n")
        (folder / "go").chmod(0o755)
    done = install(folder, "shfmt", "helm3", "terway-chart")
    assert (done.returncode, done.stdout) == (3, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("hybridc: helm3, shfmt, terway-chart: ")
    assert says in line
    assert ": curl -fsSL https://go.dev/dl/go1." in line
    assert line.endswith("| sudo tar -C /usr/local -xz && export PATH=/usr/local/go/bin:$PATH")


def test_npm_and_go_are_two_lines(tmp_path: Path) -> None:
    done = install(tmp_path, "shfmt", "sarif-multitool")
    assert done.returncode == 3
    assert [line.split(":")[1] for line in done.stderr.splitlines()] == [" shfmt", " sarif-multitool"]
    assert done.stderr.endswith("sudo apt-get install -y --no-install-recommends npm\n")


def test_a_tool_that_nobody_knows(tmp_path: Path) -> None:
    done = install(tmp_path, "helm5")
    assert done.returncode == 2
    assert "no tool helm5; there are kubeconform, " in done.stderr
