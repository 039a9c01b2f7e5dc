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


class _Stream(io.TextIOWrapper):
    """A stream of the process: says once that it is full or closed, and then takes anything."""

    def __init__(self, raw: io.FileIO, called: str, *, lines: bool) -> None:
        super().__init__(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=lines)
        self._called = called
        self._gone = False

    def write(self, text: str) -> int:
        """All of the text."""
        if self._gone:
            return len(text)
        try:
            return super().write(text)
        except OSError as error:
            raise self._lost(error) from None

    def flush(self) -> None:
        """Hand on what is kept."""
        if self._gone:
            return
        try:
            super().flush()
        except OSError as error:
            raise self._lost(error) from None

    def _lost(self, error: OSError) -> Unwritable:
        self._gone = True
        return Unwritable(self._called, error)


class _Patient(io.FileIO):
    """A pipe that does not block, which whoever started this process shares and made so: waits for its reader."""

    def write(self, data: Any) -> int:
        """All or a part of the bytes."""
        import select

        while (written := super().write(data)) is None:
            select.select([], [self.fileno()], [])
        return written


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
    descriptor = stream.fileno()
    kind = io.FileIO if os.get_blocking(descriptor) else _Patient
    return _Stream(kind(descriptor, "w", closefd=False), called, lines=called == _STDERR or stream.isatty())


def out(text: str) -> None:
    """A line of the result."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stderr.write(text + "\n")


def color(stream: TextIO) -> bool:
    """Whether to use colour: on a terminal, unless NO_COLOR is set to anything (no-color.org) or it is dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
