"""What the kernel sees: no verb opens a socket, or a file for writing beside what its command line names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.build.cli import GUIDE, clean_environment, run

pytestmark = pytest.mark.needs("root", "debian")
CALLS = "openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat"
CALLS += ",rmdir,mknod,mknodat,truncate,chmod,fchmodat,chown,lchown,fchownat,utimensat,socket,connect,bind"
HOMES = {
    "unset": "",
    "empty": "export HOME= XDG_CACHE_HOME= XDG_CONFIG_HOME=",
    "read-only": "mount -t tmpfs -o ro tmpfs home; export HOME=$PWD/home XDG_CACHE_HOME=$PWD/home/cache",
    "full": """
        mount -t tmpfs -o size=8k,nr_inodes=2 tmpfs home; dd if=/dev/zero of=home/filler 2>/dev/null || true
        export HOME=$PWD/home XDG_CACHE_HOME=$PWD/home
    """,
}
VERBS = {
    "build": ["build", str(GUIDE), "-o", "out", "--report", "report", "--format", "sarif"],
    "rebuild": ["build", str(GUIDE), "-o", "built", "--layout", "both"],
    "check": ["build", "--check", str(GUIDE), "-o", "built"],
    "validate": ["validate", str(GUIDE)],
    "init": ["init", "new.yaml"],
    "steps": ["steps", str(GUIDE), "--format", "sh"],
    "explain": ["explain", "NET001"],
    "explain a field": ["explain", "spec.terway"],
    "rules": ["rules"],
    "schema": ["schema"],
    "completion": ["completion", "bash"],
    "node-script": ["node-script", str(GUIDE)],
    "fmt": ["fmt", "--check", str(GUIDE)],
    "version": ["--version"],
    "help": ["--help"],
    "wrong": ["validate", "none.yaml"],
}
NAMED = ("out", "built", "report", "new.yaml", ".hybridc-")
READS = re.compile(r"open(?:at)?\((?!.*(?:O_WRONLY|O_RDWR|O_CREAT|O_TRUNC)).*")


def traced(folder: Path, home: str, words: list[str]) -> tuple[list[str], list[str]]:
    """The calls that changed a file, and those for a socket; each a line of strace with the paths of descriptors."""
    log = folder / "trace"
    command = ["strace", "-f", "-y", "-qq", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(log), *words]
    script = f'cd {folder}; mkdir -p home; {home}\nexec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-euc", script, "sh", *command],
        env={**clean_environment(), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1, 2), done.stderr
    lines = [line.split(" ", 1)[1].lstrip() for line in log.read_text().splitlines()]
    sockets = [line for line in lines if line.startswith(("socket(", "connect(", "bind("))]
    writes = [line for line in lines if line not in sockets and not READS.match(line)]
    return writes, [re.sub(r"\d+<socket:\[\d+\]>|= \d+<.*", "", line) for line in sockets]


def paths(call: str, folder: Path) -> Iterator[Path]:
    """Every path that a call names, from the folder that it starts in."""
    for start, path in re.findall(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"', call):
        yield Path(os.path.normpath(os.path.join(start or folder, path)))


@pytest.mark.parametrize("home", HOMES.values(), ids=HOMES.keys())
def test_no_verb_writes_elsewhere_or_opens_a_socket(home: str, tmp_path: Path) -> None:
    python = [sys.executable, "-c", "pass"]
    (tmp_path / "none").mkdir()
    _, known = traced(tmp_path, home, python)  # Python itself asks who one is, when HOME does not say it
    assert run("build", GUIDE, "-o", tmp_path / "built").code == 0
    for verb, words in VERBS.items():
        writes, sockets = traced(tmp_path, home, [sys.executable, "-m", "hybridc", *words])
        assert sockets == known, verb
        for call in writes:
            for path in paths(call, tmp_path):
                inside = path.is_relative_to(tmp_path) and str(path.relative_to(tmp_path)).startswith(NAMED)
                assert inside or path in (tmp_path / "out", Path("/dev/null")), f"{verb}: {call}"
        assert bool(writes) == (verb in ("build", "rebuild", "init")), f"{verb}: {writes}"


def test_a_write_elsewhere_is_seen(tmp_path: Path) -> None:
    """The test above can fail: what it looks for is there when somebody writes and opens a socket."""
    program = "import socket; open('stray', 'w'); socket.socket()"
    writes, sockets = traced(tmp_path, HOMES["full"], [sys.executable, "-c", program])
    assert [str(path) for call in writes for path in paths(call, tmp_path)] == [str(tmp_path / "stray")]
    assert len(sockets) == 1
