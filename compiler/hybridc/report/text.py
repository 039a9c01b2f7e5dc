"""Findings as text for people: place, code, sentence, the line with a caret, and the way out.

out/hybrid.yaml:12:9: NET004 error: IDC pod CIDR 10.10.0.0/16 overlaps pod vSwitch vsw-1 10.10.25.0/24
   12 |     cidr: 10.10.25.0/24
      |           ^^^^^^^^^^^^^
  help: use a vSwitch outside of the IDC's ranges
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hybridc.diagnostic import ERROR, INFO, WARNING, Diagnostic
from hybridc.words import columns, one_line

_WIDTH = 160
_MARGIN = len("  1234 | ")
_PLAIN, _BOLD, _GUTTER, _HELP = "\x1b[0m", "\x1b[1m", "\x1b[34m", "\x1b[1;36m"
_COLORS = {ERROR: "\x1b[1;31m", WARNING: "\x1b[1;33m", INFO: "\x1b[1;36m"}


def render(diagnostic: Diagnostic, line: str, *, whole: bool = True, color: bool = False, width: int = 0) -> str:
    """One finding; ``line`` is the text of its first line (empty: no excerpt), ``whole`` when nothing is masked.

    An excerpt fits into ``width`` columns (0: 160): of a longer line the part around the caret is shown.
    """
    room = max((width or _WIDTH) - _MARGIN, 20)
    excerpt = _excerpt(diagnostic, line, room, whole=whole, color=color)
    help_ = f"  {_dyed('help:', _HELP, color=color)} {one_line(diagnostic.help)}\n"
    return "".join([head(diagnostic, color=color), *excerpt, help_])


def head(diagnostic: Diagnostic, also: int = 0, *, color: bool = False) -> str:
    """The first line of a finding: all of it, where there is no room for more; ``also`` so many more files have it."""
    place, severity = diagnostic.place, diagnostic.severity
    code = _dyed(diagnostic.code, _BOLD, color=color)
    word = _dyed(severity, _COLORS[severity], color=color)
    more = f", and {_files(also)}" if also else ""
    where = f"{one_line(diagnostic.path)}:{place.line}:{place.column}"
    return f"{where}: {code} {word}: {one_line(diagnostic.sentence)}{more}\n"


def also(files: Sequence[str], count: int) -> str:
    """Which other files have the finding above: the first of them, and how many there are."""
    names = ", ".join(map(one_line, files))
    return f"  and {_files(count)}: {names}{', …' if count > len(files) else ''}\n"


def _files(count: int) -> str:
    return f"in {count:,} more file{'s' if count > 1 else ''}"


def _dyed(text: str, code: str, *, color: bool) -> str:
    return f"{code}{text}{_PLAIN}" if color else text


def _excerpt(diagnostic: Diagnostic, line: str, room: int, *, whole: bool, color: bool) -> Iterator[str]:
    if not line.strip():
        return
    place = diagnostic.place
    start, end = place.column - 1, place.end_column - 1 if place.end_line == place.line else len(line)
    before, marked, after = _cut(line, start, end, room) if whole else ("", "", _cut(line, 0, 0, room)[2])
    yield f"{_dyed(f'  {place.line:>4} |', _GUTTER, color=color)} {before}{marked}{after}\n"
    if whole:
        caret = _dyed("^" * max(1, columns(marked)), _COLORS[diagnostic.severity], color=color)
        yield f"{_dyed('       |', _GUTTER, color=color)} {' ' * columns(before)}{caret}\n"


def _cut(line: str, start: int, end: int, room: int) -> tuple[str, str, str]:
    """A line before, at and behind the place that is marked, in at most ``room`` columns; "…" stands for the rest."""
    before, marked, after = one_line(line[:start]), one_line(line[start:end]), one_line(line[end:])
    if columns(before) + columns(marked) + columns(after) <= room:
        return before, marked, after
    marked = _first(marked, room * 2 // 3)
    # What comes before says more than what follows: the key, the indentation.
    left = max(room - columns(marked) - min(columns(after), room // 6), 1)
    if columns(before) > left:
        before = f"…{_last(before, left - 1)}"
    return before, marked, _first(after, room - columns(before) - columns(marked))


def _first(text: str, room: int) -> str:
    """As much of a text as fits; "…" says that there is more."""
    if columns(text) <= room:
        return text
    while text and columns(text) > room - 1:
        text = text[: -max(1, (columns(text) - room) // 2)]
    return f"{text}…" if room > 0 else ""


def _last(text: str, room: int) -> str:
    while text and columns(text) > room:
        text = text[max(1, (columns(text) - room) // 2) :]
    return text


def summary(counts: Mapping[str, int]) -> str:
    """``2 errors, 1 warning``, of how many findings there are of each severity; "" when there are none."""
    return ", ".join(
        f"{counts.get(severity, 0)} {severity}{'s' if counts.get(severity, 0) > 1 and severity != INFO else ''}"
        for severity in (ERROR, WARNING, INFO)
        if counts.get(severity, 0)
    )
