"""``hybridc steps``: what is left to do around a build, or for a purpose of day two, in the one order that is safe."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, NamedTuple

from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.say import document, note
from hybridc.compile import Compiled
from hybridc.words import in_json

if TYPE_CHECKING:
    from hybridc.lower.steps.step import Step

FORMS = ("text", "markdown", "json", "sh")
VERSION = 1
PURPOSES = (
    *("upgrade-kubernetes", "rotate-token", "rotate-accesskey", "rotate-ca", "add-zone", "change-pool"),
    *("remove-pool", "upgrade-terway", "roll-back", "uninstall"),
)
"""What there is a list for on day two: the words of :data:`hybridc.lower.steps.day_two.lists.LISTS`."""


class StepsOptions(NamedTuple):
    """A spec (``-``: standard input), one of FORMS, one of PURPOSES or "" for a build, and how findings count."""

    spec: str
    format: str = "text"
    purpose: str = ""
    findings: FindingsOptions = FindingsOptions()


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("spec", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    parser.add_argument("--format", choices=FORMS, default="text", help="how the list looks")
    parser.add_argument(
        "--for", dest="purpose", choices=PURPOSES, default="", help="instead: what to do with a cluster that runs"
    )
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return steps(StepsOptions(arguments.spec, arguments.format, arguments.purpose, FindingsOptions(arguments.strict)))


def steps(options: StepsOptions) -> int:
    """Print the list; exit code 2, and nothing on stdout, when the spec is wrong."""
    shown = Findings(options.findings, brief=True)
    compiled = shown.session.compile(options.spec)
    code = shown.close()
    if compiled is not None:
        cluster, listed = str(compiled.spec.name), _listed(compiled, options.purpose)
        shown_as = (
            _json(cluster, listed, options.purpose) if options.format == "json" else _text(cluster, listed, options)
        )
        document(shown_as)
    return code


def _listed(compiled: Compiled, purpose: str) -> tuple[Step, ...]:
    """The steps; none, and a note that says why, where the purpose has nothing to do with the spec."""
    if not purpose:
        return compiled.bundle.steps
    from hybridc.lower.steps.day_two.day import Nothing
    from hybridc.lower.steps.day_two.lists import steps_for

    found = steps_for(purpose, compiled.spec, compiled.bundle.steps)
    if not isinstance(found, Nothing):
        return found
    note(f"{purpose}: nothing to do. {found.why}")
    return ()


def _text(cluster: str, listed: tuple[Step, ...], options: StepsOptions) -> str:
    from hybridc.lower.steps import render

    title = f"{cluster}, for {options.purpose}" if options.purpose else cluster
    return render.text(options.format, title, listed) if listed else ""


def _json(cluster: str, listed: tuple[Step, ...], purpose: str) -> str:
    """``{"version", "cluster", "for", "steps": [{id, after, who, sentence, command, expects, undo, publishedBy}]}``."""
    shown = [
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
        for step in listed
    ]
    whole = {"version": VERSION, "cluster": cluster, "for": purpose, "steps": shown}
    return in_json(json.dumps(whole, ensure_ascii=False, indent=2)) + "\n"
