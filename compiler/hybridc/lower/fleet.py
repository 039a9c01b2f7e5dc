"""Several clusters of one repository: one ApplicationSet makes an Application for each, one AppProject allows all.

The set reads ``<cluster>/cluster.json`` of every cluster, which lies outside of what is synced.
"""

from __future__ import annotations

from typing import Any

from hybridc.lower.argocd import API, project, sync_options, sync_policy
from hybridc.lower.bundle import Manifest
from hybridc.spec.model import Spec
from hybridc.spec.origin import plain

Member = dict[str, Any]


def parameters(spec: Spec) -> dict[str, str]:
    """What cluster.json holds: the parameters of this cluster's Application."""
    to = spec.gitops.destination
    return {"cluster": spec.name, "server": to.server or "", "name": to.name or ""}


def member(spec: Spec, objects: list[Manifest], folder: str) -> Member:
    """What the fleet needs to know of a cluster, as JSON data. {} when it is not delivered by Argo CD."""
    gitops = spec.gitops
    if gitops.engine != "argocd":
        return {}
    shared = {
        "namespace": gitops.argocd_namespace,
        "repoURL": gitops.repo_url,
        "revision": gitops.revision,
        "prefix": gitops.path_prefix or "",
        "folder": folder,
        "syncPolicy": sync_policy(spec, sync_options(spec)),
    }
    allowed = project(spec, objects)["spec"]
    found: Member = plain({"project": gitops.project, "shared": shared, "allowed": allowed})
    return found


def fleet(members: list[Member]) -> list[Manifest]:
    """AppProjects and ApplicationSets for clusters that share a repository; nothing for a single cluster."""
    groups: list[tuple[str, dict[str, Any], list[Member]]] = []
    for one in members:
        for name, shared, together in groups:
            if name == one["project"] and shared == one["shared"]:
                together.append(one)
                break
        else:
            groups.append((one["project"], one["shared"], [one]))
    several = [group for group in groups if len(group[2]) > 1]
    sets = [_set(name, shared, several, index) for index, (name, shared, _) in enumerate(several)]
    projects = dict.fromkeys((name, shared["namespace"]) for name, shared, _ in several)
    return [*(_project(name, namespace, members) for name, namespace in projects), *sets]


def _project(name: str, namespace: str, members: list[Member]) -> Manifest:
    """What the clusters of a project need, together."""
    own = [m["allowed"] for m in members if m["project"] == name and m["shared"]["namespace"] == namespace]
    merged: dict[str, Any] = {"description": own[0]["description"]}
    for key in ("sourceRepos", "destinations", "clusterResourceWhitelist", "namespaceResourceWhitelist"):
        items = {repr(item): item for allowed in own for item in allowed[key]}
        merged[key] = [items[key_] for key_ in sorted(items)]
    return {
        "apiVersion": API,
        "kind": "AppProject",
        "metadata": {"name": name, "namespace": namespace},
        "spec": merged,
    }


def _set(name: str, shared: dict[str, Any], several: list[Any], index: int) -> Manifest:
    """An ApplicationSet that never deletes: a cluster that leaves the repository keeps its Application and objects."""
    first = next(i for i, group in enumerate(several) if group[0] == name)
    prefix = f"{shared['prefix']}/" if shared["prefix"] else ""
    return {
        "apiVersion": API,
        "kind": "ApplicationSet",
        "metadata": {"name": name if index == first else f"{name}-{index + 1}", "namespace": shared["namespace"]},
        "spec": {
            "goTemplate": True,
            "goTemplateOptions": ["missingkey=error"],
            "generators": [
                {
                    "git": {
                        "repoURL": shared["repoURL"],
                        "revision": shared["revision"],
                        "files": [{"path": f"{prefix}*/cluster.json"}],
                    }
                }
            ],
            "syncPolicy": {"applicationsSync": "create-update", "preserveResourcesOnDeletion": True},
            "template": _template(name, shared),
        },
    }


def _template(name: str, shared: dict[str, Any]) -> dict[str, Any]:
    return {
        "metadata": {
            "name": "{{ .cluster }}",
            "annotations": {
                "argocd.argoproj.io/compare-options": "ServerSideDiff=true",
                "argocd.argoproj.io/manifest-generate-paths": ".",
            },
        },
        "spec": {
            "project": name,
            "source": {
                "repoURL": shared["repoURL"],
                "targetRevision": shared["revision"],
                "path": f"{{{{ .path.path }}}}/{shared['folder']}",
            },
            "destination": {"server": "{{ .server }}", "name": "{{ .name }}", "namespace": "kube-system"},
            "syncPolicy": shared["syncPolicy"],
        },
    }
