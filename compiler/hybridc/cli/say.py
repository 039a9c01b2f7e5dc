"""Say things: results on stdout, everything else on stderr. No other module writes to a stream.

What comes from outside (file names, arguments, values) reaches a terminal or a CI log as text only: with escapes for
what they would obey or not show, and without what looks like a secret.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO

from hybridc.words import one_line

_MARKS = (".", "-----BEGIN", "K10", "LTAI", "eyJ", "ignature=", "@")
"""A text without any of these holds no secret that is known by its looks."""
STDOUT = "standard output"
_STDERR = "standard error"
_FORCED = ("FORCE_COLOR", "CLICOLOR_FORCE")
_when = ["auto"]


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


def flush() -> None:
    """Hand on what was said so far."""
    sys.stdout.flush()
    sys.stderr.flush()


def out(text: str, *more: str) -> None:
    """A line of the result, with words from outside, and more of them."""
    for line in (text, *more):
        sys.stdout.write(_plain(line) + "\n")


def lines(text: str) -> None:
    """A text of ours as the result, without a line end."""
    sys.stdout.write("\n".join(map(one_line, text.split("\n"))) + "\n")


def document(text: str) -> None:
    """A result for a program, byte for byte: a script, JSON that is safe already."""
    sys.stdout.write(text)


def note(text: str, *more: str) -> None:
    """A line for the person at the terminal, and more of them."""
    for line in (text, *more):
        sys.stderr.write(_plain(line) + "\n")


class Progress:
    """A line on the screen behind stderr that says what is done at the moment; nothing where there is none."""

    def __init__(self) -> None:
        self.possible = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._there = False

    def tell(self, text: str) -> None:
        """Show a text, in the place of the one before."""
        self._put(_plain(text)[: (terminal_width() or 80) - 1])
        self._there = True

    def close(self) -> None:
        """Take the line away."""
        if self._there:
            self._put("")
        self._there = False

    def _put(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def report(text: str) -> None:
    """Findings on stderr, as a renderer has made them."""
    sys.stderr.write(text)


def bug(error: BaseException) -> str:
    """What an exception says, as far as it can be shown: nobody knows which words of it are values of a spec."""
    from hybridc.source.secrets import plain_words

    return f"{type(error).__name__}: {plain_words(str(error))[:300]}"


def trace(error: BaseException) -> None:
    """Where an exception comes from, for a report of a bug: no value, and of its words what :func:`bug` shows."""
    from traceback import extract_tb

    at: BaseException | None = error
    while at is not None:
        for frame in extract_tb(at.__traceback__):
            note(f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}', f"    {frame.line}")
        note(bug(at))
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> bool:
    """Whether the person at the terminal says yes."""
    sys.stderr.write(f"{_plain(question)} [y/N] ")
    sys.stderr.flush()
    try:
        return sys.stdin.readline().strip().lower() in ("y", "yes")
    except UnicodeDecodeError:
        return False


def to_terminal() -> bool:
    """Whether stderr takes colour."""
    return color(sys.stderr)


def result_to_terminal() -> bool:
    """Whether stdout takes colour."""
    return color(sys.stdout)


def redraws() -> bool:
    """Whether stdout is a screen, of which a table can be drawn anew."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """How many columns the terminal behind stderr has; 0 when there is none."""
    columns = os.environ.get("COLUMNS", "")
    if not sys.stderr.isatty():
        return 0
    if columns.isascii() and columns.isdigit() and len(columns) < 6:
        return int(columns)
    with suppress(OSError, ValueError):
        return os.get_terminal_size(sys.stderr.fileno()).columns
    return 0


def choose_color(when: str) -> None:
    """What --color says: ``always``, ``never``, or ``auto``, which leaves it to the environment."""
    _when[0] = when


def _plain(text: str) -> str:
    if any(mark in text for mark in _MARKS):
        from hybridc.source.secrets import without_kinds

        text = without_kinds(text)
    return one_line(text)


def color(stream: TextIO) -> bool:
    """Whether to use colour: on a terminal, unless NO_COLOR is set to anything (no-color.org) or it is dumb.

    FORCE_COLOR or CLICOLOR_FORCE, set to anything but 0, want it in a pipe too (force-color.org,
    bixense.com/clicolors);
    --color outdoes all of them.
    """
    if _when[0] != "auto":
        return _when[0] == "always"
    if not os.environ.get("NO_COLOR") and any(os.environ.get(name, "0") not in ("", "0") for name in _FORCED):
        return True
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
