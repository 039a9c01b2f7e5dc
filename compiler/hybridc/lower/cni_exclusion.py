"""What keeps the IDC's CNI off cloud nodes: nodeSelectorTerms.

Terms are OR-ed and have no merge key: every way of patching replaces the list as a whole. So the two expressions
are ANDed into every term that a workload has.
"""

from __future__ import annotations

from typing import Any

from hybridc.catalog import cni as catalog
from hybridc.lower.bundle import Exclusion, Manifest
from hybridc.lower.objects import idc_affinity, off_cloud_nodes
from hybridc.spec.model import Spec, Workload
from hybridc.spec.origin import plain


def main_exclusion(spec: Spec) -> Exclusion | None:
    """The exclusion of the CNI's own DaemonSet; None without a routed IDC network."""
    cni = spec.cluster.cni
    if cni.daemon_set is None:
        return None
    return _exclusion(cni.daemon_set, catalog.daemon_set(cni.type, cni.install, cni.version).terms)


def other_exclusions(spec: Spec) -> tuple[Exclusion, ...]:
    """The exclusions of ``excludeAlso``."""
    return tuple(_exclusion(workload, ()) for workload in spec.cluster.cni.exclude_also)


def _exclusion(workload: Workload, shipped: tuple[dict[str, Any], ...]) -> Exclusion:
    terms = shipped if workload.existing_terms is None else workload.existing_terms
    return Exclusion(workload.kind, workload.namespace, workload.name, merged(list(terms)), list(terms))


def merged(terms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The terms with both expressions ANDed into each; one new term when there is none."""
    return [_with_expressions(term) for term in terms] or [{"matchExpressions": off_cloud_nodes()}]


def _with_expressions(term: dict[str, Any]) -> dict[str, Any]:
    existing = list(term.get("matchExpressions", []))
    new = [expression for expression in off_cloud_nodes() if plain(expression) not in plain(existing)]
    rest = {key: value for key, value in term.items() if key != "matchExpressions"}
    return {"matchExpressions": existing + new, **rest}


def patch(exclusion: Exclusion) -> Manifest:
    """The workload as a strategic merge patch."""
    return {
        "apiVersion": "apps/v1",
        "kind": exclusion.kind,
        "metadata": {"name": exclusion.name, "namespace": exclusion.namespace},
        "spec": {"template": {"spec": {"affinity": idc_affinity(exclusion.wanted)}}},
    }
