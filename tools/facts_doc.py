#!/usr/bin/env python3
"""Write docs/facts.md: what the catalog takes for true, where that was seen and when, and what tests it.

With --check nothing is written, and the exit code is 1 when the page is not what the catalog says.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools import pages

REPO = pages.REPO
CATALOG = REPO / "compiler" / "hybridc" / "catalog"
PAGE = REPO / "docs" / "facts.md"
# Of the items of a list: the field that names one.
_NAMES = ("id", "minor", "number", "action", "operator", "plugin", "name", "chart", "from", "title")
_SAID = ("source", "seen", "state", "tested")
_HEAD = """\
<!-- Generated from the catalog: python3 tools/facts_doc.py -->

# What hybridc takes for true

Every fact about something outside stands in `compiler/hybridc/catalog/`, with its source and the day on which that was
last looked at. **Tested**: a test holds it against the thing itself (a package, a definition, a chart, a program).
**Read**: it stood in the source at that time, and nothing here has run it. **Not established**: it is inferred; look
before you rely on it.
"""


class Fact(NamedTuple):
    """An entry of the catalog; ``tested`` is the path of a test, or ""."""

    file: str
    name: str
    source: str
    seen: str
    state: str
    tested: str


OURS = ("support.toml",)
"""What says what hybridc's own tests ran, and nothing about others; docs/support.md shows it."""


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    return pages.main(PAGE, page(), "python3 tools/facts_doc.py", argv)


def facts() -> Iterator[Fact]:
    """Every entry, file by file; ValueError for one without a source or a day."""
    for path in sorted(CATALOG.glob("*.toml")):
        if path.name in OURS:
            continue
        data = tomllib.loads(path.read_text("utf-8"))
        yield from _below(data, _own(data, Fact(path.name, "", "", "", "read", "")), known=False)
    for path in sorted(CATALOG.glob("*.tsv")):
        yield _table(path)


def _own(node: dict[str, Any], above: Fact) -> Fact:
    """What an entry says of itself; what it does not say is said above."""
    said = {key: str(node[key]) for key in _SAID if key in node}
    return above._replace(**said)


def _below(node: dict[str, Any], above: Fact, *, known: bool) -> Iterator[Fact]:
    """The entries in a table; ``known``: the table is part of an entry that was given already."""
    for key, value in node.items():
        if key in _SAID or key.endswith("_source"):
            continue
        said = node.get(f"{key}_source")
        fact = above._replace(name=f"{above.name}.{key}".lstrip("."))
        if said is not None:
            yield _whole(_own({"source": said} if isinstance(said, str) else said, fact))
        elif not _holds_tables(value):
            if not known:
                yield _whole(fact)
        else:
            for item in value if isinstance(value, list) else [value]:
                named = fact._replace(name=_named(fact.name, item)) if isinstance(value, list) else fact
                yield from _entry(item, named, known=known)


def _entry(node: dict[str, Any], above: Fact, *, known: bool) -> Iterator[Fact]:
    """A table: an entry when it has a source, or is part of none and holds more than tables."""
    own = _own(node, above)
    plain = any(not _holds_tables(value) for key, value in node.items() if key not in _SAID)
    is_one = "source" in node or (plain and not known)
    if is_one:
        yield _whole(own)
    yield from _below(node, own, known=known or is_one)


def _holds_tables(value: Any) -> bool:
    """Whether a value is a table, or a list of some."""
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _whole(fact: Fact) -> Fact:
    if not fact.source or not fact.seen:
        raise ValueError(f"{fact.file}: {fact.name} has no {'day' if fact.source else 'source'}")
    return fact


def _named(name: str, item: dict[str, Any]) -> str:
    """The name of an item of a list, by what tells it from the others."""
    return f"{name} {next((item[key] for key in _NAMES if key in item), '')}".strip()


def _table(path: Path) -> Fact:
    """A table as one fact, by the remarks at its head."""
    lines = path.read_text("utf-8").splitlines()
    head = " ".join(line.lstrip("# ") for line in lines if line.startswith("#"))
    seen = re.search(r"seen: (\d{4}-\d\d-\d\d)", head)
    source = re.search(r"source: ([^.]*)\.", head)
    said = source[1] if source else "a source in each line"
    count = sum(not line.startswith("#") for line in lines)
    return _whole(Fact(path.name, f"{path.stem} {count} entries", said, seen[1] if seen else "", "read", ""))


def page() -> str:
    """The whole page."""
    found = list(facts())
    parts = [_HEAD, _summary(found)]
    for file, entries in groupby(found, lambda fact: fact.file):
        parts.append(f"\n## {file}\n\n| entry | state | seen | source |\n|---|---|---|---|\n")
        parts += [
            _row(list(same)) for _, same in groupby(entries, lambda fact: (fact[2:], fact.name.partition(" ")[0]))
        ]
    return "".join(parts)


def _summary(found: list[Fact]) -> str:
    states = [_state(fact).partition(":")[0] for fact in found]
    counts = [f"{states.count(state)} {state}" for state in ("tested", "read", "not established")]
    return f"\n{len(found)} entries: {', '.join(counts)}.\n"


def _row(same: list[Fact]) -> str:
    """A line of the table; items of a list that are alike in all but their name share one."""
    first = same[0]
    name, _, own = first.name.partition(" ")
    named = [own, *(fact.name.partition(" ")[2] for fact in same[1:])]
    shown = f"`{name}`" + (f" {', '.join(dict.fromkeys(filter(None, named)))}" if any(named) else "")
    source = first.source.replace("|", "\\|").replace("<", "&lt;")
    return f"| {shown} | {_state(first)} | {first.seen} | {source} |\n"


def _state(fact: Fact) -> str:
    return f"tested: `{fact.tested}`" if fact.tested else str(fact.state)


if __name__ == "__main__":
    sys.exit(main())
