"""The compiler, from the bytes of a hybrid.yaml on: pure functions, no clock, no network, no file system.

bytes ─ read ─▶ Document ─ validate ─▶ resolve ─▶ Spec ─ check ─▶ lower ─▶ Bundle ─ lay out ─▶ Tree
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hybridc.diagnostics.model import Diagnostic, has_errors, in_file_order
from hybridc.source.document import Document
from hybridc.spec.model import Spec


class Checked(NamedTuple):
    """A spec that was read and checked. ``spec`` is None when there are errors."""

    document: Document
    spec: Spec | None
    found: list[Diagnostic]


def front(path: str, raw: bytes, today: str) -> Checked:
    """Read and check one hybrid.yaml. ``today`` is an ISO date that ``checks.ignore[].until`` is compared with."""
    from hybridc.source.reader import read

    document, found = read(path, raw)
    if document.data is None:
        return Checked(document, None, found)
    from hybridc.rules.ignores import apply
    from hybridc.rules.run import check
    from hybridc.schema.validate import validate
    from hybridc.spec.resolve import resolve

    found += validate(document)
    spec = resolve(document)
    found = in_file_order(apply(found + check(spec, document), spec, document, today))
    return Checked(document, None if has_errors(found) else spec, found)


class Compiled(NamedTuple):
    """A spec that was compiled. ``tree`` holds every file of the cluster's folder; None when there are errors."""

    document: Document
    cluster: str
    tree: dict[str, bytes] | None
    claims: list[str]
    fleet: dict[str, Any]
    found: list[Diagnostic]


def compile_spec(path: str, raw: bytes, today: str, layout: str = "") -> Compiled:
    """Compile one hybrid.yaml. ``layout`` (kustomize, helm, both) overrides the spec's ``gitops.format``."""
    checked = front(path, raw, today)
    if checked.spec is None:
        return Compiled(checked.document, "", None, [], {}, checked.found)
    from hybridc.layout.tree import FOLDERS, lay_out
    from hybridc.lower.claims import claims
    from hybridc.lower.lower import lower
    from hybridc.output import lock

    wanted = layout or str(checked.spec.gitops.format)
    synced = str(checked.spec.gitops.format) if wanted == "both" else wanted
    bundle = lower(checked.spec, FOLDERS[synced])
    tree = lay_out(bundle, wanted)
    mine = claims(checked.spec)
    until = min((str(i.until) for i in checked.spec.ignores if i.until is not None), default=None)
    inputs = lock.Inputs(lock.sha256(raw), layout, until, mine, bundle.fleet, checked.found)
    tree[lock.NAME] = lock.text(inputs, tree)
    return Compiled(checked.document, str(checked.spec.name), tree, mine, bundle.fleet, checked.found)


def compile_fleet(members: list[dict[str, Any]]) -> dict[str, bytes]:
    """The tree of ``argocd/`` beside the clusters' folders, from :attr:`Compiled.fleet` of each; {} when not needed."""
    from hybridc.layout.kustomize import one_a_file
    from hybridc.lower.fleet import fleet
    from hybridc.output import lock

    objects = fleet([member for member in members if member])
    if not objects:
        return {}
    tree = {path.partition("/")[2]: text.encode() for path, text in one_a_file("argocd", objects).items()}
    tree[lock.NAME] = lock.text(lock.Inputs("", "", None, [], {}, []), tree)
    return tree
