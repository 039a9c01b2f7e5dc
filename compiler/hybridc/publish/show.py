"""What became of each step: for a terminal, for a comment of a pull request, for a program."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from hybridc.publish.plan import Result, Status
from hybridc.words import in_json, one_line

VERSION = 1
_WORDS: dict[Status, str] = {
    "same": "is as it should be",
    "different": "would change",
    "done": "is done",
    "declined": "was not done: you said no",
    "refused": "is refused",
    "failed": "failed",
    "yours": "is yours, and not seen done",
    "not reached": "was not reached",
}

_COUNTED: dict[Status, str] = {"same": "as it should be", "different": "would change"}
"""The others are counted by their own name."""


def lines(result: Result) -> list[str]:
    """One step as lines of text."""
    found = [f"{result.step}: {_WORDS[result.status]}"]
    found += [f"  {change.sign} {change.text}" for change in result.changes]
    found += [f"  {result.said}"] if result.said else []
    found += [f"    {reason}" for reason in result.reasons]
    found += [f"  help: {result.help}"] if result.help else []
    return [one_line(line) for line in (*found, *(f"  note: {note}" for note in result.notes))]


def unreached(results: Sequence[Result]) -> list[str]:
    """One line for all the steps that were not reached, none where there are none."""
    left = [result.step for result in results if result.status == "not reached"]
    return [one_line(f"not reached: {', '.join(left)}")] if left else []


def summary(results: Sequence[Result]) -> str:
    """``2 as they should be, 1 would change``."""
    counts = Counter(result.status for result in results)
    return ", ".join(f"{counts[each]} {_COUNTED.get(each, each)}" for each in _WORDS if counts[each]) or "nothing to do"


def markdown(cluster: str, results: Sequence[Result]) -> str:
    """A comment: a heading, a line a step, its changes as a diff."""
    found = [f"### hybridc publish: {cluster}", "", summary(results), ""]
    for result in results:
        found.append(
            f"- **{result.step}** {_WORDS[result.status]}" + (f": {_text(result.said)}" if result.said else "")
        )
        found += [f"  - {_text(reason)}" for reason in result.reasons]
        if result.help:
            found += ["", f"  {_text(result.help)}"] if result.reasons else [f"  {_text(result.help)}"]
        found += [f"  {_text(note)}" for note in result.notes]
        if result.changes:
            fence = "````"
            changes = [one_line(f"{_SIGNS[change.sign]} {change.text}") for change in result.changes]
            found += ["", f"  {fence}diff", *(f"  {change}" for change in changes), f"  {fence}", ""]
    return "\n".join(found).rstrip() + "\n"


_SIGNS = {"+": "+", "-": "-", "~": "!"}


def _text(text: str) -> str:
    """A sentence that Markdown leaves as it is."""
    escaped = one_line(text)
    for letter in "\\`*_[]<>|":
        escaped = escaped.replace(letter, f"\\{letter}")
    return escaped


def document(cluster: str, results: Sequence[Result], *, applied: bool) -> str:
    """``{"version", "cluster", "applied", "steps"}``.

    A step is ``{id, status, changes: [{sign, text}], notes, said, reasons, help}``.
    """
    steps = [
        {
            "id": result.step,
            "status": result.status,
            "changes": [change._asdict() for change in result.changes],
            "notes": list(result.notes),
            "said": result.said,
            "reasons": list(result.reasons),
            "help": result.help,
        }
        for result in results
    ]
    whole = {"version": VERSION, "cluster": cluster, "applied": applied, "steps": steps}
    return in_json(json.dumps(whole, ensure_ascii=False, indent=2)) + "\n"
