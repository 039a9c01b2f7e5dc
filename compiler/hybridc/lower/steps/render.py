"""Steps as text: for SUMMARY.md, for a terminal, as a script. The forms are in ``chart-templates/steps/``."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any

from hybridc.lower.steps.step import Step, code, tools
from hybridc.lower.templates import render

FORMS = ("text", "markdown", "sh")
_FILES = {"text": "steps/steps.txt.j2", "markdown": "steps/steps.md.j2", "sh": "steps/steps.sh.j2"}
_WIDTH = 110


def text(form: str, cluster: str, steps: Sequence[Step]) -> str:
    """The steps of a cluster in one of FORMS."""
    return render(_FILES[form], cluster=cluster, **values(steps))


def values(steps: Sequence[Step]) -> dict[str, Any]:
    """What the templates print and call."""
    return {"steps": steps, "tools": tools(steps), "fence": fence, "lines": lines, "code": code}


def fence(command: str) -> str:
    """A fence that nothing in the command closes."""
    longest = max((len(run) for run in re.findall("`+", command)), default=0)
    return "`" * max(3, longest + 1)


def lines(sentence: str, indent: str) -> str:
    """A sentence on lines of readable length, each behind ``indent``; no code span is broken, no stars are left."""
    whole = re.sub("`[^`]*`", lambda span: span[0].replace(" ", "\0"), sentence.replace("**", ""))
    filled = textwrap.fill(
        whole, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return filled.replace("\0", " ")
