"""Processes that a thread started and nobody waits for any more: a credential plugin that hangs.

Linux alone says which thread a process is of (``/proc/PID/task/TID/children``); elsewhere none is found, and it is left
to end by itself.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

_PATIENCE = 0.5
"""Seconds between asking a process to end and ending it."""


def end(thread: int | None) -> bool:
    """End what a thread of this process (its native id) started, and what that started; whether there was any."""
    found = [] if thread is None else _below(f"/proc/self/task/{thread}")
    _tell(found, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE
    while any(map(_runs, found)) and time.monotonic() < deadline:
        time.sleep(0.01)
    _tell(found, signal.SIGKILL)
    return bool(found)


def _below(task: str) -> list[int]:
    """The processes below a task, each before those that it started."""
    try:
        with open(f"{task}/children", encoding="ascii") as file:
            own = [int(each) for each in file.read().split()]
    except (OSError, ValueError):
        return []
    return [each for child in own for each in (child, *_of_process(child))]


def _of_process(process: int) -> list[int]:
    tasks = f"/proc/{process}/task"
    with suppress(OSError):
        return [each for task in os.listdir(tasks) for each in _below(f"{tasks}/{task}")]
    return []


def _tell(processes: list[int], what: signal.Signals) -> None:
    for each in filter(_runs, processes):
        with suppress(OSError):
            os.kill(each, what)


def _runs(process: int) -> bool:
    """Whether it is there and no zombie; its number may be another process's only after it was waited for."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[:1] not in ([b"Z"], [b"X"], [])
    except OSError:
        return False
