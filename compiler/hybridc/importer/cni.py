"""The CNI of the IDC, and what else is kept off cloud nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack
from hybridc.catalog import cni as catalog
from hybridc.catalog.joins import joins
from hybridc.catalog.operators import rendered
from hybridc.importer.seen import Found, Seen, Sources
from hybridc.live.reads import Id
from hybridc.lower.objects import off_cloud_nodes
from hybridc.preflight.looks import keeps_off, pod, terms

_CNI = "/spec/cluster/cni"
_VERSION = re.compile(r":v?([0-9]+\.[0-9]+\.[0-9]+)(?:[-_@]|\Z)")
_HOOK = ("kube-system", "hybridc-cni-exclusion")


def observe(sources: Sources) -> Found:
    """``cluster.cni``."""
    found = next(_plugins(sources), None)
    if found is None:
        return
    kind, how, each, item = found
    where, version = _name(each), _version(item)
    yield Seen(f"{_CNI}/type", kind, where)
    yield Seen(f"{_CNI}/install", how, f"{where}, its labels and its namespace")
    if version:
        yield Seen(f"{_CNI}/version", version, f"{where}, its image")
    if _terway_is_there(sources):
        yield Seen(f"{_CNI}/routing", "bgp", "ConfigMap kube-system/eni-config: Terway serves cloud nodes")
    for _, settings in sources.all("BGPConfiguration"):
        if isinstance(number := settings.get("spec", {}).get("asNumber"), int):
            yield Seen(f"{_CNI}/asNumber", number, "BGPConfiguration default")
    shipped = catalog.daemon_set(kind, how, version)
    if (each.namespace, each.name) != (shipped.namespace, shipped.name):
        yield Seen(f"{_CNI}/daemonSet", {"namespace": each.namespace, "name": each.name}, where, flow=True)
    yield Seen(f"{_CNI}/existingNodeSelectorTerms", without_exclusion(terms(item)), f"{where}, without the exclusion")
    if _HOOK[1] in {other.name for other, _ in sources.all("ConfigMap") if other.namespace == _HOOK[0]}:
        yield from _delivery(sources, each)
    others = list(_others(sources, each, kind, how, version, done=keeps_off(item)))
    if others:
        yield Seen(f"{_CNI}/excludeAlso", others, "the workloads that are kept off cloud nodes, or come with the CNI")


def _plugins(sources: Sources) -> Iterator[tuple[str, str, Id, dict[str, Any]]]:
    """``(type, install, id, DaemonSet)`` of every CNI that the catalog knows and that runs."""
    daemon_sets = dict(sources.all("DaemonSet"))
    for kind, plugin in catalog.plugins().items():
        for how in plugin.installs:
            for version in (None, "0.0.1"):  # the newest names, and the oldest
                try:
                    shipped = catalog.daemon_set(kind, how, version)
                except KeyError:
                    continue
                each = Id("DaemonSet", shipped.namespace, shipped.name)
                if each in daemon_sets and _installed(sources, each, daemon_sets[each], plugin.installs) == how:
                    yield kind, how, each, daemon_sets[each]


def _installed(sources: Sources, each: Id, item: dict[str, Any], installs: dict[str, catalog.Install]) -> str:
    """How a CNI came: by an operator, which a chart may have brought; by a chart, as its labels or its name say."""
    if rendered(each.namespace, each.name) is not None:
        brought = {other.name for other, found in sources.all("Deployment") if _by_helm(found)}
        charts = [how for how, install in installs.items() if install.chart in brought]
        return charts[0] if charts else "operator"
    bundled = any(way.charts is not None and each.name.startswith(way.charts.prefix) for way in joins().values())
    if _by_helm(item) or bundled:
        return "helm"
    return "manifest" if "manifest" in installs else next(iter(installs), "")


def _by_helm(item: dict[str, Any]) -> bool:
    return bool(item["metadata"].get("labels", {}).get("app.kubernetes.io/managed-by") == "Helm")


def _version(item: dict[str, Any]) -> str | None:
    found = (_VERSION.search(str(each.get("image", ""))) for each in pod(item).get("containers", ()))
    return next((match[1] for match in found if match), None)


def _terway_is_there(sources: Sources) -> bool:
    there = sources.eni_config is not None or bool(sources.config_map(ack.NAMESPACE, ack.ENI_CONFIG))
    return there or any(each.name == ack.TERWAY_DAEMON_SET for each, _ in sources.all("DaemonSet"))


def _delivery(sources: Sources, main: Id) -> Found:
    """The hook's instructions name the CNI only when the hook delivers its exclusion."""
    listed = sources.config_map(*_HOOK).get("objects", "")
    if any(line.split()[1:4] == [main.kind, main.namespace, main.name] for line in listed.splitlines()):
        yield Seen(f"{_CNI}/delivery", "hook", f"ConfigMap {'/'.join(_HOOK)}")


def _others(
    sources: Sources, main: Id, kind: str, how: str, version: str | None, *, done: bool
) -> Iterator[dict[str, Any]]:
    """``excludeAlso``: what has the exclusion; while the CNI itself has none, also what the CNI brings along."""
    brought = {(each.kind, each.namespace, each.name) for each in catalog.companions(kind, how, version)}
    for each, item in (*sources.all("DaemonSet"), *sources.all("Deployment")):
        wanted = any(without_exclusion([term]) != [term] for term in terms(item))
        if each != main and (wanted or (not done and tuple(each) in brought)):
            yield {
                "kind": each.kind,
                "namespace": each.namespace,
                "name": each.name,
                "existingNodeSelectorTerms": without_exclusion(terms(item)),
            }


def without_exclusion(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The nodeSelectorTerms as they were before the exclusion was ANDed into them; a term of it alone is none."""
    left = []
    for term in found:
        expressions = [each for each in term.get("matchExpressions", []) if each not in off_cloud_nodes()]
        rest = {key: value for key, value in term.items() if key != "matchExpressions" and value}
        if expressions or rest:
            left.append({**({"matchExpressions": expressions} if expressions else {}), **rest})
    return left


def _name(each: Id) -> str:
    return f"{each.kind} {each.namespace}/{each.name}"
