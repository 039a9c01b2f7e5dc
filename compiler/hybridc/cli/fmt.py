"""``hybridc fmt``: put specs into their canonical form; values and comments stay."""

from __future__ import annotations

import argparse

from hybridc.cli import rewriting
from hybridc.cli.findings import Findings
from hybridc.cli.rewriting import RewriteOptions, arguments, put

__all__ = ["arguments"]


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return fmt(rewriting.options(arguments))


def fmt(options: RewriteOptions) -> int:
    """Format each file that can be read, and name those that change; exit code 1 when a check finds one."""
    return rewriting.rewrite(options, _format)


def _format(path: str, shown: Findings, check: bool) -> None:
    from hybridc.rewrite.fmt import formatted
    from hybridc.source.reader import read

    raw = shown.session.read(path)
    if raw is None:
        return
    text, found = formatted(path, raw)
    if shown.session.report(found, read(path, raw)[0] if found else None):
        return
    put(path, raw, text, shown, "formatted", check=check)
