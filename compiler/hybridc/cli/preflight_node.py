"""``hybridc preflight --node`` and ``--node-report``: a script for a node, and what it saw there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hybridc import exits
from hybridc.cli import cluster, findings
from hybridc.cli.findings import Findings
from hybridc.cli.say import document as script
from hybridc.cli.say import note
from hybridc.compile import Checked
from hybridc.diagnostic import Diagnostic, has_errors, in_file_order
from hybridc.session import Session

if TYPE_CHECKING:
    from hybridc.cli.preflight import PreflightOptions
    from hybridc.preflight.node_report import NodeReport
    from hybridc.source.document import Document
    from hybridc.spec.model import Spec


def on_node(options: PreflightOptions) -> int:
    """Print the script of a spec, or say what reports have against it.

    Exit code 0 when that is no error, 1 when a report shows one, 2 when the spec, a flag or a report is wrong, 3 when a
    report cannot be read.
    """
    if wrong := _wrong(options):
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    (path,) = options.specs
    shown = Findings(options.findings)
    checker = Session(lambda found, document: _errors(found, document, shown), findings.today())
    checked = checker.check(path)
    failed = exits.FINE
    if checked is not None and checked.spec is not None:
        if options.node:
            from hybridc.lower.node_check import node_check

            script(node_check(checked.spec))
        else:
            failed = _judge(options, checked, checked.spec, shown)
    return max(shown.close(), checker.code, failed)


def _errors(found: list[Diagnostic], document: Document | None, shown: Findings) -> None:
    """Report a spec that is wrong; what else there is to say of one, validate says."""
    if has_errors(found):
        shown.session.report(found, document)


def _wrong(options: PreflightOptions) -> str | None:
    """What is wrong with the flags."""
    if options.node and options.node_reports:
        return "--node prints the script, --node-report reads what it wrote: give one of them"
    flag = "--node" if options.node else "--node-report"
    if len(options.specs) != 1:
        return f"{flag} is for one spec"
    if options.cluster.named or options.cluster.dump is not None:
        return f"{flag} looks at no cluster: leave out --kubeconfig, --context, --from and --dump"
    if options.cloud or options.endpoints:
        return f"{flag} asks no cloud: leave out --cloud and --endpoint"
    prints = "the script" if options.node else ""
    return findings.wrong(options.findings, [*options.specs, *options.node_reports], prints)


def _judge(options: PreflightOptions, checked: Checked, spec: Spec, shown: Findings) -> int:
    """Report what the reports have against a spec, or an exit code when one cannot be used."""
    from hybridc.preflight.node_report import Unusable, fits, load
    from hybridc.rules.ignores import accepted

    found: list[Diagnostic] = []
    for path in options.node_reports:
        try:
            report = load(path)
            fits(report, spec, path)
        except Unusable as error:
            note(f"hybridc: error: {cluster.shown(str(error))}", f"  help: {error.help}")
            return exits.WORLD_FAILED if error.world else exits.WRONG_INPUT
        shown.say(_read(path, report))
        found += _findings(spec, checked.document, report)
    codes = accepted(spec)
    reasons = {str(each.code): each.reason for each in spec.ignores}
    for each in found:
        if each.code in codes:
            because = f"(because: {reasons.get(each.code, '')})"
            shown.say(cluster.shown(f"{options.specs[0]}: accepted, {each.code}: {each.sentence} {because}"))
    left = in_file_order([each for each in found if each.code not in codes])
    if not shown.session.report(left, checked.document, exits.DIFFERENT):
        shown.out(f"{options.specs[0]}: nothing in the way")
    return exits.FINE


def _findings(spec: Spec, document: Document, report: NodeReport) -> list[Diagnostic]:
    from hybridc.preflight.on_node import judge

    return list(judge(spec, document, report))


def _read(path: str, report: NodeReport) -> str:
    """One line: which machine a report is of, how much was seen, and what was not."""
    count = Counter(look.result for look in report.looks)
    unseen = ", ".join(dict.fromkeys(look.name for look in report.looks if look.result == "unseen"))
    kind = {"idc": "an IDC node", "cloud": "a cloud node"}[report.side]
    text = f"{path}: {report.host}, {kind}, {report.at}: {count['ok']} ok, {count['failed']} failed"
    return cluster.shown(f"{text}, {count['unseen']} not seen{f' ({unseen})' if unseen else ''}")
