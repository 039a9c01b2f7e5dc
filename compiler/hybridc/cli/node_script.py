"""``hybridc node-script``: the script that makes an instance a node, or what it will do."""

from __future__ import annotations

import argparse
import sys

from hybridc.cli import exits, report
from hybridc.cli.files import Unreadable, read_spec, today
from hybridc.cli.report import Findings, out


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("spec", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    parser.add_argument("--explain", action="store_true", help="say what it will do, in order, instead")
    report.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the script or its plan; exit code 2 when the spec is wrong or wants no script."""
    from hybridc.compile import front

    findings, path = Findings.of(arguments, brief=True), str(arguments.spec)
    try:
        checked = front(path, read_spec(path), today())
    except Unreadable as error:
        findings.add([error.finding], None)
        return max(error.code, findings.close())
    if findings.add(checked.found, checked.document) or checked.spec is None:
        return max(exits.WRONG_INPUT, findings.close())
    code = findings.close()
    if checked.spec.node_init.mode != "script":
        report.note(f"hybridc: error: {path}: nodeInit.mode is {checked.spec.node_init.mode}: there is no script")
        return exits.WRONG_INPUT
    if arguments.explain:
        from hybridc.lower import node_plan

        out(node_plan.text(checked.spec))
    else:
        from hybridc.lower.node_script import node_script

        sys.stdout.write(node_script(checked.spec))
    return code
