"""The exclusion as values, for CNIs whose own operator or chart takes an affinity.

Which places these are, and what the owner's defaults say there, is in the catalog: an affinity is taken as a whole,
so what a default says beside nodeAffinity is repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc.catalog import cni as catalog
from hybridc.catalog import joins
from hybridc.catalog.cni import Install, Place
from hybridc.lower.bundle import Exclusion, Manifest, YamlText
from hybridc.lower.objects import TERMS, idc_affinity, off_cloud_nodes
from hybridc.spec.model import Spec
from hybridc.spec.origin import text


def chart_values(spec: Spec, exclusion: Exclusion) -> dict[str, Any] | None:
    """Values for the CNI's Helm chart; None when there is no chart, or it takes no affinity."""
    how = catalog.install(spec.cluster.cni.type, spec.cluster.cni.install)
    return None if how.chart is None else _data(spec, how, exclusion)


def chart_config(spec: Spec, values: dict[str, Any]) -> Manifest | None:
    """The values as the object that RKE2's helm-controller reads; None when the CNI is no chart of a distribution.

    Source: docs.rke2.io/helm, "Customizing Packaged Components with HelmChartConfig".
    """
    kind = spec.cluster.cni.type
    charts = joins.join(spec.node_init.join.method).bundles(kind) if spec.node_init.mode == "script" else None
    if charts is None:
        return None
    metadata = {**charts.config["metadata"], "name": text("{}{}", charts.prefix, kind)}
    return {**charts.config, "metadata": metadata, "spec": {"valuesContent": YamlText(values)}}


def owner_patch(spec: Spec, exclusion: Exclusion) -> Manifest | None:
    """A merge patch of the object that the CNI's operator reads; None when there is no such object."""
    how = catalog.install(spec.cluster.cni.type, spec.cluster.cni.install)
    return None if how.object is None else {**how.object, **_data(spec, how, exclusion)}


def owner_terms(spec: Spec, exclusion: Exclusion) -> dict[str, list[dict[str, Any]]]:
    """The nodeSelectorTerms that this patch may replace, by JSON pointer."""
    how = catalog.install(spec.cluster.cni.type, spec.cluster.cni.install)
    return {
        f"/{path.replace('.', '/')}{TERMS}": exclusion.expected if place.main else [*place.terms]
        for path, place in _places(spec, how)
    }


def _places(spec: Spec, how: Install) -> Iterator[tuple[str, Place]]:
    """Every place that this version of the plugin has, with its whole dotted path."""
    for place in how.values:
        if place.main or place.known_to(spec.cluster.cni.version):
            yield place.path if how.under is None else f"{how.under}.{place.path}", place


def _data(spec: Spec, how: Install, exclusion: Exclusion) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for path, place in _places(spec, how):
        _put(data, path.split("."), _affinity(place, exclusion))
    for setting in how.settings:
        _put(data, setting.path.split("."), setting.value)
    return data


def _affinity(place: Place, exclusion: Exclusion) -> dict[str, Any]:
    terms = exclusion.wanted if place.main else [_off(term) for term in place.terms]
    return {**idc_affinity(terms or None), **place.keep}


def _off(term: dict[str, Any]) -> dict[str, Any]:
    """A term of the owner's default with both expressions ANDed into it."""
    return {"matchExpressions": [*term["matchExpressions"], *off_cloud_nodes()]}


def _put(data: dict[str, Any], path: list[str], value: Any) -> None:
    for key in path[:-1]:
        data = data.setdefault(key, {})
    data[path[-1]] = value
