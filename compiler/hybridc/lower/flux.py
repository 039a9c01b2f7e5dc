"""What Flux is given: a GitRepository, and what applies it in the one order that is safe."""

from __future__ import annotations

import re
from typing import Any

from hybridc.lower.bundle import Manifest, Part, Synced, YamlText
from hybridc.lower.ip_pools import FOLDER as POOLS
from hybridc.lower.names import flux_url, ip_pools_application, kustomizations, releases, source_path
from hybridc.spec.model import Spec
from hybridc.spec.origin import text

Parts = dict[Part, tuple[Manifest, ...]]
STAGE = "hybridc.dev/stage"
GUARD, MAIN, LAST = "guard", "main", "last"
_NAMESPACE = "flux-system"


def flux(spec: Spec, synced: Synced, parts: Parts) -> tuple[Manifest, ...]:
    """Source, and Kustomizations or (for a chart) HelmReleases, each of which waits for the one before it.

    Flux knows no order within one: the guard looks first, what lets nodes in goes live last. What carries
    ``prune: disabled`` is never pruned.
    """
    made = _releases if synced.is_chart else _kustomizations
    pools = [_ip_pools(spec)] if spec.cluster.cni.disabled_ip_pools == "api" else []
    return (_repository(spec), *made(spec, synced, parts), *pools)


def _kustomizations(spec: Spec, synced: Synced, parts: Parts) -> list[Manifest]:
    """All read one folder; each leaves out the stages of the others."""
    first, main, last = kustomizations(spec)
    return [
        _kustomization(spec, synced.folder, first, None, GUARD),
        _kustomization(spec, synced.folder, main, first, MAIN),
        _kustomization(spec, synced.folder, last, main, LAST),
    ]


def staged(parts: Parts) -> Parts:
    """The objects with an annotation that says which Kustomization applies them.

    The Kustomizations are applied by a person, so they must not change with what is synced: they ask for this.
    """
    stages: dict[Part, str] = {"guard": GUARD, "agentConfig": LAST}
    return {part: tuple(_in_stage(item, stages.get(part, MAIN)) for item in found) for part, found in parts.items()}


def _in_stage(item: Manifest, stage: str) -> Manifest:
    metadata = item["metadata"]
    return {**item, "metadata": {**metadata, "annotations": {**metadata.get("annotations", {}), STAGE: stage}}}


def _others(stage: str) -> list[dict[str, Any]]:
    """A patch that deletes what belongs to another stage."""
    delete = {"$patch": "delete", "apiVersion": "v1", "kind": "Any", "metadata": {"name": "any"}}
    return [{"target": {"annotationSelector": f"{STAGE}!={stage}"}, "patch": YamlText(delete)}]


def _repository(spec: Spec) -> Manifest:
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": spec.gitops.project, "namespace": _NAMESPACE},
        "spec": {"interval": "1m", "url": flux_url(spec), "ref": {_ref(spec.gitops.revision): spec.gitops.revision}},
    }


def _ref(revision: str) -> str:
    """Which kind of reference a revision is: Flux wants to be told."""
    if re.fullmatch("[0-9a-f]{40}", revision):
        return "commit"
    if revision.startswith("refs/"):
        return "name"
    return "tag" if re.fullmatch(r"v?[0-9]+(\.[0-9]+)+([-+].*)?", revision) else "branch"


def _kustomization(spec: Spec, folder: str, name: str, after: str | None, stage: str) -> Manifest:
    body: dict[str, Any] = {
        **_after(after),
        "interval": "10m",
        "retryInterval": "1m",
        "prune": True,
        "wait": True,
        "timeout": "10m",
        "sourceRef": {"kind": "GitRepository", "name": spec.gitops.project},
        "path": text("./{}", source_path(spec, folder)),
        "patches": _others(stage),
    }
    if not spec.gitops.auto_sync:
        body["suspend"] = True
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": _NAMESPACE},
        "spec": body,
    }


def _ip_pools(spec: Spec) -> Manifest:
    """The disabled pools: suspended until a person has seen that the routes are there."""
    found = _kustomization(spec, POOLS, ip_pools_application(spec.name), None, MAIN)
    del found["spec"]["patches"]
    found["spec"] |= {"suspend": True, "prune": False}
    return found


def _after(name: str | None) -> dict[str, Any]:
    return {} if name is None else {"dependsOn": [{"name": name}]}


def _releases(spec: Spec, synced: Synced, parts: Parts) -> list[Manifest]:
    """Helm runs the guard as a hook before, but other hooks after all objects: so what lets nodes in has its own."""
    last, others = synced.switches["agentConfig"], {synced.switches[part] for part in parts if part != "agentConfig"}
    main, end = releases(spec)
    return [
        _helm_release(spec, synced.folder, main, None, {last}),
        _helm_release(spec, synced.folder, end, main, others),
    ]


def _helm_release(spec: Spec, folder: str, name: str, after: str | None, off: set[str]) -> Manifest:
    chart = {
        "chart": text("./{}", source_path(spec, folder)),
        "reconcileStrategy": "Revision",
        "sourceRef": {"kind": "GitRepository", "name": spec.gitops.project},
    }
    body: dict[str, Any] = {
        **_after(after),
        "interval": "10m",
        "releaseName": name,
        "targetNamespace": "kube-system",
        "storageNamespace": "kube-system",
        "chart": {"spec": chart},
        "install": {"remediation": {"retries": 3}},
        "upgrade": {"remediation": {"retries": 3}},
        "values": {switch: {"enabled": False} for switch in sorted(off)},
    }
    if not spec.gitops.auto_sync:
        body["suspend"] = True
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": name, "namespace": _NAMESPACE},
        "spec": body,
    }
