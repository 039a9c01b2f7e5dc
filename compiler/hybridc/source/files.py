"""Read spec files; what is wrong with a path is a finding with an exit code."""

from __future__ import annotations

import errno
import os
import sys

from hybridc import exits
from hybridc.diagnostic import Diagnostic, of_file

_LIMIT = 1024 * 1024


class Unreadable(Exception):
    """A spec that cannot be read: the finding, and the exit code that it means."""

    def __init__(self, finding: Diagnostic, code: int) -> None:
        super().__init__(finding.message)
        self.finding = finding
        self.code = code


def read_spec(path: str) -> bytes:
    """The bytes of a spec, ``-`` is standard input. One byte more than the limit at most: the reader refuses that."""
    try:
        if path == "-":
            if sys.stdin is None:
                raise OSError(errno.EBADF, "standard input is closed")
            return sys.stdin.buffer.read(_LIMIT + 1)
        # A pipe without a writer would block for ever on open; a regular file does not mind.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return _all(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unreadable(path, error) from None


def _all(descriptor: int) -> bytes:
    found = bytearray()
    while len(found) <= _LIMIT:
        try:
            part = os.read(descriptor, _LIMIT + 1 - len(found))
        except BlockingIOError:
            os.set_blocking(descriptor, True)  # a pipe with a writer: it says something sooner or later
            continue
        if not part:
            break
        found += part
    return bytes(found)


def _unreadable(path: str, error: OSError) -> Unreadable:
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP):
        return Unreadable(of_file("FILE001", path, "there is no such file", _near(path)), exits.WRONG_INPUT)
    if isinstance(error, IsADirectoryError):
        advice = f"did you mean {os.path.join(path, 'hybrid.yaml')}?"
        if not os.path.exists(os.path.join(path, "hybrid.yaml")):
            advice = "name a file"
        return Unreadable(of_file("FILE002", path, "this is a folder, not a file", advice), exits.WRONG_INPUT)
    reason = error.strerror or type(error).__name__
    return Unreadable(
        of_file("FILE003", path, f"cannot be read: {reason}", "check its permissions"), exits.WORLD_FAILED
    )


def _near(path: str) -> str:
    """A file of the same folder that the path was meant to be."""
    from hybridc.words import nearest

    folder, name = os.path.split(path)
    try:
        meant = nearest(name, [entry for entry in os.listdir(folder or ".") if entry.endswith((".yaml", ".yml"))])
    except OSError:
        meant = None
    return f"did you mean {os.path.join(folder, meant)}?" if meant else "hybridc init writes a first hybrid.yaml"
