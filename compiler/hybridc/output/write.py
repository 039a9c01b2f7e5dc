"""Write clusters' folders: stage all of them, then put each in its place in one step."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from hybridc.output import exchange
from hybridc.output.compare import Difference, Tree


@contextmanager
def locked(out: str) -> Iterator[None]:
    """Hold ``out`` for this run.

    It is made when it is missing (and removed again when nothing came of it); another run's end is waited for, and
    the rests of a killed run are cleaned up.
    """
    made = _make(out)
    descriptor = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        exchange.clean(out)
        yield
    finally:
        os.close(descriptor)
        for folder in made:
            with suppress(OSError):
                os.rmdir(folder)


def _make(folder: str) -> list[str]:
    """Make a folder with its parents; those that were missing, the innermost first."""
    missing: list[str] = []
    while folder and not os.path.lexists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        os.mkdir(path)
    return missing


class Writer:
    """Stages folders below ``out``; nothing is visible until :meth:`commit`. :meth:`abandon` takes it all back."""

    def __init__(self, out: str) -> None:
        self.out = out
        self.staged: list[str] = []

    def stage(self, cluster: str, tree: Tree, difference: Difference) -> None:
        """Build the new folder of a cluster beside its place; foreign files that are not in the way come along."""
        if difference:
            new = exchange.staging(self.out, cluster)
            os.mkdir(new)
            self.staged.append(cluster)
            _fill(new, os.path.join(self.out, cluster), tree, difference)

    def commit(self) -> None:
        """Put every staged folder in its place."""
        for cluster in list(self.staged):
            exchange.put(exchange.staging(self.out, cluster), os.path.join(self.out, cluster))
            self.staged.remove(cluster)

    def abandon(self) -> None:
        """Remove what is staged and not committed."""
        for cluster in self.staged:
            shutil.rmtree(exchange.staging(self.out, cluster), ignore_errors=True)
        self.staged.clear()


def _fill(new: str, place: str, tree: Tree, difference: Difference) -> None:
    if difference.exists:
        shutil.copymode(place, new)
    made = {new}
    for path in tree:
        target = _target(new, path, made)
        if path in difference.same:
            _carry(os.path.join(place, path), target)
        else:
            with open(target, "xb") as file:
                file.write(tree[path])
    for path in difference.foreign:
        _carry(os.path.join(place, path), _target(new, path, made))


def _target(new: str, path: str, made: set[str]) -> str:
    target = os.path.join(new, path)
    folder = os.path.dirname(target)
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
    else:
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)
