"""Write clusters' folders: stage all of them, then put each in its place in one step."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from hybridc.layout.tree import Tree
from hybridc.output import exchange
from hybridc.output.compare import Difference


@contextmanager
def locked(out: str) -> Iterator[None]:
    """Hold ``out`` for this run.

    It is made when it is missing (and removed again when nothing came of it); another run's end is waited for, and
    the rests of a killed run are cleaned up.
    """
    made: list[str] = []
    descriptor = -1
    try:
        while not _is_there(out, descriptor):
            descriptor = _hold(out, made, descriptor)
        exchange.clean(out)
        yield
    finally:
        # Still held: whoever waits for the folder then finds out that it is gone.
        for folder in made:
            with suppress(OSError):
                os.rmdir(folder)
        if descriptor >= 0:
            os.close(descriptor)


def _hold(out: str, made: list[str], before: int) -> int:
    """A descriptor of the folder, locked; the one of the try before is given back."""
    if before >= 0:
        os.close(before)
    _make(os.path.abspath(out), made)
    descriptor = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


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


class Writer:
    """Stages folders below ``out``; nothing is visible until :meth:`commit`. :meth:`abandon` takes it all back."""

    def __init__(self, out: str) -> None:
        self.out = out
        self.staged: list[str] = []
        self.placed: list[str] = []
        self.going: set[str] = set()

    def stage(self, cluster: str, tree: Tree, difference: Difference) -> None:
        """Build the new folder of a cluster beside its place; foreign files that are not in the way come along.

        Without a tree the folder is to go, unless foreign files stay.
        """
        if not tree:
            self.going.add(cluster)
        if difference:
            new = exchange.staging(self.out, cluster)
            self.staged.append(cluster)
            os.mkdir(new)
            _fill(new, os.path.join(self.out, cluster), tree, difference)

    def commit(self) -> None:
        """Put every staged folder in its place."""
        for cluster in list(self.staged):
            place = os.path.join(self.out, cluster)
            exchange.put(exchange.staging(self.out, cluster), place)
            if cluster in self.going:
                with suppress(OSError):  # foreign files stay
                    os.rmdir(place)
            self.staged.remove(cluster)
            self.placed.append(cluster)

    def abandon(self) -> None:
        """Remove what is staged and not committed."""
        for cluster in self.staged:
            with suppress(OSError):
                exchange.remove(exchange.staging(self.out, cluster))
        self.staged.clear()


def _fill(new: str, place: str, tree: Tree, difference: Difference) -> None:
    made = {new}
    same = set(difference.same)
    for path in tree:
        target = _target(new, path, made)
        if path in same:
            _carry(os.path.join(place, path), target)
        else:
            _write(target, tree[path])
    for path in difference.foreign:
        _carry(os.path.join(place, path), _target(new, path, made))
    if difference.exists:
        _copy_modes(place, new, made)


def _write(path: str, data: bytes) -> None:
    """A new file. By the system's own calls: a file object costs as much as the file, and a fleet has thousands."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)


def _target(new: str, path: str, made: set[str]) -> str:
    target = f"{new}/{path}"
    folder = target.rpartition("/")[0]
    if folder not in made:
        os.makedirs(folder, exist_ok=True)
        made.add(folder)
    return target


def _carry(source: str, target: str) -> None:
    """The same file in the new folder: a hard link, or a copy where there are none."""
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
    elif os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
        shutil.copymode(source, target)
    else:
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)


def _copy_modes(place: str, new: str, made: set[str]) -> None:
    """Give the folders that were there before the permissions they had."""
    folders = {folder for path in made for folder in _with_parents(path, new)}
    for folder in sorted(folders, reverse=True):
        source = place + folder.removeprefix(new)
        if os.path.isdir(source) and not os.path.islink(source):
            shutil.copymode(source, folder)


def _with_parents(path: str, top: str) -> Iterator[str]:
    while len(path) > len(top):
        yield path
        path = os.path.dirname(path)
    yield top
