"""``hybridc node-script``: the script that makes an instance a node, or what it will do."""

from __future__ import annotations

import argparse
from typing import NamedTuple

from hybridc import exits
from hybridc.cli import findings
from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.say import document, lines, note
from hybridc.spec.model import Spec


class NodeScriptOptions(NamedTuple):
    """A spec (``-``: standard input); ``explain``: say what the script will do instead of printing it."""

    spec: str
    explain: bool = False
    findings: FindingsOptions = FindingsOptions()


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("spec", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    parser.add_argument("--explain", action="store_true", help="say what it will do, in order, instead")
    findings.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return node_script(NodeScriptOptions(arguments.spec, arguments.explain, findings.options(arguments)))


def node_script(options: NodeScriptOptions) -> int:
    """Print the script or its plan; exit code 2 when the spec is wrong or wants no script."""
    if wrong := findings.wrong(options.findings, [options.spec], "the plan" if options.explain else "the script"):
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    shown, path = Findings(options.findings, brief=True), options.spec
    checked = shown.session.check(path)
    code = shown.close()
    if checked is None or checked.spec is None:
        return code
    if checked.spec.node_init.mode != "script":
        note(f"hybridc: error: {path}: nodeInit.mode is {checked.spec.node_init.mode}: there is no script")
        return exits.WRONG_INPUT
    _print(checked.spec, explain=options.explain)
    return code


def _print(spec: Spec, *, explain: bool) -> None:
    if explain:
        from hybridc.lower import node_plan

        lines(node_plan.text(spec))
    else:
        from hybridc.lower import node_script as script

        document(script.node_script(spec))
