"""A thread that reads, and who waits for it: what it asks for, as a line for a person."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_QUIET, _STEP = 1.0, 0.2
"""Seconds before the first line that says what is read, and between two of them."""


class Reading:
    """What a thread asks for at the moment, for another one that waits: the last request, and how many there were."""

    def __init__(self) -> None:
        self.path = ""
        self.requests = 0

    def asks(self, path: str) -> None:
        """A request begins."""
        self.path, self.requests = path, self.requests + 1

    def told(self, seconds: float) -> str:
        """A line for a person; "" before the first request, when a credential plugin may be asking something."""
        root, inside, rest = self.path.partition("/namespaces/")
        what = rest.partition("/")[2] if inside else root.rpartition("/")[2]
        return what and f"reading the cluster: {what}, request {self.requests}, {seconds:.0f} s"


def wait(worker: threading.Thread, seconds: float, reading: Reading, tell: Callable[[str], None] | None) -> None:
    """Wait for the thread, at most so long; ``tell`` takes what it asks for, from the second second on."""
    if tell is None:
        worker.join(seconds)
        return
    started = time.monotonic()
    worker.join(min(_QUIET, seconds))
    while worker.is_alive() and (spent := time.monotonic() - started) < seconds:
        if line := reading.told(spent):
            tell(line)
        worker.join(min(_STEP, seconds - spent))
