"""``hybridc validate``: check specs, or a live eni-config; write nothing."""

from __future__ import annotations

import argparse
import re

from hybridc.cli import exits, report
from hybridc.cli.files import Unreadable, read_spec, today
from hybridc.cli.report import Findings, out
from hybridc.compile import front

_VERSION = re.compile(r"v?([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})(?:-[0-9a-z.]{1,40})?\Z")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("specs", nargs="*", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    parser.add_argument(
        "--eni-config", metavar="FILE", help="check a ConfigMap eni-config of Terway, or the JSON of its eni_conf"
    )
    parser.add_argument(
        "--terway-version", type=_version, metavar="X.Y.Z", help="the Terway that reads it (default: the newest)"
    )
    report.arguments(parser)


def _version(text: str) -> str:
    match = _VERSION.match(text)
    if not match:
        raise argparse.ArgumentTypeError(f'"{text}" is not a version such as 1.16.8')
    return match[1]


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when nothing has an error."""
    wrong = _wrong_flags(arguments)
    if wrong:
        report.note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    findings, code, day = Findings.of(arguments), exits.FINE, today()
    if arguments.eni_config is not None:
        code = _eni_config(arguments.eni_config, arguments.terway_version, findings)
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


def _wrong_flags(arguments: argparse.Namespace) -> str | None:
    if arguments.terway_version is not None and arguments.eni_config is None:
        return "--terway-version goes with --eni-config"
    if not arguments.specs and arguments.eni_config is None:
        return "name a SPEC, or --eni-config FILE"
    return None


def _eni_config(path: str, version: str | None, findings: Findings) -> int:
    """Check one eni-config; 2 when it has errors."""
    from hybridc.catalog import terway
    from hybridc.rules.eni_lint import lint

    try:
        linted = lint(path, read_spec(path), terway.release(version or terway.NEWEST))
    except Unreadable as error:
        findings.add([error.finding], None)
        return error.code
    if findings.add(linted.found, linted.document):
        return exits.WRONG_INPUT
    out(f"{path}: valid")
    return exits.FINE
