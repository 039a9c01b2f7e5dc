"""Say things: results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def out(text: str) -> None:
    """A line of the result."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stderr.write(text + "\n")


def color(stream: TextIO) -> bool:
    """Whether to use colour: on a terminal, unless NO_COLOR is set to anything (no-color.org) or it is dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
