"""``hybridc validate``: check specs, write nothing."""

from __future__ import annotations

import argparse

from hybridc.cli import exits, report
from hybridc.cli.files import Unreadable, read_spec, today
from hybridc.cli.report import Findings, out
from hybridc.compile import front


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("specs", nargs="+", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    report.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when no spec has an error."""
    findings, code, day = Findings.of(arguments), exits.FINE, today()
    for path in arguments.specs:
        try:
            checked = front(path, read_spec(path), day)
        except Unreadable as error:
            findings.add([error.finding], None)
            code = max(code, error.code)
            continue
        if findings.add(checked.found, checked.document):
            code = max(code, exits.WRONG_INPUT)
        else:
            out(f"{path}: valid")
    return max(code, findings.close())
