#!/usr/bin/env python3
"""Write the tables of docs/import.md: the fields that an import can see, and the others.

From importer/fields.py and the schema. With --check nothing is written; the exit code is 1 when the page is another.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "compiler"))
from hybridc.importer import fields
from tools import pages

PAGE = pages.REPO / "docs" / "import.md"
COMMAND = "python3 tools/import_doc.py"
_MARK = f"<!-- Generated from importer/fields.py: {COMMAND} -->"


def page() -> str:
    """The page with its tables made anew: what stands before the mark is written by hand."""
    written = PAGE.read_text("utf-8").partition(_MARK)[0]
    return written + "\n".join([_MARK, "", *_shown(), "", *_others(), ""])


def _shown() -> Iterator[str]:
    yield "## What is seen, and where"
    yield ""
    yield "| field | seen in | not seen when |"
    yield "|---|---|---|"
    for each in fields.SHOWN:
        yield f"| `{each.path}` | {each.where} | {each.unless} |"
    yield ""
    yield "With `--cloud` also:"
    yield ""
    yield "| field | seen in | not seen when |"
    yield "|---|---|---|"
    for each in fields.CLOUD:
        yield f"| `{each.path}` | {each.where} | {each.unless} |"


def _others() -> Iterator[str]:
    yield "## What no object shows"
    yield ""
    yield "A placeholder or the default in a draft, but for what `--cloud` shows; kept from the spec that is updated."
    yield ""
    groups: dict[str, list[str]] = {}
    paths = fields.others()
    for path in paths:
        inside = [path[:at] for mark in ("[]", ".*") if (at := path.find(mark, len("spec.addons[]"))) > 0]
        if path in ("apiVersion", "kind") or any(each in paths for each in inside):
            continue
        section = ".".join(path.split(".")[:2])
        groups.setdefault(section, []).append(
            path.removeprefix(f"{section}.").removeprefix(section) or "the list itself"
        )
    yield "| section | fields |"
    yield "|---|---|"
    for section, names in groups.items():
        yield f"| `{section}` | {', '.join(f'`{name}`' if ' ' not in name else name for name in names)} |"


def main(argv: list[str] | None = None) -> int:
    """Command line; 1 when --check finds the page stale."""
    return pages.main(PAGE, page(), COMMAND, argv)


if __name__ == "__main__":
    sys.exit(main())
