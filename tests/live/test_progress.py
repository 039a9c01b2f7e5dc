"""A cluster that takes longer than a second to read: a terminal shows what is read, and nobody else does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from tests.live.api import Api, Handler, by_resource, serving
from tests.preflight.cases import BASE
from tests.preflight.clusters import compiled, healthy

SPEC = BASE.read_text("utf-8")
VERBS = {
    "preflight": ["preflight", "{}"],
    "doctor": ["doctor", "{}"],
    "import": ["import"],
}


def on_a_terminal(folder: Path, words: list[str], **environment: str) -> str:
    """What a verb puts on a terminal behind stderr, while the Pods are late: until the line stands there, or 3 s."""
    (folder / "hybrid.yaml").write_text(SPEC, encoding="utf-8")
    shown, stands = bytearray(), threading.Event()

    def late(handler: Handler) -> bool:
        if handler.path.startswith("/api/v1/pods"):
            stands.wait(3)
        return False

    master, screen = os.openpty()
    with serving(Api(by_resource(healthy(compiled(SPEC).spec)), faults=[late])) as api:
        command = [sys.executable, "-m", "hybridc", *(word.format(folder / "hybrid.yaml") for word in words)]
        command.append(f"--kubeconfig={api.kubeconfig(folder)}")
        around = {**os.environ, "TERM": "xterm", "COLUMNS": "200", **environment}
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=screen, env=around) as running:
            os.close(screen)
            with suppress(OSError):  # EIO: nobody has the other end any more
                while part := os.read(master, 4096):
                    shown += part
                    if b"reading the cluster: pods" in shown:
                        stands.set()
            os.close(master)
            assert running.wait(timeout=60) in (0, 1)
    return shown.decode()


@pytest.mark.parametrize("words", VERBS.values(), ids=VERBS)
def test_a_terminal_shows_what_is_read(words: list[str], tmp_path: Path) -> None:
    shown = on_a_terminal(tmp_path, words)
    assert re.search(r"\r\x1b\[Kreading the cluster: pods, request [0-9]+, [0-9]+ s", shown), shown
    assert "\r\x1b[Klooked at http://" in shown.rpartition("reading the cluster")[2], "the line is taken away"


@pytest.mark.parametrize(
    "words", [["preflight", "{}", "--format=json"], ["preflight", "{}", "-q"], ["doctor", "{}", "--format=json"]]
)
def test_programs_and_who_wants_errors_alone_are_shown_none(words: list[str], tmp_path: Path) -> None:
    assert "reading" not in on_a_terminal(tmp_path, words)


def test_a_dumb_terminal_is_shown_none(tmp_path: Path) -> None:
    assert "\x1b" not in on_a_terminal(tmp_path, VERBS["import"], TERM="dumb")


def test_a_narrow_terminal_has_one_line(tmp_path: Path) -> None:
    shown = on_a_terminal(tmp_path, VERBS["import"], COLUMNS="34")
    assert {len(each) for each in re.findall(r"\x1b\[K(reading[^\r]*)", shown)} == {33}
