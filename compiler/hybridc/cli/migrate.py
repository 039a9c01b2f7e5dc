"""``hybridc migrate``: say what an older hybrid.yaml says in today's words; comments stay."""

from __future__ import annotations

import argparse

from hybridc.cli import findings, rewriting
from hybridc.cli.findings import Findings
from hybridc.cli.rewriting import RewriteOptions, arguments, put
from hybridc.cli.say import note

__all__ = ["arguments"]


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return migrate(rewriting.options(arguments))


def migrate(options: RewriteOptions) -> int:
    """Migrate each file that can be read; what is left for a person is reported, and is exit code 2."""
    return rewriting.rewrite(options, _migrate)


def _migrate(path: str, shown: Findings, check: bool) -> None:
    from hybridc.compile import front
    from hybridc.diagnostic import ERROR
    from hybridc.rewrite.moves import migrate
    from hybridc.source.reader import read

    raw = shown.session.read(path)
    if raw is None:
        return
    document, found = read(path, raw)
    if shown.session.report(found, document):
        return
    text, changes = migrate(document)
    put(path, raw, text if changes else raw.decode(), shown, "migrated", check=check)
    for change in changes:
        note(f"{path}: {change}")
    # The places of these are those of the file as it is now.
    after = front(path, raw if check else text.encode(), findings.today())
    shown.session.report([each for each in after.found if each.severity == ERROR], after.document)
