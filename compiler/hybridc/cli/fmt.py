"""``hybridc fmt``: put specs into their canonical form; values and comments stay."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NamedTuple

from hybridc import exits
from hybridc.cli import findings
from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.rewriting import put
from hybridc.cli.say import note
from hybridc.session import Session


class FmtOptions(NamedTuple):
    """The specs (``-``: from standard input to standard output); ``check`` writes nothing."""

    specs: Sequence[str]
    check: bool = False
    findings: FindingsOptions = FindingsOptions()


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument(
        "specs", nargs="+", metavar="SPEC", help="a hybrid.yaml, or - from standard input to standard output"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something would change")
    findings.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return fmt(FmtOptions(arguments.specs, arguments.check, findings.options(arguments)))


def fmt(options: FmtOptions) -> int:
    """Format each file that can be read, and name those that change; exit code 1 when a check finds one."""
    if wrong := findings.wrong(options.findings, options.specs):
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    shown = Findings(options.findings)
    for path in options.specs:
        _format(path, shown.session, check=options.check)
    return shown.close()


def _format(path: str, session: Session, *, check: bool) -> None:
    from hybridc.rewrite.fmt import formatted
    from hybridc.source.reader import read

    raw = session.read(path)
    if raw is None:
        return
    text, found = formatted(path, raw)
    if session.report(found, read(path, raw)[0] if found else None):
        return
    put(path, raw, text, session, "formatted", check=check)
