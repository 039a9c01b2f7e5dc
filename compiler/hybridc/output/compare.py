"""What a folder holds, against what it should hold."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field

from hybridc.layout import lock as locks
from hybridc.layout.lock import Lock, NewerError, sha256
from hybridc.layout.tree import Tree
from hybridc.output import inventory
from hybridc.output.look import Entry, look

_LARGEST = 16 * 1024 * 1024
RENDERED = ("chart/templates/", "chart/charts/", "chart/crds/")
"""Where Helm reads whatever lies there."""


@dataclass
class Difference:
    """``added``, ``changed`` and ``removed`` are generated files; ``edited`` ones were changed by a person since.

    ``in_the_way`` are foreign files where a generated one belongs, or "" when something else stands in the place of
    the folder itself; ``foreign`` ones stay where they are.
    ``conflicted`` ones hold an unresolved merge, ``crlf`` ones another system's line ends, and neither a person's work.
    ``tool`` is the hybridc that wrote the folder ("": unknown). ``damaged`` says why the lock file cannot be read;
    ``newer``: a newer hybridc wrote it. ``seen`` is what was there when the folder was compared, ``mounts`` and
    ``locked`` are as in :class:`hybridc.output.look.Look`.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    in_the_way: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    rendered: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    conflicted: list[str] = field(default_factory=list)
    crlf: list[str] = field(default_factory=list)
    tool: str = ""
    damaged: str | None = None
    newer: bool = False
    exists: bool = False
    seen: dict[str, Entry] = field(default_factory=dict)
    mounts: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.edited or self.in_the_way or self.damaged)


def compare(folder: str, tree: Tree) -> Difference:
    """The difference between a cluster's folder and its tree (with lock file). OSError when it cannot be read."""
    seen = look(folder)
    found = Difference(exists=bool(seen.entries), seen=seen.entries, mounts=seen.mounts, locked=seen.locked)
    if not found.exists:
        found.added = list(tree)
        return found
    if seen.entries[""].kind != "folder":
        found.in_the_way, found.added = [""], list(tree)
        return found
    lock = _inventory(folder, found)
    on_disk = {path: entry.kind for path, entry in seen.entries.items() if path}
    for path, kind in on_disk.items():
        if path not in tree and path not in lock.files and path != locks.NAME:
            (found.in_the_way if _blocks(path, kind, tree) else found.foreign).append(path)
            if path.startswith(RENDERED):
                found.rendered.append(path)
        elif path not in tree:
            _stale(folder, path, kind, lock.files.get(path, ()), found)
    for path, data in tree.items():
        _wanted(folder, path, data, on_disk.get(path), lock, found)
    return found


def _inventory(folder: str, found: Difference) -> Lock:
    """The last inventory; an empty one when there is none, or none that can be used."""
    try:
        lock = inventory.read(folder) or Lock({})
        found.tool = lock.tool
        if locks.is_newer(lock.tool):
            found.damaged, found.newer = locks.newer_text(lock.tool), True
        found.conflicted += [locks.NAME] if lock.conflicted else []
        return lock
    except ValueError as error:
        found.damaged, found.newer = str(error), isinstance(error, NewerError)
        return Lock({})


def _wanted(folder: str, path: str, data: bytes, kind: str | None, lock: Lock, found: Difference) -> None:
    """Sort a file of the tree into the difference."""
    if kind is None:
        found.added.append(path)
        return
    if path == locks.NAME and found.damaged:
        found.changed.append(path)
        return
    digest = _digest(folder, path, kind)
    if digest == sha256(data):
        found.same.append(path)
    elif path == locks.NAME:
        found.changed.append(path)
    elif path not in lock.files:
        found.in_the_way.append(path)
    elif digest in lock.files[path] or _of_git(folder, path, kind, (sha256(data), *lock.files[path]), found):
        found.changed.append(path)
    else:
        (found.changed if lock.conflicted else found.edited).append(path)


def _stale(folder: str, path: str, kind: str, digests: tuple[str, ...], found: Difference) -> None:
    """A file of the last inventory that is not generated any more: only what hybridc wrote is removed."""
    ours = _digest(folder, path, kind) in digests or (digests and _of_git(folder, path, kind, digests, found))
    (found.removed if ours else found.edited).append(path)


def _of_git(folder: str, path: str, kind: str, digests: tuple[str, ...], found: Difference) -> bool:
    """Whether a file is another one because of Git alone: by its line ends, or by a merge that it could not do."""
    if kind != "file":
        return False
    with open(os.path.join(folder, path), "rb") as file:
        data = file.read(_LARGEST)
    if b"\r\n" in data and sha256(data.replace(b"\r\n", b"\n")) in digests:
        found.crlf.append(path)
        return True
    if _is_conflict(data):
        found.conflicted.append(path)
        return True
    return False


def _is_conflict(data: bytes) -> bool:
    """Whether the markers of a merge stand there, in their order."""
    wanted = [b"<<<<<<< ", b"=======", b">>>>>>> "]
    for line in data.split(b"\n"):
        if line.startswith(wanted[0]):
            wanted.pop(0)
        if not wanted:
            return True
    return False


def _digest(folder: str, path: str, kind: str) -> str:
    """The digest of a regular file; anything else equals no digest."""
    if kind != "file":
        return kind
    with open(os.path.join(folder, path), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _blocks(path: str, kind: str, tree: Tree) -> bool:
    """Whether a foreign file stands where the tree needs a folder, or a foreign folder where it needs a file."""
    if kind != "folder" and any(wanted.startswith(path + "/") for wanted in tree):
        return True
    parts = path.split("/")
    return any("/".join(parts[:n]) in tree for n in range(1, len(parts)))
