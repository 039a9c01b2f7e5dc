"""One build at a time works in a folder: another one waits and says so; what Ctrl-C ends says how far it came."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.build.cli import call, clean_environment, temporaries, written
from tests.output import faults
from tests.output.conftest import Cluster

WAITS = "hybridc: another build{} is at work in {}; waiting for its end\n"


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    """A build that runs beside this process."""
    words = [sys.executable, "-m", "hybridc", *map(str, arguments)]
    return subprocess.Popen(
        words, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0
    )


def line(running: subprocess.Popen[str]) -> str:
    assert running.stderr is not None
    return running.stderr.readline()


def test_waiting_is_said_with_who_is_waited_for(cluster: Cluster) -> None:
    held = os.open(cluster.out, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with started("build", cluster.spec, "-o", cluster.out) as waiting:
        assert line(waiting) == WAITS.format(f" (process {os.getpid()})", cluster.out)
        assert waiting.poll() is None
        os.close(held)
        assert waiting.wait() == 0


def test_a_short_wait_is_not_worth_a_word(cluster: Cluster) -> None:
    quick = cluster.build().err
    held = os.open(cluster.out, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with started("build", cluster.spec, "-o", cluster.out) as waiting:
        time.sleep(0.3)
        os.close(held)
        said = waiting.communicate()[1]
    assert (waiting.returncode, said) == (0, quick)


def test_a_document_stays_one(cluster: Cluster) -> None:
    held = os.open(cluster.out, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with started("build", cluster.spec, "-o", cluster.out, "--format", "json") as waiting:
        time.sleep(2)
        os.close(held)
        said, told = waiting.communicate()
    assert waiting.returncode == 0
    assert json.loads(said)["diagnostics"]
    assert "waiting for its end" in told


def test_waiting_ends_with_ctrl_c(cluster: Cluster) -> None:
    held = os.open(cluster.out, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with started("build", cluster.spec, "-o", cluster.out) as waiting:
        line(waiting)
        waiting.send_signal(signal.SIGINT)
        said = waiting.communicate(timeout=10)[1]
    signal.signal(signal.SIGINT, before)
    os.close(held)
    assert (waiting.returncode, said) == (130, "hybridc: interrupted\n")


def test_check_waits_for_nobody(cluster: Cluster) -> None:
    held = os.open(cluster.out, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    assert cluster.build("--check").code == 0
    os.close(held)


@pytest.mark.parametrize("at", range(4))
def test_ctrl_c_between_two_folders_says_which_are_new(tmp_path: Path, at: int) -> None:
    names = ("one", "two", "three")
    specs = [written(tmp_path, name, number) for number, name in enumerate(names)]
    out, log = tmp_path / "out", tmp_path / "log"
    assert call("build", *specs, "-o", out).code == 0
    for spec in specs:
        spec.write_text(spec.read_text().replace("elastic", "renamed"))
    arguments = ["build", *map(str, specs), "-o", str(out)]
    shutil.copytree(out, tmp_path / "before")
    moments = faults.moments(arguments, tmp_path)
    shutil.rmtree(out)
    (tmp_path / "before").rename(out)
    exchanges = [number for number, name in enumerate(moments, 1) if name == "ctypes.dlsym"]
    strike = exchanges[at] if at < len(exchanges) else exchanges[0] - 8
    code = faults.child(arguments, faults.strike(strike, faults.interrupt), log)
    new = [name for name in names if (out / name / "cloud/node-pools/renamed.json").exists()]
    old = [name for name in names if name not in new]
    assert len(new) == (at + 1) % 4
    waiting = f", as before: {', '.join(old)}" if old else ""
    state = f"new already: {', '.join(new)}{waiting}" if new else "nothing was changed"
    assert (code, log.read_text().endswith(f"hybridc: {state}\nhybridc: interrupted\n")) == (130, True), log.read_text()
    assert temporaries(out) == []
