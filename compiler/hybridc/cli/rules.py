"""``hybridc rules``: every code that a finding can have."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable

from hybridc.cli import exits, report
from hybridc.cli.report import out
from hybridc.rules import catalogue
from hybridc.rules.rule import Rule

VERSION = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("families", nargs="*", metavar="FAMILY", help="only these, such as NET or SEC (default: all)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how the list looks")


def run(arguments: argparse.Namespace) -> int:
    """Print the list; exit code 2 when there is no such family."""
    wanted = [family.upper() for family in arguments.families]
    for family in wanted:
        if family not in catalogue.FAMILIES:
            report.note(f"hybridc: there is no family {family}")
            report.note(f"  help: families: {', '.join(catalogue.FAMILIES)}")
            return exits.WRONG_INPUT
    rules = [rule for code, rule in catalogue.known().items() if not wanted or catalogue.family(code) in wanted]
    if arguments.format == "json":
        out(_json(rules))
    else:
        for rule in rules:
            out(f"{rule.id:<8} {rule.severity:<8} {rule.since:<6} {rule.title}")
    return exits.FINE


def _json(rules: Iterable[Rule]) -> str:
    """``{"version": 1, "rules": [...]}``, a line for each."""
    lines = ",\n".join(f"    {json.dumps(_object(rule), ensure_ascii=False)}" for rule in rules)
    return f'{{\n  "version": {VERSION},\n  "rules": [\n{lines}\n  ]\n}}'


def _object(rule: Rule) -> dict[str, object]:
    return {
        "code": rule.id,
        "severity": rule.severity,
        "since": rule.since,
        "title": rule.title,
        "canBeIgnored": catalogue.can_be_ignored(rule),
        "url": catalogue.uri(rule.id),
    }
