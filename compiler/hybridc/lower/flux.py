"""What Flux is given: a GitRepository and a Kustomization."""

from __future__ import annotations

import re
from typing import Any

from hybridc.lower.bundle import Manifest, Synced
from hybridc.lower.names import flux_url, source_path
from hybridc.spec.model import Spec
from hybridc.spec.origin import text

_NAMESPACE = "flux-system"


def flux(spec: Spec, synced: Synced) -> tuple[Manifest, ...]:
    """Source, and a Kustomization or (for a chart) a HelmRelease. What carries ``prune: disabled`` is never pruned."""
    return _repository(spec), (_helm_release if synced.is_chart else _kustomization)(spec, synced.folder)


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


def _kustomization(spec: Spec, folder: str) -> Manifest:
    body: dict[str, Any] = {
        "interval": "10m",
        "retryInterval": "1m",
        "prune": True,
        "wait": True,
        "timeout": "10m",
        "sourceRef": {"kind": "GitRepository", "name": spec.gitops.project},
        "path": text("./{}", source_path(spec, folder)),
    }
    if not spec.gitops.auto_sync:
        body["suspend"] = True
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": spec.name, "namespace": _NAMESPACE},
        "spec": body,
    }


def _helm_release(spec: Spec, folder: str) -> Manifest:
    chart = {
        "chart": text("./{}", source_path(spec, folder)),
        "reconcileStrategy": "Revision",
        "sourceRef": {"kind": "GitRepository", "name": spec.gitops.project},
    }
    body: dict[str, Any] = {
        "interval": "10m",
        "releaseName": spec.name,
        "targetNamespace": "kube-system",
        "storageNamespace": "kube-system",
        "chart": {"spec": chart},
        "install": {"remediation": {"retries": 3}},
        "upgrade": {"remediation": {"retries": 3}},
    }
    if not spec.gitops.auto_sync:
        body["suspend"] = True
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": spec.name, "namespace": _NAMESPACE},
        "spec": body,
    }
