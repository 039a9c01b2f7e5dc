"""What an older hybrid.yaml says otherwise, and how it is said today.

A move leads from one ``apiVersion`` to another, or stands within one where a release of hybridc took what a later one
refuses. It changes only what means the same as before; what a person has to decide, the rules name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from hybridc.catalog import cni as catalog
from hybridc.catalog.joins import joins
from hybridc.rewrite.fmt import text_of
from hybridc.rewrite.tree import Tree
from hybridc.source.document import Document

CURRENT = "hybridc.dev/v1alpha1"
Change = Callable[[Tree], Iterator[str]]
"""Changes a tree, and yields a sentence for each change."""


class Move(NamedTuple):
    """``since``: the release of hybridc that needs it. ``into`` is the ``apiVersion`` that ``version`` becomes."""

    version: str
    into: str
    since: str
    change: Change


def _token_of_agents(tree: Tree) -> Iterator[str]:
    """0.1.0 took the token of k3s and RKE2 from OSS when nothing was said; since 0.2.0 it must be said."""
    join = "/spec/nodeInit/join"
    agents = [method for method, way in joins().items() if way.agent]
    if tree.get(f"{join}/method") in agents and tree.get(f"{join}/token/from") is None:
        tree.set(f"{join}/token/from", "oss")
        yield "spec.nodeInit.join.token.from: oss, which 0.1.0 took for granted; the token must be one that ends"


def _delivery_without_values(tree: Tree) -> Iterator[str]:
    """0.1.0 wrote values for charts that have no place for them (Flannel, Canal); since 0.2.0 that is an error."""
    cni = "/spec/cluster/cni"
    kind, how = tree.get(f"{cni}/type"), tree.get(f"{cni}/install")
    if tree.get(f"{cni}/delivery") != "values" or how != "helm" or kind not in catalog.plugins():
        return
    found = catalog.plugin(kind).installs.get(how)
    if found is not None and not found.values:
        tree.set(f"{cni}/delivery", "hook")
        yield f"spec.cluster.cni.delivery: hook, since the chart of {kind} takes no affinity"


MOVES: tuple[Move, ...] = (
    Move(CURRENT, CURRENT, "0.2.0", _token_of_agents),
    Move(CURRENT, CURRENT, "0.2.0", _delivery_without_values),
)
"""In the order in which they are made."""


def migrate(document: Document, moves: Sequence[Move] = MOVES) -> tuple[str, list[str]]:
    """The text in the current form of a document that was read without findings, and a sentence for each change.

    The text is as it was when nothing changes, also for an ``apiVersion`` that no move knows.
    """
    tree, changes = Tree(document), list[str]()
    for move in moves:
        if move.version == tree.get("/apiVersion"):
            changes += move.change(tree)
            if move.into != move.version:
                tree.set("/apiVersion", move.into)
                changes.append(f"apiVersion: {move.into}")
    return (text_of(document, tree) if changes else document.text), changes
