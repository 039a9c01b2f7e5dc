"""Say things: results on stdout, everything else on stderr."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO

STDOUT = "standard output"
_STDERR = "standard error"


class Unwritable(Exception):
    """Nothing can be written to a stream any more. No OSError: it is not about the files that a verb writes."""

    def __init__(self, stream: str, error: OSError) -> None:
        super().__init__(stream, error)
        self.stream = stream
        self.error = error


class _Raw(io.FileIO):
    """A stream of the process: waits for a slow reader, says once that it is full or closed, then takes anything."""

    def __init__(self, descriptor: int, name: str) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._called = name
        self._gone = False

    def write(self, data: Any) -> int:
        """All or a part of the bytes."""
        if self._gone:
            return len(data)
        try:
            while (written := super().write(data)) is None:
                _wait(self.fileno())
            return written
        except OSError as error:
            self._gone = True
            raise Unwritable(self._called, error) from None


def _wait(descriptor: int) -> None:
    """Until a pipe that does not block has room: whoever started this process shares it and made it so."""
    import select

    select.select([], [descriptor], [])


def prepare() -> None:
    """UTF-8 everywhere; a stream that the caller closed swallows what is written to it, one that is full says so."""
    for name, called in (("stdout", STDOUT), ("stderr", _STDERR)):
        stream = getattr(sys, name) or open(os.devnull, "w")  # noqa: SIM115
        if stream is getattr(sys, f"__{name}__"):
            stream = _own(stream, called)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        setattr(sys, name, stream)


def _own(stream: TextIO, called: str) -> TextIO:
    with suppress(OSError):
        stream.flush()
    lines = called == _STDERR or stream.isatty()
    raw = io.BufferedWriter(_Raw(stream.fileno(), called))
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", line_buffering=lines)


def out(text: str) -> None:
    """A line of the result."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stderr.write(text + "\n")


def color(stream: TextIO) -> bool:
    """Whether to use colour: on a terminal, unless NO_COLOR is set to anything (no-color.org) or it is dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
