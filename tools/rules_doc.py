#!/usr/bin/env python3
"""Write docs/rules.md from the docstrings of the rules.

With --check nothing is written, and the exit code is 1 when the page is not what the docstrings say.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "compiler"))
from hybridc.rules import catalogue

REPO = Path(__file__).resolve().parent.parent
PAGE = REPO / "docs" / "rules.md"


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write docs/rules.md from the docstrings of the rules.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is stale")
    args = parser.parse_args(argv)
    page = catalogue.page()
    if PAGE.exists() and PAGE.read_text("utf-8") == page:
        return 0
    if args.check:
        print(f"{PAGE.relative_to(REPO)} is stale: python3 tools/rules_doc.py", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
