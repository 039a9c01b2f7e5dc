"""Write a file that the command line names: whole or not at all."""

from __future__ import annotations

import os
import stat


class Changed(OSError):
    """Somebody else wrote the file meanwhile."""


def replace(path: str, text: str, *, was: bytes | None = None) -> None:
    """Write a file in one step, with the permissions that it has; a pipe or a device is written to as it is.

    A symbolic link stays one. OSError when it cannot be written, then the file is as it was; :class:`Changed` when it
    does not hold ``was`` any more, which the text was made from.
    """
    data = text.encode("utf-8", "backslashreplace")
    if os.path.lexists(path) and not os.path.isfile(path):
        with open(path, "wb") as file:
            file.write(data)
        return
    target = os.path.realpath(path)
    fresh = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.{os.getpid()}")
    try:
        with open(fresh, "xb") as file:
            file.write(data)
        if os.path.exists(target):
            os.chmod(fresh, stat.S_IMODE(os.stat(target).st_mode))
        if was is not None:
            _compare(target, was)
        os.replace(fresh, target)
    except OSError:
        if os.path.lexists(fresh):
            os.unlink(fresh)
        raise


def _compare(path: str, was: bytes) -> None:
    with open(path, "rb") as file:
        if file.read(len(was) + 1) != was:
            raise Changed(None, "it changed on disk meanwhile", path)
