"""On a terminal publish shows what takes its time, asks before it writes, and does what was answered."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

import pytest
from tests.lab.servers.exchange import Silence
from tests.pinned import ROOT
from tests.publish.cloud import Cloud


def on_a_terminal(cloud: Cloud, *words: str, answer: bytes = b"") -> tuple[int, str]:
    """Exit code, and what stands on the terminal; ``answer`` is typed when the first question stands there."""
    master, screen = os.openpty()
    command = [
        sys.executable,
        "-m",
        "hybridc",
        "publish",
        *words,
        str(cloud.folder / "hybrid.yaml"),
        *cloud.endpoints(),
    ]
    around = {**cloud.environment(cloud.root), "TERM": "xterm", "COLUMNS": "200", "PYTHONPATH": str(ROOT / "compiler")}
    shown = bytearray()
    with subprocess.Popen(command, stdin=screen, stdout=screen, stderr=screen, env=around, cwd=cloud.folder) as running:
        os.close(screen)
        with suppress(OSError):  # EIO: nobody has the other end any more
            while part := os.read(master, 4096):
                shown += part
                if answer and b"[y/N]" in shown:
                    os.write(master, answer)
                    answer = b""
        os.close(master)
        return running.wait(timeout=60), shown.decode()


def test_a_step_that_takes_its_time_is_shown(cloud: Cloud) -> None:
    cloud.oss.fault(Silence(), operation="GetBucketInfo")
    code, shown = on_a_terminal(cloud, "oss.bucket", "--yes", "--deadline", "4")
    assert "\r\x1b[Koss.bucket: 1 s" in shown
    assert code == 3
    assert "\r\x1b[Koss.bucket: failed" in shown.replace("\r\n", "\n"), "the line is taken away"


@pytest.mark.parametrize(("answer", "code", "writes"), [(b"y\n", 0, ["PutBucket"]), (b"n\n", 1, []), (b"\n", 1, [])])
def test_nothing_is_written_without_a_yes(cloud: Cloud, answer: bytes, code: int, writes: list[str]) -> None:
    done, shown = on_a_terminal(cloud, "oss.bucket", answer=answer)
    assert "+ bucket kubelet-idc-hangzhou in cn-hangzhou, private" in shown
    assert (done, cloud.writes()) == (code, writes)


def test_a_plan_asks_nothing(cloud: Cloud) -> None:
    code, shown = on_a_terminal(cloud, "oss.bucket", "--plan")
    assert (code, cloud.writes()) == (1, [])
    assert "[y/N]" not in shown
