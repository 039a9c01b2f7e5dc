"""hybridc as a person runs it, and what it left on disk."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.bare import bare

from hybridc.cli.main import main

ROOT = Path(__file__).resolve().parent.parent.parent
COMPILER = ROOT / "compiler"
EXAMPLES = sorted((ROOT / "examples").glob("*/hybrid.yaml"))
GUIDE = ROOT / "examples" / "guide" / "hybrid.yaml"
LOCK = "hybridc.lock.json"


class Done(NamedTuple):
    """How a run ended."""

    code: int
    out: str
    err: str


def call(*arguments: str | Path) -> Done:
    """One run inside of this process: fast, since everything is imported already."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def clean_environment(**more: str) -> dict[str, str]:
    """An environment with nothing of the machine's in it but the search path."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(COMPILER), **more}


def run(
    *arguments: str | Path,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    python: str = sys.executable,
    before: tuple[str, ...] = (),
    umask: int = -1,
) -> Done:
    """One run as a process of its own; ``before`` are words in front of the command, such as ``unshare -n``."""
    done = subprocess.run(
        [*before, python, "-m", "hybridc", *map(str, arguments)],
        cwd=cwd,
        env=clean_environment() if environment is None else environment,
        umask=umask,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def spec(name: str = "idc-hangzhou", number: int = 0) -> str:
    """The guide's hybrid.yaml, with nothing accepted, under another name, with a registered cluster of its own."""
    text = bare()
    assert "idc-hangzhou" in text
    text = text.replace("idc-hangzhou", name)
    return text.replace("c0123456789abcdef0123456789abcdef", f"c{number:032x}")


def written(
    folder: Path, name: str = "idc-hangzhou", number: int = 0, replaced: Mapping[str, str] | None = None
) -> Path:
    """A spec file in ``folder``: :func:`spec` with some of its text replaced."""
    text = spec(name, number)
    for old, new in (replaced or {}).items():
        assert old in text
        text = text.replace(old, new)
    path = folder / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def tree(folder: Path) -> dict[str, bytes]:
    """Every path below a folder: the bytes of a file, ``-> target`` of a symlink, ``/`` of a folder."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            content = b"-> " + os.fsencode(os.readlink(path))
        elif stat.S_ISDIR(mode):
            content = b"/"
        else:
            content = path.read_bytes() if stat.S_ISREG(mode) else b"special"
        found[str(path.relative_to(folder))] = content
    return found


def temporaries(out: Path) -> list[str]:
    """What a run that did not end well has left beside the clusters' folders."""
    return sorted(path.name for path in out.iterdir() if path.name.startswith("."))
