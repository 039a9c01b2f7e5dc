"""A build in a child process that something happens to, just before the n-th thing it does to the file system.

Python announces every such thing to audit hooks; the hook of the child counts them and strikes.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from hybridc.cli.main import main

WATCHED = ("open", "os.", "shutil.", "ctypes.dlsym")


def kill() -> None:
    """As ``kill -9`` or the out-of-memory killer does."""
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt() -> None:
    """As Ctrl-C does."""
    os.kill(os.getpid(), signal.SIGINT)


def full_disk() -> None:
    """As a disk without space answers."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "file")


def child(arguments: list[str], before: Callable[[], object] = lambda: None, log: Path | None = None) -> int:
    """The exit code of a build in a forked child (minus the signal that ended it); ``before`` runs in the child."""
    pid = fork(arguments, before, log)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def fork(arguments: list[str], before: Callable[[], object], log: Path | None = None) -> int:
    """Start a build in a forked child; its process id."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 99
    try:
        descriptor = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        sys.stdout = sys.stderr = os.fdopen(descriptor, "w")
        signal.signal(signal.SIGINT, signal.default_int_handler)
        before()
        code = main(arguments)
        sys.stdout.flush()
    finally:
        os._exit(code)


def strike(at: int, what: Callable[[], None]) -> Callable[[], None]:
    """For ``before``: ``what`` happens just before the ``at``-th thing that is done to the file system."""

    def install() -> None:
        seen = 0

        def hook(event: str, _: tuple[object, ...]) -> None:
            nonlocal seen
            if event.startswith(WATCHED):
                seen += 1
                if seen == at:
                    what()

        sys.addaudithook(hook)

    return install


def moments(arguments: list[str], folder: Path) -> list[str]:
    """What a build does to the file system, by the names of the audit events."""
    log = folder / "moments"
    log.write_text("")

    def install() -> None:
        box = os.open(log, os.O_WRONLY | os.O_APPEND)

        def hook(event: str, _: tuple[object, ...]) -> None:
            if event.startswith(WATCHED):
                os.write(box, event.encode() + b"\n")

        sys.addaudithook(hook)

    assert child(arguments, install) == 0
    return log.read_text().split()
