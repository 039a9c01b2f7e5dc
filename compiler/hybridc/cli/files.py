"""Write a file that the command line names: whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress


class Changed(OSError):
    """Somebody else wrote the file meanwhile."""


def replace(path: str, text: str, *, force: bool = True, was: bytes | None = None) -> None:
    """Put a file at ``path``. A link there stays one; a pipe or a device is written to as it is.

    Without ``force`` a FileExistsError, unless the file is empty: such a one is what a full disk has left.
    OSError: the file is as it was. :class:`Changed`: it does not hold ``was`` any more, which the text was made from.
    """
    data = text.encode("utf-8", "backslashreplace")
    if not os.path.basename(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if force and os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as stream:
            stream.write(data)
        return
    if not force and os.path.lexists(path) and not _is_empty(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    target = os.path.realpath(path) if force else path
    fresh = _fresh(os.path.dirname(target))
    try:
        _fill(fresh, target, data)
        if was is not None:
            _compare(target, was)
        if force or _is_empty(target):
            os.replace(fresh, target)
        else:
            _put(fresh, target)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(fresh)


def _fresh(folder: str) -> str:
    """A file that is new and ours, with a short name: that of the target may be as long as one can be."""
    while True:
        path = os.path.join(folder, f".hybridc-{os.urandom(8).hex()}")
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            return path


def _fill(fresh: str, target: str, data: bytes) -> None:
    """Write it; permissions and, as far as one may, the owner are those of the file that it replaces."""
    with open(fresh, "wb") as file:
        file.write(data)
    if os.path.isfile(target) and not os.path.islink(target):
        before = os.stat(target)
        with suppress(PermissionError):
            os.chown(fresh, before.st_uid, before.st_gid)
        os.chmod(fresh, stat.S_IMODE(before.st_mode))


def _is_empty(path: str) -> bool:
    with suppress(FileNotFoundError):
        state = os.lstat(path)
        return stat.S_ISREG(state.st_mode) and state.st_size == 0
    return False


def _put(fresh: str, target: str) -> None:
    """Where nothing is yet: a hard link never replaces. A file system without them has a moment between the two."""
    try:
        os.link(fresh, target)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target) from None
        os.rename(fresh, target)


def _compare(path: str, was: bytes) -> None:
    with open(path, "rb") as file:
        if file.read(len(was) + 1) != was:
            raise Changed(None, "it changed on disk meanwhile", path)
