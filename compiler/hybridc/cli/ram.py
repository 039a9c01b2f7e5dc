"""``hybridc ram show``: what the build's RAM policies permit together, to whom, and why each right is there."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.say import document
from hybridc.words import in_json

if TYPE_CHECKING:
    from hybridc.lower.ram_reasons import Identity, Reason
    from hybridc.spec.model import Spec

FORMS = ("text", "json")
VERSION = 1
_WHO = {
    "user": "RAM user {}: the add-ons",
    "role": "RAM role {}",
    "publisher": "publisher: CI, which does the steps of every day",
    "setup": "setup: the person who sets up",
    "operator": "operator: the person of day two",
}


class RamOptions(NamedTuple):
    """A spec (``-``: standard input), and one of FORMS."""

    spec: str
    format: str = "text"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("what", metavar="show", choices=("show",), help="print them; nothing is changed")
    parser.add_argument("spec", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    parser.add_argument("--format", choices=FORMS, default="text", help="how they look")


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return show(RamOptions(arguments.spec, arguments.format))


def show(options: RamOptions) -> int:
    """Print the permissions; exit code 2, and nothing on stdout, when the spec is wrong."""
    shown = Findings(FindingsOptions(), brief=True)
    compiled = shown.session.compile(options.spec)
    code = shown.close()
    if compiled is not None:
        from hybridc.lower.ram_reasons import identities

        spec, found = compiled.spec, identities(compiled.spec, compiled.bundle)
        document(_json(spec, found) if options.format == "json" else "\n".join(_text(spec, found)) + "\n")
    return code


def _text(spec: Spec, found: list[Identity]) -> Iterator[str]:
    """A paragraph for each identity; actions that are alike in resources and reasons stand together."""
    from hybridc.lower.ram_reasons import policy_of

    for number, identity in enumerate(found):
        yield from ([""] if number else [])
        yield _WHO[identity.kind].format(identity.name)
        for name, file in (policy_of(spec, product) for product in identity.products):
            yield f"  has {name} ({file})"
        for (resources, reasons), actions in _alike(identity).items():
            yield ""
            yield from (f"  {action}" for action in actions)
            yield from (f"    on {resource}" for resource in resources)
            for reason in reasons:
                yield f"    why: {reason.why}"
                yield f"         source: {reason.source}"


def _alike(identity: Identity) -> dict[tuple[tuple[str, ...], tuple[Reason, ...]], list[str]]:
    """Resources and reasons → the actions that have them."""
    by_action: dict[tuple[str, tuple[Reason, ...]], list[str]] = {}
    for each in identity.permissions:
        by_action.setdefault((each.action, each.reasons), []).append(each.resource)
    found: dict[tuple[tuple[str, ...], tuple[Reason, ...]], list[str]] = {}
    for (action, reasons), resources in by_action.items():
        found.setdefault((tuple(resources), reasons), []).append(action)
    return found


def _json(spec: Spec, found: list[Identity]) -> str:
    """``{"version", "cluster", "identities": [{kind, name, policies, permissions: [{action, resource, why}]}]}``."""
    from hybridc.lower.ram_reasons import policy_of

    def why(reason: Reason) -> dict[str, str]:
        return {"policy": policy_of(spec, reason.product)[0], "reason": reason.why, "source": reason.source}

    identities: list[dict[str, Any]] = [
        {
            "kind": each.kind,
            "name": each.name,
            "policies": [
                dict(zip(("name", "file"), policy_of(spec, product), strict=True)) for product in each.products
            ],
            "permissions": [
                {"action": one.action, "resource": one.resource, "why": [why(reason) for reason in one.reasons]}
                for one in each.permissions
            ],
        }
        for each in found
    ]
    whole = {"version": VERSION, "cluster": spec.name, "identities": identities}
    return in_json(json.dumps(whole, ensure_ascii=False, indent=2)) + "\n"
