"""What Argo CD is given: a project that allows what this output uses and nothing else, and an Application."""

from __future__ import annotations

from typing import Any

from hybridc.lower.bundle import Manifest
from hybridc.spec.model import Spec
from hybridc.spec.origin import text


def argocd(spec: Spec, objects: list[Manifest], folder: str) -> tuple[Manifest, ...]:
    """AppProject and Application; ``folder`` is where the synced objects lie, below the cluster's folder."""
    return _project(spec, objects), _application(spec, folder)


def _destination(spec: Spec, namespace: str) -> dict[str, Any]:
    to = spec.gitops.destination
    where = {"name": to.name} if to.name is not None else {"server": to.server}
    return {**where, "namespace": namespace}


def _project(spec: Spec, objects: list[Manifest]) -> Manifest:
    kinds = sorted({(_group(item), str(item["kind"])) for item in objects})
    namespaces = sorted({str(item["metadata"]["namespace"]) for item in objects})
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": spec.gitops.project, "namespace": spec.gitops.argocd_namespace},
        "spec": {
            "description": "Hybrid clusters, compiled by hybridc",
            "sourceRepos": [spec.gitops.repo_url],
            "destinations": [_destination(spec, namespace) for namespace in namespaces],
            "clusterResourceWhitelist": [],
            "namespaceResourceWhitelist": [{"group": group, "kind": kind} for group, kind in kinds],
        },
    }


def _group(item: Manifest) -> str:
    group, slash, _ = str(item["apiVersion"]).partition("/")
    return group if slash else ""


def _application(spec: Spec, folder: str) -> Manifest:
    """Without a finalizer: deleting the Application leaves every object where it is."""
    gitops = spec.gitops
    path = text("{}/{}", spec.name, folder)
    if gitops.path_prefix is not None:
        path = text("{}/{}", gitops.path_prefix, path)
    policy: dict[str, Any] = {
        # Two Applications that manage one object would fight over it.
        "syncOptions": ["FailOnSharedResource=true"],
        "retry": {"limit": 5, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "3m"}},
    }
    if gitops.auto_sync:
        policy = {"automated": {"prune": True, "selfHeal": True}, **policy}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": spec.name,
            "namespace": gitops.argocd_namespace,
            "annotations": {"argocd.argoproj.io/manifest-generate-paths": "."},
        },
        "spec": {
            "project": gitops.project,
            "source": {"repoURL": gitops.repo_url, "targetRevision": gitops.revision, "path": path},
            "destination": _destination(spec, "kube-system"),
            "syncPolicy": policy,
        },
    }
