"""``hybridc preflight``: hold specs against the cluster that they are for, before anything changes; read only."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from hybridc import exits
from hybridc.cli import cloud, cluster, findings
from hybridc.cli.cluster import Where
from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.say import note
from hybridc.compile import Compiled
from hybridc.diagnostic import Diagnostic, has_errors
from hybridc.session import Session
from hybridc.source.document import Document

if TYPE_CHECKING:
    from hybridc.live.state import State
    from hybridc.spec.model import Spec


class PreflightOptions(NamedTuple):
    """Specs (``-``: standard input), and the cluster; or ``node``: print the script of one spec for a node.

    ``node_reports`` are files that this script wrote: they are read instead of a cluster. ``cloud``: Alibaba Cloud is
    asked too, at ``endpoints``.
    """

    specs: Sequence[str]
    cluster: Where = Where()
    findings: FindingsOptions = FindingsOptions()
    node: bool = False
    node_reports: Sequence[str] = ()
    cloud: bool = False
    endpoints: Sequence[str] = ()


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
    cloud.arguments(parser)
    findings.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    where, shown = cluster.options(arguments), findings.options(arguments)
    node = (arguments.node, arguments.node_report)
    return preflight(PreflightOptions(arguments.specs, where, shown, *node, arguments.cloud, arguments.endpoint))


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
        state = _state([one.spec for _, one in compiled], options, shown)
        if isinstance(state, int):
            failed = state
        else:
            for path, each in compiled:
                _hold(path, each, state, shown)
    return max(shown.close(), compiler.code, failed)


def _state(specs: Sequence[Spec], options: PreflightOptions, shown: Findings) -> State | int:
    """The cluster, and the cloud where it is asked for; or an exit code, when the reason is said."""
    from hybridc.cloud.patience import Deadline
    from hybridc.preflight.cloud import asked
    from hybridc.preflight.run import wanted

    whose = {cloud.Account(str(each.account_id), str(each.region)) for each in (spec.alibaba_cloud for spec in specs)}
    if options.cloud and len(whose) > 1:
        return cloud.failed("the specs are of several accounts or regions", _ONE_CLOUD, exits.WRONG_INPUT)
    deadline = Deadline(options.cluster.deadline)

    def see(state: State) -> State | int:
        if options.cloud:
            found = cloud.read(next(iter(whose)), asked(specs), options.endpoints, deadline)
            return found if isinstance(found, int) else replace(state, cloud=found)
        seen = state.cloud
        if seen is not None and (other := whose - {cloud.Account(seen.account, seen.region)}):
            what = f"{options.cluster.source} has account {seen.account} in {seen.region}"
            return cloud.failed(f"{what}, a spec {' in '.join(min(other))}", _ONE_CLOUD, exits.WRONG_INPUT)
        return state

    objects, quiet = [each for spec in specs for each in wanted(spec)], findings.for_programs(options.findings)
    return cluster.state(options.cluster, objects, shown.say, see=see, quiet=quiet)


_ONE_CLOUD = "one account and region at a time: run it for each of them"


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
