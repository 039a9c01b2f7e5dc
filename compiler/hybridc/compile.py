"""The compiler, from the bytes of a hybrid.yaml on: pure functions, no clock, no network, no file system.

bytes ─ read ─▶ Document ─ validate ─▶ resolve ─▶ Spec ─ check ─▶ lower ─▶ Bundle ─ prove ─▶ lay out ─▶ Tree
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hybridc.diagnostic import Diagnostic, capped, has_errors, in_file_order
from hybridc.source.document import Document
from hybridc.spec.model import Spec

if TYPE_CHECKING:
    from hybridc.layout.tree import Tree
    from hybridc.lower.bundle import Bundle


class Checked(NamedTuple):
    """A spec that was read and checked. ``spec`` is None when there are errors; ``accepted`` is what it accepts."""

    document: Document
    spec: Spec | None
    found: list[Diagnostic]
    accepted: list[Diagnostic]


class Compiled(NamedTuple):
    """A spec that was compiled: the model, its products, and every file of the cluster's folder."""

    document: Document
    spec: Spec
    bundle: Bundle
    tree: Tree
    found: list[Diagnostic]


class Refused(NamedTuple):
    """A spec that cannot be compiled, and why."""

    document: Document
    found: list[Diagnostic]


def front(path: str, raw: bytes, today: str) -> Checked:
    """Read and check one hybrid.yaml. ``today`` is an ISO date that ``checks.ignore[].until`` is compared with."""
    from hybridc.source.reader import read

    document, found = read(path, raw)
    if document.data is None:
        return Checked(document, None, found, [])
    from hybridc.rules.ignores import apply, silenced
    from hybridc.rules.run import check
    from hybridc.schema.validate import validate
    from hybridc.spec.resolve import resolve

    found += validate(document)
    spec = resolve(document)
    # What the schema found leaves holes in the spec: nobody can accept that, even when a rule has the same code.
    checked = check(spec, document)
    found = in_file_order(found + apply(checked, spec, document, today))
    accepted = in_file_order(silenced(checked, spec))
    return Checked(document, None if has_errors(found) else spec, found, accepted)


def compile_spec(path: str, raw: bytes, today: str, layout: str = "") -> Compiled | Refused:
    """Compile one hybrid.yaml. ``layout`` (kustomize, helm, both) overrides the spec's ``gitops.format``."""
    document, spec, found, accepted = front(path, raw, today)
    if spec is None:
        return Refused(document, found)
    from hybridc.layout.registry import chosen
    from hybridc.layout.tree import lay_out
    from hybridc.lower.lower import lower
    from hybridc.proofs.prove import check as prove

    layouts = chosen(layout, str(spec.gitops.format))
    bundle = lower(spec, layouts[0].synced, capped(found), capped(accepted))
    found = in_file_order(found + prove(bundle, spec, document))
    if has_errors(found):
        return Refused(document, found)
    return Compiled(document, spec, bundle, lay_out(bundle, layouts), found)
