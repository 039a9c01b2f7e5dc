"""Pages that are generated from the catalog: written, or with --check only compared."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent


def main(page: Path, text: str, command: str, argv: list[str] | None = None) -> int:
    """Command line of the tool that makes ``page`` of ``text``; 1 when --check finds it stale."""
    where = page.relative_to(REPO)
    parser = argparse.ArgumentParser(description=f"Write {where}.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is stale")
    args = parser.parse_args(argv)
    if page.exists() and page.read_text("utf-8") == text:
        return 0
    if args.check:
        print(f"{where} is stale: {command}", file=sys.stderr)
        return 1
    page.write_text(text, "utf-8")
    print(f"wrote {where}")
    return 0
