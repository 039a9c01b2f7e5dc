"""One run at a time in an output folder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from hybridc.output import exchange

_PATIENCE = 1.0
_TRY_EVERY = 0.05
_LOCKS = "/proc/locks"


@contextmanager
def locked(out: str, waits: Callable[[int | None], None]) -> Iterator[list[str]]:
    """Hold ``out`` for this run; gives what earlier runs left there and cannot be removed.

    It is made when it is missing (and removed again when nothing came of it), and the rests of a killed run are
    cleaned up. Another run's end is waited for; after a second ``waits`` is told its process id, None: not known.
    """
    made: list[str] = []
    descriptor = -1
    try:
        while not _is_there(out, descriptor):
            descriptor = _hold(out, made, descriptor, waits)
        yield list(exchange.clean(out))
    finally:
        # Still held: whoever waits for the folder then finds out that it is gone.
        for folder in made:
            with suppress(OSError):
                os.rmdir(folder)
        if descriptor >= 0:
            os.close(descriptor)


def _hold(out: str, made: list[str], before: int, waits: Callable[[int | None], None]) -> int:
    """A descriptor of the folder, locked; the one of the try before is given back."""
    if before >= 0:
        os.close(before)
    _make(os.path.abspath(out), made)
    descriptor = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor, waits)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _lock(descriptor: int, waits: Callable[[int | None], None]) -> None:
    tries = int(_PATIENCE / _TRY_EVERY)
    for _ in range(tries):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(_TRY_EVERY)
    waits(_holder(descriptor))
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def _holder(descriptor: int) -> int | None:
    """Who holds a lock on this folder, as Linux lists it (proc(5), locks): one in another PID namespace is 0 there."""
    inode = str(os.fstat(descriptor).st_ino)
    with suppress(OSError), open(_LOCKS, encoding="ascii") as file:
        for words in map(str.split, file):
            if words[1] == "FLOCK" and words[5].rpartition(":")[2] == inode and int(words[4]) > 0:
                return int(words[4])
    return None


def _is_there(out: str, descriptor: int) -> bool:
    """Whether the folder that is held is the one at ``out``: a run that failed may have removed it meanwhile."""
    if descriptor < 0:
        return False
    with suppress(FileNotFoundError):
        return os.path.samestat(os.stat(out), os.fstat(descriptor))
    return False


def _make(folder: str, made: list[str]) -> None:
    """Make a folder with its parents; those that were missing are put in ``made``, the innermost first."""
    if os.path.isdir(folder):
        return
    _make(os.path.dirname(folder), made)
    with suppress(FileExistsError):  # by a run beside this one; the folder is opened next, which says if it is none
        os.mkdir(folder)
        made.insert(0, folder)
