"""The findings of a call as text for people: what is worst stands last, next to the prompt, and nothing twice.

Without errors every finding is shown whole. With one, warnings are a line each and infos are only counted: first of all
the error has to go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hybridc.diagnostic import ERROR, INFO, MOST_ALIKE, WARNING

if TYPE_CHECKING:
    from hybridc.report.excerpt import Shown

_MOST_CODES = 6
_MOST_PLACES = 20
_WORST_LAST = (INFO, WARNING, ERROR)


class _Same:
    """A finding, and the other files that have it: the first of them, and how many there are."""

    __slots__ = ("count", "files", "shown")

    def __init__(self, shown: Shown) -> None:
        self.shown = shown
        self.files: list[str] = []
        self.count = 0


class Digest:
    """Takes findings, and gives the text of all of them. Of a code no more than :data:`MOST_ALIKE` are kept.

    ``quiet``: errors only, and no sum. ``statistics``: a line for each code instead of the findings. ``brief``: infos
    are counted only. ``width`` in columns.
    """

    def __init__(
        self, *, quiet: bool = False, statistics: bool = False, brief: bool = False, color: bool = False, width: int = 0
    ) -> None:
        self._quiet = quiet
        self._statistics = statistics
        self._brief = brief
        self._color = color
        self._width = width
        self._found: dict[str, dict[tuple[str, ...], _Same]] = {severity: {} for severity in _WORST_LAST}
        self._kinds: Counter[tuple[str, str]] = Counter()
        self._number: Counter[tuple[str, str]] = Counter()
        self._left: Counter[tuple[str, str]] = Counter()

    def take(self, shown: Shown) -> None:
        """Take a finding; one that another file has too is only counted."""
        found = shown.diagnostic
        kind = (found.severity, found.code)
        self._number[kind] += found.stands_for
        # Of those that are left out of one file the number is the message.
        key = (found.code, found.message, found.help, found.where, found.pointer)
        same = self._found[found.severity].get(key)
        if same is not None and same.shown.diagnostic.path != found.path:
            same.count += 1
            if same.count <= _MOST_PLACES:
                same.files.append(found.path)
        elif self._kinds[kind] > MOST_ALIKE:
            self._left[kind] += found.stands_for
        else:
            self._kinds[kind] += 1
            self._found[found.severity][key if same is None else (*key, str(self._kinds[kind]))] = _Same(shown)

    def text(self, promoted: int = 0) -> str:
        """Everything, and what there is to say of it as a whole; ``promoted`` are errors because of --strict."""
        if self._statistics:
            return "".join(self._counts()) + self._sum(promoted)
        wrong = self._count(ERROR) > 0
        parts = [part for severity in self._shown() for part in self._severity(severity, short=wrong)]
        return "".join(parts) + ("" if self._quiet else self._see() + self._sum(promoted))

    def _count(self, severity: str) -> int:
        return sum(count for kind, count in self._number.items() if kind[0] == severity)

    def _shown(self) -> tuple[str, ...]:
        """The severities that are shown."""
        if self._quiet:
            return (ERROR,)
        return _WORST_LAST[1:] if self._brief or self._count(ERROR) else _WORST_LAST

    def _severity(self, severity: str, *, short: bool) -> Iterator[str]:
        from hybridc.report import text

        for same in self._found[severity].values():
            found, line, _, whole = same.shown
            if short and severity != ERROR:
                yield text.head(found, also=same.count, color=self._color)
                continue
            yield text.render(found, line, whole=whole, color=self._color, width=self._width)
            if same.count:
                yield text.also(same.files, same.count)
        for (kind, code), number in self._left.items():
            if kind == severity:
                yield f"{number:,} more findings of {code} are left out\n"

    def _see(self) -> str:
        """How to learn more, once for all findings; with errors about them alone."""
        shown = (ERROR,) if self._count(ERROR) else tuple(reversed(self._shown()))
        codes = list(dict.fromkeys(key[0] for severity in shown for key in self._found[severity]))
        if not codes:
            return ""
        first, *more = codes
        if len(more) >= _MOST_CODES:
            more[_MOST_CODES - 1 :] = [f"{len(more) - _MOST_CODES + 1} more"]
        others = f" (or {', '.join(more)})" if more else ""
        return f"see: hybridc explain {first}{others}\n"

    def _sum(self, promoted: int) -> str:
        """How many there are, and how many of them are not shown."""
        from hybridc.report import text

        shown = (*_WORST_LAST,) if self._statistics else self._shown()
        counts = {severity: self._count(severity) for severity in shown}
        if not any(counts.values()):
            return ""
        why = f" ({promoted} by --strict)" if promoted else ""
        infos = 0 if INFO in shown else self._count(INFO)
        when = ": hybridc validate" if self._brief else ", shown when there is no error"
        return f"{text.summary(counts)}{why}{f'; {infos} info{when}' if infos else ''}\n"

    def _counts(self) -> Iterator[str]:
        """A line for each code: how often, and what it is about."""
        from hybridc.report import book

        wide = max((len(f"{number:,}") for number in self._number.values()), default=0)
        for severity, code in sorted(self._number, key=lambda kind: (_WORST_LAST.index(kind[0]), kind[1])):
            if not self._quiet or severity == ERROR:
                number = f"{self._number[severity, code]:,}"
                yield f"{number:>{wide}}  {code:<8} {severity:<8} {book.page(code).title}\n"
