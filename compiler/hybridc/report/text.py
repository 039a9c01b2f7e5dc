"""Findings as text for people: place, code, sentence, the line with a caret, and the way out.

out/hybrid.yaml:12:9: NET004 error: IDC pod CIDR 10.10.0.0/16 overlaps pod vSwitch vsw-1 10.10.25.0/24
   12 |     cidr: 10.10.25.0/24
      |           ^^^^^^^^^^^^^
  help: use a vSwitch outside of the IDC's ranges
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hybridc.diagnostic import ERROR, INFO, WARNING, Diagnostic, Place
from hybridc.words import columns, one_line

_WIDTH = 160
_COLORS = {ERROR: "\x1b[1;31m", WARNING: "\x1b[1;33m"}


def render(diagnostic: Diagnostic, line: str, *, whole: bool = True, color: bool = False) -> str:
    """One finding; ``line`` is the text of its first line (empty: no excerpt), ``whole`` when nothing is masked."""
    place = diagnostic.place
    bold, plain = (_COLORS.get(diagnostic.severity, "\x1b[1;36m"), "\x1b[0m") if color else ("", "")
    head = (
        f"{one_line(diagnostic.path)}:{place.line}:{place.column}: "
        f"{diagnostic.code} {bold}{diagnostic.severity}{plain}: {one_line(diagnostic.sentence)}"
    )
    parts = [head, *_excerpt(place, line, whole=whole), f"  help: {one_line(diagnostic.help)}"]
    return "\n".join(parts) + "\n"


def _excerpt(place: Place, line: str, *, whole: bool) -> Iterator[str]:
    if not line.strip() or len(line) > _WIDTH:
        return
    yield f"  {place.line:>4} | {one_line(line)}"
    if whole:
        start, end = place.column - 1, place.end_column - 1 if place.end_line == place.line else len(line)
        before, marked = one_line(line[:start]), one_line(line[start:end])
        yield f"       | {' ' * columns(before)}{'^' * max(1, columns(marked))}"


def summary(counts: Mapping[str, int]) -> str:
    """``2 errors, 1 warning``, of how many findings there are of each severity; "" when there are none."""
    return ", ".join(
        f"{counts.get(severity, 0)} {severity}{'s' if counts.get(severity, 0) > 1 and severity != INFO else ''}"
        for severity in (ERROR, WARNING, INFO)
        if counts.get(severity, 0)
    )
