"""``hybridc steps``: what is left to do around a build of a cluster, in the one order that is safe."""

from __future__ import annotations

import argparse
import json
import sys
from typing import NamedTuple

from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.compile import Compiled

FORMS = ("text", "markdown", "json", "sh")
VERSION = 1


class StepsOptions(NamedTuple):
    """A spec (``-``: standard input), one of FORMS, and how findings count."""

    spec: str
    format: str = "text"
    findings: FindingsOptions = FindingsOptions()


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("spec", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    parser.add_argument("--format", choices=FORMS, default="text", help="how the list looks")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return steps(StepsOptions(arguments.spec, arguments.format, FindingsOptions(arguments.strict)))


def steps(options: StepsOptions) -> int:
    """Print the list; exit code 2, and nothing on stdout, when the spec is wrong."""
    shown = Findings(options.findings, brief=True)
    compiled = shown.session.compile(options.spec)
    code = shown.close()
    if compiled is not None:
        sys.stdout.write(_json(compiled) if options.format == "json" else _text(compiled, options.format))
    return code


def _text(compiled: Compiled, form: str) -> str:
    from hybridc.lower.steps import render

    return render.text(form, str(compiled.spec.name), compiled.bundle.steps)


def _json(compiled: Compiled) -> str:
    """``{"version": 1, "cluster": …, "steps": [{id, after, who, sentence, command, expects, undo, publishedBy}]}``."""
    listed = [
        {
            "id": step.id,
            "after": list(step.after),
            "who": step.who,
            "sentence": step.sentence,
            "command": step.command,
            "expects": step.expects,
            "undo": step.undo,
            "publishedBy": step.published_by,
        }
        for step in compiled.bundle.steps
    ]
    document = {"version": VERSION, "cluster": str(compiled.spec.name), "steps": listed}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
