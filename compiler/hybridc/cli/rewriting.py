"""Rewrite the files that the command line names: what ``fmt``, ``migrate`` and ``import --update`` share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import NamedTuple

from hybridc import exits
from hybridc.cli import files, findings
from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.say import document, note


class RewriteOptions(NamedTuple):
    """The specs (``-``: from standard input to standard output); ``check`` writes nothing."""

    specs: Sequence[str]
    check: bool = False
    findings: FindingsOptions = FindingsOptions()


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of a verb that rewrites specs."""
    parser.add_argument(
        "specs", nargs="+", metavar="SPEC", help="a hybrid.yaml, or - from standard input to standard output"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something would change")
    findings.arguments(parser)


def options(arguments: argparse.Namespace) -> RewriteOptions:
    """What these flags say."""
    return RewriteOptions(arguments.specs, arguments.check, findings.options(arguments))


def rewrite(options: RewriteOptions, one: Callable[[str, Findings, bool], None]) -> int:
    """Rewrite each file with ``one`` (path, findings, check); the exit code."""
    prints = "the spec" if "-" in options.specs and not options.check else ""
    if wrong := findings.wrong(options.findings, options.specs, prints):
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    shown = Findings(options.findings)
    for path in options.specs:
        one(path, shown, options.check)
    return shown.close()


def put(path: str, raw: bytes, text: str, shown: Findings, done: str, *, check: bool = False) -> None:
    """Put ``text`` in the place of ``raw`` and say so (``formatted``); ``check`` only says it, and exit code is 1 then.

    ``-`` is standard output. What cannot be written is said, and exit code is 3 then.
    """
    if path == "-" and not check:
        document(text)
    elif text.encode() == raw:
        return
    elif check:
        shown.out(f"{path}: would be {done}")
        shown.session.code = max(shown.session.code, exits.DIFFERENT)
    else:
        try:
            files.replace(path, text, was=raw)
            shown.out(f"{path}: {done}")
        except OSError as error:
            note(f"hybridc: error: cannot write {path}: {error.strerror or error}")
            shown.session.code = max(shown.session.code, exits.WORLD_FAILED)
