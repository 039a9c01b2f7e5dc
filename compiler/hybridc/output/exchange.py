"""Put a finished folder in the place of another in one step."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress

# Names that are hybridc's own in an output folder: .<cluster> and one of these.
STAGING = ".hybridc-new"
OLD = ".hybridc-old"
_RENAME_EXCHANGE = 2
_AT_FDCWD = -100
_UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM)


def staging(out: str, cluster: str) -> str:
    """Where the new folder of a cluster is built: beside its place, so that a rename is enough."""
    return os.path.join(out, f".{cluster}{STAGING}")


def put(new: str, place: str) -> None:
    """Move ``new`` to ``place``; what was there before is gone afterwards. OSError: nothing has changed."""
    if not os.path.lexists(place):
        os.rename(new, place)
        return
    if not _exchange(new, place):
        old = new.removesuffix(STAGING) + OLD
        os.rename(place, old)
        os.rename(new, place)
        new = old
    with suppress(OSError):  # the next run tries again
        remove(new)


def remove(path: str) -> None:
    """Remove a folder with all that is in it, also folders that nobody may write to; a file or a link, as it is."""
    if os.path.islink(path) or not os.path.isdir(path):
        os.unlink(path)
        return
    try:
        shutil.rmtree(path)
    except PermissionError:
        for folder, _, _ in os.walk(path):
            os.chmod(folder, 0o700)
        shutil.rmtree(path)


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


def clean(out: str) -> None:
    """Complete or remove what a run that was killed has left in ``out``."""
    for name in sorted(os.listdir(out)):
        if name.startswith(".") and name.endswith((STAGING, OLD)):
            _clean(out, name)


def _clean(out: str, name: str) -> None:
    """``place`` is missing only between the two renames of :func:`put`: the new folder is whole then."""
    suffix = STAGING if name.endswith(STAGING) else OLD
    cluster = name[1 : -len(suffix)]
    place, new, old = (os.path.join(out, n) for n in (cluster, f".{cluster}{STAGING}", f".{cluster}{OLD}"))
    if os.path.lexists(old) and not os.path.lexists(place):
        os.rename(new if os.path.lexists(new) else old, place)
    for rest in (new, old):
        if os.path.lexists(rest):
            remove(rest)
