"""Write clusters' folders: stage all of them, then put each in its place in one step."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from hybridc.layout.lock import NAME as LOCK
from hybridc.layout.lock import is_safe
from hybridc.layout.tree import Tree
from hybridc.output import exchange
from hybridc.output.carry import carry, keep
from hybridc.output.compare import Difference
from hybridc.output.look import altered


class Altered(Exception):
    """Somebody has changed these paths of a cluster's folder while the build ran; that folder is as it was."""

    def __init__(self, cluster: str, paths: list[str]) -> None:
        super().__init__(cluster, paths)
        self.cluster = cluster
        self.paths = paths


class Writer:
    """Stages folders below ``out``; nothing is visible until :meth:`commit`. :meth:`abandon` takes it all back.

    ``placed`` names the clusters whose folder is new, ``waiting`` those whose new folder is not in its place yet;
    ``left`` are paths of old folders that cannot be removed.
    """

    def __init__(self, out: str) -> None:
        self.out = out
        self.placed: list[str] = []
        self.left: list[str] = []
        self._going: set[str] = set()
        self._staged: dict[str, Difference] = {}
        self._old: list[str] = []

    @property
    def waiting(self) -> list[str]:
        """Clusters that are staged."""
        return list(self._staged)

    def stage(self, cluster: str, tree: Tree, difference: Difference) -> None:
        """Build the new folder of a cluster beside its place; foreign files that are not in the way come along.

        Without a tree the folder is to go, unless foreign files stay.
        """
        if not difference:
            return
        if not tree:
            self._going.add(cluster)
        if "/" in cluster or not all(map(is_safe, (cluster, *tree))):
            raise ValueError(f"a path leaves the folder of {cluster}")
        new = exchange.staging(self.out, cluster)
        self._staged[cluster] = difference
        os.mkdir(new)
        _fill(new, self._place(cluster), tree, difference)

    def commit(self) -> None:
        """Put every staged folder in its place. :class:`Altered`: that one and those after it are as they were."""
        for cluster in self._staged:
            self._still(cluster, self._place(cluster), exchange.staging(self.out, cluster))
        for cluster in list(self._staged):
            with _uninterrupted():
                self._put(cluster)
            self._tidy()

    def _put(self, cluster: str) -> None:
        new = exchange.staging(self.out, cluster)
        old = exchange.put(new, self._place(cluster), lambda old, new: self._still(cluster, old, new))
        if cluster in self._going:
            with suppress(OSError):  # foreign files stay
                os.rmdir(self._place(cluster))
        del self._staged[cluster]
        self.placed.append(cluster)
        if old:
            self._old.append(exchange.aside(old))

    def _tidy(self) -> None:
        """Remove the folders that were there before."""
        while self._old:
            if not exchange.removed(self._old[-1]):
                self.left.append(self._old[-1])
            self._old.pop()

    def _still(self, cluster: str, old: str, new: str) -> None:
        """Whether the old folder is what the new one was made for."""
        difference = self._staged[cluster]
        if paths := altered(difference.seen, old, new, frozenset(difference.foreign)):
            raise Altered(cluster, paths)

    def _place(self, cluster: str) -> str:
        return os.path.join(self.out, cluster)

    def abandon(self) -> None:
        """Remove what is staged and not committed, and what is left of old folders."""
        self._tidy()
        for cluster in self._staged:
            with suppress(OSError):
                exchange.remove(exchange.staging(self.out, cluster))
        self._staged.clear()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until a folder is in its place and written down as such."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _fill(new: str, place: str, tree: Tree, difference: Difference) -> None:
    made = {new}
    same = set(difference.same)
    mode = _mode(os.path.join(place, LOCK))
    for path in tree:
        target = _target(new, path, made)
        if path in same:
            carry(os.path.join(place, path), target)
        else:
            _write(target, tree[path], _mode(os.path.join(place, path)) or mode)
    ours = frozenset(made)
    for path in difference.foreign:
        target = _target(new, path, made)
        if difference.seen[path].kind == "folder":
            _folder(target, made)
        else:
            carry(os.path.join(place, path), target)
    if difference.exists:
        keep(place, new, made, ours)


def _mode(path: str) -> int:
    """The permissions of a file that was there before, of which files that are new take them over; 0: none was."""
    with suppress(OSError):
        return os.lstat(path).st_mode & 0o777 if not os.path.islink(path) and os.path.isfile(path) else 0
    return 0


def _write(path: str, data: bytes, mode: int) -> None:
    """A new file. By the system's own calls: a file object costs as much as the file, and a fleet has thousands."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if mode and mode != os.fstat(descriptor).st_mode & 0o777:
            os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def _target(new: str, path: str, made: set[str]) -> str:
    target = f"{new}/{path}"
    _folder(target.rpartition("/")[0], made)
    return target


def _folder(path: str, made: set[str]) -> None:
    """Make a folder and those above it that are not ``made`` yet: however deep it lies."""
    missing = []
    while path not in made:
        missing.append(path)
        path = path.rpartition("/")[0]
    for folder in reversed(missing):
        os.mkdir(folder)
        made.add(folder)
