"""Servers as child processes: started, waited for, and stopped by their own process id."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Finds a pinned tool by name, and fails with the command that installs it.
Tools = Callable[[str], str]
# The kernel ends the child when we are killed ourselves.
_LEASH = ("setpriv", "--pdeathsig", "KILL", "--")


class LabError(Exception):
    """A server did not start, or did not do in time what was asked; the message holds its last words."""


def wait_for(what: str, ready: Callable[[], bool], seconds: float = 60, pause: float = 0.1) -> None:
    """Return once ``ready`` is true; raise LabError that names ``what`` after ``seconds``."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise LabError(f"{what}: not within {seconds:.0f} s")
        time.sleep(pause)


@dataclass(frozen=True)
class Process:
    """A running server and the file that holds what it says."""

    name: str
    child: subprocess.Popen[bytes]
    log: Path

    def wait(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Return once ``ready`` is true; raise LabError when the server ends first or takes longer."""

        def alive_and_ready() -> bool:
            if self.child.poll() is not None:
                raise LabError(f"{self.name} ended with {self.child.returncode}\n{self.last_words()}")
            return ready()

        try:
            wait_for(self.name, alive_and_ready, seconds)
        except LabError as error:
            raise LabError(f"{error}\n{self.last_words()}\nall of it: {self.log}") from None

    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def stop(self, patience: float = 5) -> None:
        """End it, politely first."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(patience)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


@contextmanager
def process(
    name: str, command: list[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Run ``command`` with its output in ``folder/NAME.log`` until the block ends; ``environment`` is added to ours.

    No server finds the caller's own kubeconfig, which may be that of a production cluster.
    """
    ours = {key: value for key, value in os.environ.items() if key != "KUBECONFIG"} | {"HOME": str(folder)}
    log = folder / f"{name}.log"
    with log.open("wb") as stream:
        child = subprocess.Popen(
            [*_LEASH, *command],
            cwd=folder,
            env=ours | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for us: we stop the servers in order.
            start_new_session=True,
        )
    running = Process(name, child, log)
    try:
        yield running
    finally:
        running.stop()
