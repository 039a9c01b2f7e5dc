"""``hybridc validate``: check specs, or a live eni-config; write nothing."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NamedTuple

from hybridc import exits
from hybridc.cli import findings
from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.say import note

_VERSION = re.compile(r"v?([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})(?:-[0-9a-z.]{1,40})?\Z")


class ValidateOptions(NamedTuple):
    """What is checked: specs (``-``: standard input), and a live eni-config with the Terway that reads it (X.Y.Z)."""

    specs: Sequence[str] = ()
    eni_config: str | None = None
    terway_version: str | None = None
    findings: FindingsOptions = FindingsOptions()


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("specs", nargs="*", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    parser.add_argument(
        "--eni-config", metavar="FILE", help="check a ConfigMap eni-config of Terway, or the JSON of its eni_conf"
    )
    parser.add_argument(
        "--terway-version", type=_version, metavar="X.Y.Z", help="the Terway that reads it (default: the newest)"
    )
    findings.arguments(parser)


def _version(text: str) -> str:
    match = _VERSION.match(text)
    if not match:
        raise argparse.ArgumentTypeError(f'"{text}" is not a version such as 1.16.8')
    return match[1]


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return validate(
        ValidateOptions(
            specs=arguments.specs,
            eni_config=arguments.eni_config,
            terway_version=arguments.terway_version,
            findings=findings.options(arguments),
        )
    )


def validate(options: ValidateOptions) -> int:
    """Say of each file that it is valid, or what is wrong; exit code 0 when nothing has an error."""
    wrong = _wrong(options)
    if wrong:
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    shown = Findings(options.findings)
    if options.eni_config is not None:
        _eni_config(options.eni_config, options.terway_version, shown)
    for path in options.specs:
        if shown.session.check(path) is not None:
            shown.out(f"{path}: valid")
    return shown.close()


def _wrong(options: ValidateOptions) -> str | None:
    if options.terway_version is not None and options.eni_config is None:
        return "--terway-version goes with --eni-config"
    if not options.specs and options.eni_config is None:
        return "name a SPEC, or --eni-config FILE"
    inputs = [*options.specs, *([options.eni_config] if options.eni_config else [])]
    return findings.wrong(options.findings, inputs)


def _eni_config(path: str, version: str | None, shown: Findings) -> None:
    """Check one eni-config."""
    from hybridc.catalog import terway
    from hybridc.eni_config.lint import lint

    raw = shown.session.read(path)
    if raw is None:
        return
    linted = lint(path, raw, terway.release(version or terway.NEWEST))
    if not shown.session.report(linted.found, linted.document):
        shown.out(f"{path}: valid")
