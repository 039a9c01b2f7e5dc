"""Take what was in a folder before along into the new one, with everything that belongs to it."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress


def carry(source: str, target: str) -> None:
    """The same file in the new folder: a hard link, or a copy where there are none."""
    state = os.lstat(source)
    try:
        os.link(source, target, follow_symlinks=False)
        return
    except OSError:
        if not (stat.S_ISREG(state.st_mode) or stat.S_ISLNK(state.st_mode)):
            raise
    shutil.copy2(source, target, follow_symlinks=False)
    _own(target, state)


def keep(place: str, new: str, made: set[str], ours: frozenset[str]) -> None:
    """Give folders below ``new`` the owner, group and permissions that they had below ``place``.

    A folder that is not one of ``ours`` also keeps its times and its extended attributes.
    """
    for folder in sorted(made, reverse=True):
        source = place + folder.removeprefix(new)
        if os.path.islink(source) or not os.path.isdir(source):
            continue
        state = os.stat(source)
        _own(folder, state)
        if folder in ours:
            os.chmod(folder, stat.S_IMODE(state.st_mode))
        else:
            shutil.copystat(source, folder)


def _own(path: str, state: os.stat_result) -> None:
    """Owner and group as before, as far as this user may give them."""
    there = os.lstat(path)
    if (there.st_uid, there.st_gid) == (state.st_uid, state.st_gid):
        return
    for owner in ((state.st_uid, state.st_gid), (-1, state.st_gid)):
        with suppress(PermissionError):
            os.chown(path, *owner, follow_symlinks=False)
            return
