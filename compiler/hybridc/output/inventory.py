"""The lock file of a folder, read from disk: nothing that blocks, never ends or lies elsewhere."""

from __future__ import annotations

import os
import stat

from hybridc.layout.lock import NAME, Lock, parse

_LIMIT = 16 * 1024 * 1024


def read(folder: str) -> Lock | None:
    """The lock of a cluster's folder; None when there is none. ValueError when it cannot be used."""
    path = os.path.join(folder, NAME)
    return parse(_bytes(path)) if os.path.lexists(path) else None


def _bytes(path: str) -> bytes:
    """The content of a regular file of a size that makes sense."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise ValueError("it is not a regular file")
    with open(path, "rb", opener=_opener) as file:
        if os.fstat(file.fileno()).st_size > _LIMIT:
            raise ValueError(f"it is larger than {_LIMIT} bytes")
        return file.read(_LIMIT)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
