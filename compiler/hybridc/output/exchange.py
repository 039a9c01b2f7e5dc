"""Put a finished folder in the place of another in one step."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count

from hybridc.output.look import mounts

# Names that are hybridc's own in an output folder: .<cluster> and one of these.
STAGING = ".hybridc-new"
OLD = ".hybridc-old"
_NEXT = ".hybridc-next-"  # and the inode of the folder that it is to replace
_GONE = ".hybridc-gone"  # and a number, when there is one already
_LEFT = re.compile(r"\.(?P<cluster>.*)(?P<suffix>\.hybridc-(?:new|old|gone(?:-\d+)?|next-(?P<inode>\d+)))", re.DOTALL)
_RENAME_EXCHANGE = 2
_AT_FDCWD = -100
_UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM, errno.EXDEV)

Still = Callable[[str, str], None]
"""Raises when the old folder (first) is not any more what was compared with the new one (second)."""


def staging(out: str, cluster: str) -> str:
    """Where the new folder of a cluster is built: beside its place, so that a rename is enough."""
    return os.path.join(out, f".{cluster}{STAGING}")


def put(new: str, place: str, still: Still) -> str | None:
    """Move ``new`` to ``place``; where the folder that was there is now, None when there was none.

    What ``still`` raises, and OSError: nothing has changed.
    """
    if not os.path.lexists(place):
        try:
            os.rename(new, place)
            return None
        except OSError:
            if not os.path.lexists(place):  # what has come to that place meanwhile is looked at next
                raise
    if _exchange(new, place):
        return _unless(still, new, place, lambda: _exchange(new, place))
    old = new.removesuffix(STAGING) + OLD
    try:
        os.rename(place, old)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        still(place, new)
        _replace(new, place)
        return None
    try:
        os.rename(new, place)
    except OSError:
        os.rename(old, place)
        raise
    return _unless(still, old, place, lambda: _rename_back(new, place, old))


def _unless(still: Still, old: str, place: str, back: Callable[[], object]) -> str:
    """Where the old folder is, or ``back`` to where everything was."""
    try:
        still(old, place)
    except BaseException:
        back()
        raise
    return old


def _rename_back(new: str, place: str, old: str) -> None:
    os.rename(place, new)
    os.rename(old, place)


def _replace(new: str, place: str) -> None:
    """For a folder that cannot be renamed: overlayfs refuses it for one of a lower layer (a ``COPY`` before a ``RUN``).

    The new one takes a name that tells the next run to complete this: the inode in it is none that a file from a
    repository can know.
    """
    after = f"{new.removesuffix(STAGING)}{_NEXT}{os.lstat(place).st_ino}"
    os.rename(new, after)
    remove(place)
    os.rename(after, place)


def remove(path: str) -> None:
    """Remove a folder with all that is in it, also folders that nobody may write to; a file or a link, as it is."""
    if os.path.islink(path) or not os.path.isdir(path):
        os.unlink(path)
        return
    if mounts(path):
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), path)
    try:
        shutil.rmtree(path)
    except (PermissionError, RecursionError):
        _remove_all(path)


def _remove_all(path: str) -> None:
    """Remove a folder however deep it is, and whatever its owner may not do there as it stands."""
    folders = [path]
    for folder in folders:  # it grows
        os.chmod(folder, 0o700)
        for entry in list(os.scandir(folder)):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            else:
                os.unlink(entry.path)
    for folder in reversed(folders):
        os.rmdir(folder)


def removed(path: str) -> bool:
    """Whether it is gone now."""
    with suppress(OSError):
        remove(path)
    return not os.path.lexists(path)


def aside(path: str) -> str:
    """Give what is to be removed a name that no run takes for a whole folder; that name, or the old one if it may not.

    ``path`` is one of hybridc's own names.
    """
    out, name = os.path.split(path)
    left = _LEFT.fullmatch(name)
    if left is None or left["suffix"].startswith(_GONE):
        return path
    stem = os.path.join(out, f".{left['cluster']}{_GONE}")
    names = (f"{stem}-{number}" if number else stem for number in count())
    gone = next(name for name in names if not os.path.lexists(name))
    with suppress(OSError):
        os.rename(path, gone)
        return gone
    return path


def _exchange(a: str, b: str) -> bool:
    """Exchange two folders atomically; False where the kernel or the file system cannot (then nothing has changed)."""
    import ctypes

    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if renameat2(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), b)


def clean(out: str) -> Iterator[str]:
    """Complete or remove what earlier runs have left in ``out``; gives what cannot be removed."""
    for name in sorted(os.listdir(out)):
        match = _LEFT.fullmatch(name)
        if match and os.path.lexists(os.path.join(out, name)):
            yield from _clean(out, match)


def _clean(out: str, left: re.Match[str]) -> Iterator[str]:
    """``place`` is missing only between the two renames of :func:`put`: the new folder is whole then."""
    cluster = left["cluster"]
    path, place, new = (os.path.join(out, name) for name in (left[0], cluster, f".{cluster}{STAGING}"))
    there = os.path.lexists(place)
    if left["inode"] and there and os.lstat(place).st_ino == int(left["inode"]):
        remove(place)
        there = False
    if left["suffix"] == OLD and not there:
        os.rename(new if os.path.lexists(new) else path, place)
    elif left["inode"] and not there:
        os.rename(path, place)
    if os.path.lexists(path) and not removed(rest := aside(path)):
        yield rest
