"""``hybridc migrate``: say what an older hybrid.yaml says in today's words; comments stay."""

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


class MigrateOptions(NamedTuple):
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
    return migrate(MigrateOptions(arguments.specs, arguments.check, findings.options(arguments)))


def migrate(options: MigrateOptions) -> int:
    """Migrate each file that can be read; what is left for a person is reported, and is exit code 2."""
    if wrong := findings.wrong(options.findings, options.specs):
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    shown = Findings(options.findings)
    for path in options.specs:
        _migrate(path, shown.session, check=options.check)
    return shown.close()


def _migrate(path: str, session: Session, *, check: bool) -> None:
    from hybridc.compile import front
    from hybridc.diagnostic import ERROR
    from hybridc.rewrite.moves import migrate
    from hybridc.source.reader import read

    raw = session.read(path)
    if raw is None:
        return
    document, found = read(path, raw)
    if session.report(found, document):
        return
    text, changes = migrate(document)
    put(path, raw, text if changes else raw.decode(), session, "migrated", check=check)
    for change in changes:
        note(f"{path}: {change}")
    # The places of these are those of the file as it is now.
    after = front(path, raw if check else text.encode(), findings.today())
    session.report([each for each in after.found if each.severity == ERROR], after.document)
