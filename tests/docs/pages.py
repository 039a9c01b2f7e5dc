"""The blocks of a page: what a reader types or copies, in the order of the page."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from tests.pinned import ROOT

RUNS = "console"
"""Commands behind a ``$``, and what each prints on both streams; a line of … stands for any lines."""
PARSED = "console cluster"
"""The same where a cluster or a cloud would have to be there: only parsed."""
HIDDEN = "<!-- run"
"""Not shown: what a person does between two blocks, such as an edit."""
COPIED = "yaml"
_BLOCK = re.compile(r"(?ms)^( *)```(?P<kind>[^\n]+)\n(?P<text>.*?)^ *```$|^(?P<hidden><!-- run)\n(?P<done>.*?)^-->$")


class Block(NamedTuple):
    kind: str
    text: str


class Command(NamedTuple):
    """``prints`` is None for a hidden one."""

    words: str
    prints: str | None


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    """Every fenced block and every hidden step."""
    return [
        Block(found["kind"] or found["hidden"], textwrap.dedent(found["text"] or found["done"]))
        for found in _BLOCK.finditer(text_of(page))
    ]


def commands(page: str) -> Iterator[Command]:
    """What is run, in order."""
    for block in blocks(page):
        if block.kind == HIDDEN:
            yield Command(block.text, None)
        elif block.kind == RUNS:
            yield from shown(block)


def shown(block: Block) -> Iterator[Command]:
    """The commands of a block."""
    for part in re.split(r"(?m)^\$ ", block.text)[1:]:
        words, _, output = part.partition("\n")
        yield Command(words, output)


def pattern(output: str) -> str:
    """A regular expression for what is printed."""
    return "".join("(?s:.*)" if line == "…\n" else re.escape(line) for line in output.splitlines(keepends=True))
