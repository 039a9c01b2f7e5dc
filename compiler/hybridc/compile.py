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
    # What the schema found leaves holes in the spec: nobody can accept that, even when a rule has the same code.
    found = in_file_order(found + apply(check(spec, document), spec, document, today))
    return Checked(document, None if has_errors(found) else spec, found)


class Compiled(NamedTuple):
    """A spec that was compiled. ``tree`` holds every file of the cluster's folder; None when there are errors."""

    document: Document
    cluster: str
    tree: dict[str, bytes] | None
    claims: list[list[Any]]
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
    from hybridc.lower.proof import check as prove
    from hybridc.output import lock

    wanted = layout or str(checked.spec.gitops.format)
    synced = str(checked.spec.gitops.format) if wanted == "both" else wanted
    bundle = lower(checked.spec, FOLDERS[synced])
    found = in_file_order(checked.found + prove(bundle, checked.spec, checked.document))
    if has_errors(found):
        return Compiled(checked.document, "", None, [], {}, found)
    tree = lay_out(bundle, wanted, checked.document)
    mine = [_placed(what, value, checked.document) for what, value in claims(checked.spec, bundle.ram)]
    until = min((str(i.until) for i in checked.spec.ignores if i.until is not None), default=None)
    inputs = lock.Inputs(lock.sha256(raw), layout, until, mine, bundle.fleet, found)
    tree[lock.NAME] = lock.text(inputs, tree)
    return Compiled(checked.document, str(checked.spec.name), tree, mine, bundle.fleet, found)


def _placed(what: str, value: str, document: Document) -> list[Any]:
    """A claim as the lock file keeps it: the phrase, the place and the pointer of the value that names it."""
    from hybridc.spec.origin import origins

    found = origins(value)
    pointer = found[0].pointer if found else ""
    return [what, *document.place(pointer), pointer]


def compile_fleet(members: list[dict[str, Any]]) -> tuple[dict[str, bytes], list[str]]:
    """The tree of ``argocd/`` beside the clusters' folders, from :attr:`Compiled.fleet` of each, and what to say of it.

    The tree is empty when there is no fleet.
    """
    from hybridc.layout.kustomize import one_a_file
    from hybridc.layout.tree import dump
    from hybridc.lower.fleet import fleet, shared_destinations
    from hybridc.output import lock

    known = [member for member in members if member]
    objects = fleet(known)
    if not objects:
        return {}, []
    files = one_a_file("argocd", objects)
    tree = {path.partition("/")[2]: dump(path, data).encode() for path, data in files.items()}
    tree[lock.NAME] = lock.text(lock.Inputs("", "", None, [], {}, []), tree)
    shown = {place: [*names[:3], *(["…"] if names[3:] else [])] for place, names in shared_destinations(known).items()}
    return tree, [f"the fleet sends several clusters to {place}: {', '.join(names)}" for place, names in shown.items()]
