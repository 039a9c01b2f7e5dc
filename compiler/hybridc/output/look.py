"""What lies in a folder, as it was seen at one moment: nothing is opened, and no link is followed."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

_MOUNTS = "/proc/self/mountinfo"


class Entry(NamedTuple):
    """``kind`` is ``file``, ``link``, ``folder`` (an empty one, or the folder that was looked at) or ``other``.

    ``inode`` is device and number, ``size`` in bytes, ``changed`` in nanoseconds; of an empty folder nothing counts.
    """

    kind: str
    inode: tuple[int, int] = (0, 0)
    size: int = 0
    changed: int = 0


class Look(NamedTuple):
    """``entries``: path below the folder → what is there, folders with something in them left out; "" is the folder.

    ``mounts`` are the folders and files where another file system begins, and ``locked`` folders of somebody else
    whose content this user may not remove.
    """

    entries: dict[str, Entry]
    mounts: list[str]
    locked: list[str]


def look(place: str) -> Look:
    """What is at ``place``: nothing, a folder with all that it holds, or something else. OSError: it cannot be read."""
    found = Look({}, [], [])
    if not os.path.lexists(place):
        return found
    top = os.lstat(place)
    found.entries[""] = _entry(top)
    if not stat.S_ISDIR(top.st_mode):
        return found
    found.entries[""] = Entry("folder", (top.st_dev, top.st_ino))
    found.mounts.extend(mounts(place))
    folders = [("", top)]
    while folders:
        below, state = folders.pop()
        inside = sorted(os.scandir(os.path.join(place, below)), key=lambda entry: entry.name)
        if inside and _is_locked(os.path.join(place, below), state):
            found.locked.append(below)
        if below and not inside:
            found.entries[below] = Entry("folder")
        for item in reversed(inside):
            path, state = os.path.join(below, item.name), item.stat(follow_symlinks=False)
            if not stat.S_ISDIR(state.st_mode):
                found.entries[path] = _entry(state)
                continue
            folders.append((path, state))
            if state.st_dev != top.st_dev and path not in found.mounts:
                found.mounts.append(path)
    return found


def _entry(state: os.stat_result) -> Entry:
    kind = "file" if stat.S_ISREG(state.st_mode) else "link" if stat.S_ISLNK(state.st_mode) else "other"
    return Entry(kind, (state.st_dev, state.st_ino), state.st_size, state.st_mtime_ns)


def _is_locked(folder: str, state: os.stat_result) -> bool:
    """Whether what is in a folder may not be removed. An owner can give himself the right, unless it is immutable."""
    me, may = os.geteuid(), os.access(folder, os.W_OK | os.X_OK)
    if state.st_uid == me:
        return not may and state.st_mode & 0o300 == 0o300
    return not may or (bool(state.st_mode & stat.S_ISVTX) and me != 0)


def mounts(folder: str) -> list[str]:
    """Where something is mounted below a folder ("": at the folder itself), as Linux says; [] where it does not.

    The number of the device does not tell: a folder of the same disk can be mounted (proc(5), mountinfo: the fifth
    field, with spaces, tabs, line ends and backslashes in octal).
    """
    try:
        with open(_MOUNTS, "rb") as file:
            table = file.read()
    except OSError:
        return []
    top = os.fsencode(os.path.realpath(folder))
    for odd in (b"\\", b" ", b"\t", b"\n"):
        top = top.replace(odd, b"\\%03o" % ord(odd))
    if b" " + top not in table:
        return []
    points = [line.split(b" ")[4] for line in table.splitlines()]
    below = {_plain(point[len(top) + 1 :]) for point in points if (point + b"/").startswith(top + b"/")}
    return sorted(below)


def _plain(point: bytes) -> str:
    for odd in (b" ", b"\t", b"\n", b"\\"):
        point = point.replace(b"\\%03o" % ord(odd), odd)
    return os.fsdecode(point)


def altered(seen: dict[str, Entry], old: str, new: str, foreign: frozenset[str]) -> list[str]:
    """Paths below ``old`` that are not any more what was ``seen``, and would be lost when ``new`` stands there.

    A foreign file of which ``new`` has a hard link is not lost, whatever is written to it.
    """
    now = look(old).entries
    changed = {path for path, entry in now.items() if path in seen and _differs(path, entry, seen, old, new, foreign)}
    return sorted(changed | (seen.keys() ^ now.keys()))


def _differs(path: str, now: Entry, seen: dict[str, Entry], old: str, new: str, foreign: frozenset[str]) -> bool:
    if now == seen[path]:
        return False
    if now.kind != seen[path].kind or now.kind == "folder":
        return True
    target = os.path.join(new, path)
    linked = os.path.lexists(target) and os.path.samestat(os.lstat(os.path.join(old, path)), os.lstat(target))
    # The number of a linked file may be another one than before: overlayfs copies it to the upper layer for the link.
    return not linked or (path not in foreign and now[2:] != seen[path][2:])
