#!/usr/bin/env python3
"""Write docs/rules.md, the index of all codes, and docs/rules/<family>.md from the rule book.

With --check nothing is written, and the exit code is 1 when a page is not what the rule book says.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "compiler"))
from hybridc.codes import RETIRED
from hybridc.report import book

REPO = Path(__file__).resolve().parent.parent
INDEX = REPO / "docs" / "rules.md"
FOLDER = REPO / "docs" / "rules"
_GENERATED = "<!-- Generated from the rules' documentation: python3 tools/rules_doc.py -->"
_INTRODUCTION = """\
Every finding has a code; `hybridc explain CODE` prints what these pages say of it, and `hybridc rules` lists them all.
Errors stop a build. Warnings do not, unless `--strict` is given. Infos never do.

A rule's finding can be accepted in the spec, with a reason and, if wanted, a last day:

```yaml
spec:
  checks:
    ignore:
      - {code: NET005, reason: "routes to the IDC are in the VPC's route table", until: 2027-06-30}
```

An acceptance that has ended is an error ([CHK001](rules/chk.md#chk001)), one that accepts nothing a warning
([CHK002](rules/chk.md#chk002)). What is marked *cannot be ignored* guards secrets or objects that belong to somebody
else, or leaves nothing to build from.

An example *in `spec:`* says what differs from [a small spec](../tests/rules/base.yaml): mappings are merged, a list
takes the place of another (an item of `nodePools` is merged over the pool there), `null` takes a field away.
"""


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write docs/rules.md and docs/rules/ from the rule book.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is stale")
    args = parser.parse_args(argv)
    wanted = {path: "\n".join(lines).rstrip("\n") + "\n" for path, lines in pages()}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    stale += [path for path in FOLDER.glob("*.md") if path not in wanted]
    if args.check:
        for path in stale:
            print(f"{path.relative_to(REPO)} is stale: python3 tools/rules_doc.py", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in stale:
        if path in wanted:
            path.write_text(wanted[path], "utf-8")
        else:
            path.unlink()
    return 0


def pages() -> Iterator[tuple[Path, Iterator[str]]]:
    """Every page: where it stands, and its lines."""
    yield INDEX, _index()
    for family, about in book.FAMILIES.items():
        yield FOLDER / f"{family.lower()}.md", _chapter(family, about)


def _index() -> Iterator[str]:
    yield from ("# Rules", "", _GENERATED, "", _INTRODUCTION)
    for family, about in book.FAMILIES.items():
        yield from (
            f"## [{family}: {about}](rules/{family.lower()}.md)",
            "",
            "| code | severity | since | |",
            "|---|---|---|---|",
        )
        for page in _members(family):
            link = f"rules/{family.lower()}.md#{page.code.id.lower()}"
            yield f"| [{page.code.id}]({link}) | {page.code.severity} | {page.code.since} | {page.title} |"
        yield ""
    yield from ("## Retired", "", "| code | why |", "|---|---|")
    yield from (f"| {code} | {why} |" for code, why in RETIRED.items())


def _members(family: str) -> list[book.Page]:
    return [page for page in book.pages().values() if page.code.family == family]


def _chapter(family: str, about: str) -> Iterator[str]:
    yield from (f"# {family}: {about}", "", _GENERATED, "")
    for page in _members(family):
        code = page.code
        mark = "" if code.acceptable else ", cannot be ignored"
        yield from (f'<a id="{code.id.lower()}"></a>', "", f"## {code.id}: {page.title}", "")
        yield from (f"*{code.severity}, since {code.since}{mark}. Checked {book.checked(code)}.*", "")
        yield from (book.markdown(page), "")


if __name__ == "__main__":
    sys.exit(main())
