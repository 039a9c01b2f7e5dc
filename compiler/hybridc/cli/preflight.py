"""``hybridc preflight``: hold specs against the cluster that they are for, before anything changes; read only."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from hybridc import exits
from hybridc.cli import cluster, findings
from hybridc.cli.cluster import Where
from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.say import note
from hybridc.compile import Compiled
from hybridc.diagnostic import Diagnostic, has_errors
from hybridc.session import Session
from hybridc.source.document import Document

if TYPE_CHECKING:
    from hybridc.live.state import State


class PreflightOptions(NamedTuple):
    """Specs (``-``: standard input), and the cluster; or ``node``: print the script of one spec for a node.

    ``node_reports`` are files that this script wrote: they are read instead of a cluster.
    """

    specs: Sequence[str]
    cluster: Where = Where()
    findings: FindingsOptions = FindingsOptions()
    node: bool = False
    node_reports: Sequence[str] = ()


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("specs", nargs="+", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    parser.add_argument("--node", action="store_true", help="print a script that looks, on a node, what it can reach")
    parser.add_argument(
        "--node-report",
        action="append",
        default=[],
        metavar="FILE",
        help="no cluster: what that script wrote (--report); may be given several times",
    )
    cluster.arguments(parser)
    findings.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    where, shown = cluster.options(arguments), findings.options(arguments)
    return preflight(PreflightOptions(arguments.specs, where, shown, arguments.node, arguments.node_report))


def preflight(options: PreflightOptions) -> int:
    """Say of each spec what the cluster has against it.

    Exit code 0 when that is no error, 1 when one was found, 2 for a wrong spec or flag, 3 when the cluster cannot be
    read.
    """
    if options.node or options.node_reports:
        from hybridc.cli.preflight_node import on_node

        return on_node(options)
    if wrong := cluster.wrong(options.cluster):
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    inputs = [*options.specs, *([options.cluster.kubeconfig] if options.cluster.kubeconfig else [])]
    if wrong := findings.wrong(options.findings, inputs):
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    shown = Findings(options.findings)
    compiler = Session(lambda found, document: _wrong(found, document, shown), findings.today())
    compiled = [(path, found) for path in options.specs if (found := compiler.compile(path)) is not None]
    failed = exits.FINE
    if compiled:
        from hybridc.preflight.run import wanted

        asked = [each for _, one in compiled for each in wanted(one.spec)]
        state = cluster.state(options.cluster, asked, shown.say, quiet=findings.for_programs(options.findings))
        if isinstance(state, int):
            failed = state
        else:
            for path, each in compiled:
                _hold(path, each, state, shown)
    return max(shown.close(), compiler.code, failed)


def _wrong(found: list[Diagnostic], document: Document | None, shown: Findings) -> None:
    """Report the findings of a spec that does not compile; what else there is to say of one, validate says."""
    if has_errors(found):
        shown.session.report(found, document)


def _hold(path: str, compiled: Compiled, state: State, shown: Findings) -> None:
    """Report the findings of one spec; what it accepts is named, with the reason."""
    from hybridc.preflight.run import hold

    held = hold(compiled, state)
    reasons = {str(each.code): each.reason for each in compiled.spec.ignores}
    for each in held.accepted:
        shown.say(
            cluster.shown(f"{path}: accepted, {each.code}: {each.sentence} (because: {reasons.get(each.code, '')})")
        )
    if not shown.session.report(held.found, compiled.document, exits.DIFFERENT):
        shown.out(f"{path}: nothing in the way")
