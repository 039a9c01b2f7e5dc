"""``hybridc rules``: every code that a finding can have."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable

from hybridc import exits
from hybridc.cli.say import lines, note
from hybridc.codes import CODES
from hybridc.report import book
from hybridc.report.book import Page

VERSION = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("families", nargs="*", metavar="FAMILY", help="only these, such as NET or SEC (default: all)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how the list looks")


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return rules(arguments.families, as_json=arguments.format == "json")


def rules(families: Iterable[str] = (), *, as_json: bool = False) -> int:
    """Print the rules of some families (none: of all); exit code 2 when there is no such family."""
    wanted = [family.upper() for family in families]
    for family in wanted:
        if family not in book.FAMILIES:
            note(f"hybridc: there is no family {family}")
            one = "explain prints one rule: hybridc explain " + family
            note(f"  help: {one if family in CODES else 'families: ' + ', '.join(book.FAMILIES)}")
            return exits.WRONG_INPUT
    pages = [page for page in book.pages().values() if not wanted or page.code.family in wanted]
    if as_json:
        lines(_json(pages))
    else:
        for page in pages:
            lines(f"{page.code.id:<8} {page.code.severity:<8} {page.code.since:<6} {page.title}")
    return exits.FINE


def _json(pages: Iterable[Page]) -> str:
    """``{"version": 1, "rules": [...]}``, a line for each."""
    lines = ",\n".join(f"    {json.dumps(_object(page), ensure_ascii=False)}" for page in pages)
    return f'{{\n  "version": {VERSION},\n  "rules": [\n{lines}\n  ]\n}}'


def _object(page: Page) -> dict[str, object]:
    code = page.code
    return {
        "code": code.id,
        "severity": code.severity,
        "since": code.since,
        "title": page.title,
        "stages": [stage.name.lower() for stage in code.stages],
        "canBeIgnored": code.acceptable,
        "url": book.uri(code),
    }
