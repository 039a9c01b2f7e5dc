"""The compiler, from the bytes of a hybrid.yaml on: pure functions, no clock, no network, no file system.

bytes ─ read ─▶ Document ─ validate ─▶ resolve ─▶ Spec ─ check ─▶ lower ─▶ Bundle ─ lay out ─▶ Tree
"""

from __future__ import annotations

from typing import NamedTuple

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
    found: list[Diagnostic]


def compile_spec(path: str, raw: bytes, today: str, options: str = "") -> Compiled:
    """Compile one hybrid.yaml. ``options`` are the build options that shape the output, as text for the lock file."""
    checked = front(path, raw, today)
    if checked.spec is None:
        return Compiled(checked.document, "", None, [], checked.found)
    from hybridc.layout.tree import lay_out
    from hybridc.lower.claims import claims
    from hybridc.lower.lower import lower
    from hybridc.output import lock

    tree = lay_out(lower(checked.spec))
    mine = claims(checked.spec)
    until = min((str(i.until) for i in checked.spec.ignores if i.until is not None), default=None)
    inputs = lock.Inputs(lock.sha256(raw), options, until, mine, checked.found)
    tree[lock.NAME] = lock.text(inputs, tree)
    return Compiled(checked.document, str(checked.spec.name), tree, mine, checked.found)
