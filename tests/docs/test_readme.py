"""What README shows: the commands of the tour run in a fresh clone, and print what stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.pinned import ROOT

# Printed behind each command's output; the next command still sees its exit code.
MARK = "--- end of a command ---"


def blocks(page: str, heading: str) -> list[str]:
    """The console blocks of the section below ``heading``."""
    section = re.split(r"(?m)^## ", page.split(f"## {heading}\n")[1])[0]
    return re.findall(r"(?ms)^```console\n(.*?)^```$", section)


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each command behind a ``$``, and what it prints."""
    for part in re.split(r"(?m)^\$ ", block)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def pattern(output: str) -> str:
    """A line of … stands for any lines."""
    return "".join("(?s:.*)" if line == "…\n" else re.escape(line) for line in output.splitlines(keepends=True))


def shell(words: list[str], folder: Path) -> list[str]:
    """What each of the commands prints, on both streams."""
    script = "".join(f"{word}\ns=$?; printf '%s\\n' '{MARK}'; (exit $s)\n" for word in words)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout.split(f"{MARK}\n")[:-1]


def test_the_tour(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "build").mkdir()  # by make example
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [pair for block in blocks(page, "A tour of a minute") for pair in commands(block)]
    assert len(shown) >= 6
    for (command, wanted), printed in zip(shown, shell([command for command, _ in shown], tmp_path), strict=True):
        assert re.fullmatch(pattern(wanted), printed), f"$ {command}\n{printed}"
