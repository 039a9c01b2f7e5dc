"""The mistakes of this folder: a file a subject, each case what differs from base.yaml, and below it what is said.

    == enum-typo
    -      type: calico
    +      type: calcio

    hybrid.yaml:15:13: SPEC004 error: …

The change is a diff without line numbers: ``-`` and blank lines stand in the base, once; ``@@`` divides two places. A
change of ``+`` alone is the whole file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
BASE = (HERE / "base.yaml").read_text("utf-8")
SUBJECTS = sorted(HERE.glob("*.txt"))


class Case(NamedTuple):
    """A mistake: its name, its change, what a person sees."""

    name: str
    change: str
    said: str

    @property
    def spec(self) -> str:
        """The text of hybrid.yaml."""
        text = BASE
        for hunk in self.change.split("@@\n"):
            lines = hunk.splitlines(keepends=True)
            old = "".join(line[1:] for line in lines if line[0] in "- ")
            new = "".join(line[1:] for line in lines if line[0] in "+ ")
            assert not old or f"\n{text}".count(f"\n{old}") == 1, f"{self.name}: not once in base.yaml:\n{old}"
            text = f"\n{text}".replace(f"\n{old}", f"\n{new}")[1:] if old else new
        return text


def read(subject: Path) -> list[Case]:
    """The cases of a file."""
    found = []
    for block in re.split(r"(?m)^== ", subject.read_text("utf-8"))[1:]:
        name, _, rest = block.partition("\n")
        change, _, said = rest.partition("\n\n")
        found.append(Case(name, f"{change}\n", f"{said.rstrip()}\n"))
    return found


def write(cases: list[Case]) -> str:
    """The text of a file of cases."""
    return "\n".join(f"== {case.name}\n{case.change}\n{case.said}" for case in cases)


CASES = {case.name: case for subject in SUBJECTS for case in read(subject)}
