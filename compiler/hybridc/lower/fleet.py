"""Several clusters of one repository: one ApplicationSet makes an Application for each, one AppProject allows all.

The set reads ``<cluster>/cluster.json`` of every cluster, which lies outside of what is synced.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hybridc.lower.argocd import API, project, sync_options, sync_policy
from hybridc.lower.bundle import Manifest, Member
from hybridc.lower.jobs import digest
from hybridc.lower.names import terway_application
from hybridc.spec.model import Spec
from hybridc.spec.origin import plain


def parameters(spec: Spec, folder: str) -> dict[str, str]:
    """What cluster.json holds: the parameters of this cluster's Applications, and the set that makes them."""
    to = spec.gitops.destination
    chart = spec.terway is not None and spec.terway.install == "chart"
    return {
        "cluster": spec.name,
        "server": to.server or "",
        "name": to.name or "",
        "group": digest(_shared(spec, folder))[:8],
        "terway": "chart" if chart else "addon",
    }


def member(spec: Spec, objects: list[Manifest], folder: str, values: dict[str, str]) -> Member | None:
    """What the fleet needs to know of a cluster; ``values`` are its :func:`parameters`.

    None when it is not delivered by Argo CD.
    """
    if spec.gitops.engine != "argocd":
        return None
    shared, allowed = plain(_shared(spec, folder)), plain(project(spec, objects)["spec"])
    return Member(str(spec.name), plain(values), shared, allowed)


def _shared(spec: Spec, folder: str) -> dict[str, Any]:
    """What the clusters of one ApplicationSet have in common."""
    gitops = spec.gitops
    return {
        "project": gitops.project,
        "namespace": gitops.argocd_namespace,
        "repoURL": gitops.repo_url,
        "revision": gitops.revision,
        "prefix": gitops.path_prefix or "",
        "folder": folder,
        "syncPolicy": sync_policy(spec, sync_options(spec)),
    }


def fleet(members: Sequence[Member]) -> list[Manifest]:
    """AppProjects and ApplicationSets for clusters that share a repository; nothing for a single cluster."""
    groups: dict[str, list[Member]] = {}
    for one in members:
        groups.setdefault(one.group, []).append(one)
    several = [together for together in groups.values() if len(together) > 1]
    # A project that several clusters name must allow what all of them need, whether or not one set makes them.
    projects: dict[tuple[str, str], list[Member]] = {}
    for one in members:
        projects.setdefault(one.project, []).append(one)
    found = [_project(*project, own) for project, own in projects.items() if len(own) > 1]
    sets = Counter(together[0].shared["project"] for together in several)
    for together in several:
        first = together[0]
        found += _sets(together, first.shared["project"] if sets[first.shared["project"]] == 1 else _own_name(first))
    return found


def _own_name(one: Member) -> str:
    return f"{one.shared['project']}-{one.group}"


def _project(name: str, namespace: str, members: Sequence[Member]) -> Manifest:
    """What the clusters of a project need, together."""
    own = [m.allowed for m in members]
    merged: dict[str, Any] = {"description": own[0]["description"]}
    for part in ("sourceRepos", "destinations", "clusterResourceWhitelist", "namespaceResourceWhitelist"):
        items = {repr(item): item for allowed in own for item in allowed[part]}
        merged[part] = [items[key] for key in sorted(items)]
    return {
        "apiVersion": API,
        "kind": "AppProject",
        "metadata": {"name": name, "namespace": namespace},
        "spec": merged,
    }


def _sets(together: list[Member], name: str) -> list[Manifest]:
    """The set of a group, and one for Terway's chart where a cluster has it."""
    shared, group = together[0].shared, together[0].group
    found = [_set(name, shared, {"group": group}, "{{ .cluster }}", shared["folder"])]
    if any(m.parameters["terway"] == "chart" for m in together):
        labels = {"group": group, "terway": "chart"}
        found.append(_set(f"{name}-terway", shared, labels, terway_application("{{ .cluster }}"), "terway"))
    return found


def _set(name: str, shared: dict[str, Any], labels: dict[str, str], application: str, folder: str) -> Manifest:
    """An ApplicationSet that never deletes: a cluster that leaves the repository keeps its Application and objects."""
    prefix = f"{shared['prefix']}/" if shared["prefix"] else ""
    git = {
        "repoURL": shared["repoURL"],
        "revision": shared["revision"],
        "files": [{"path": f"{prefix}*/cluster.json"}],
    }
    return {
        "apiVersion": API,
        "kind": "ApplicationSet",
        "metadata": {"name": name, "namespace": shared["namespace"]},
        "spec": {
            "goTemplate": True,
            "goTemplateOptions": ["missingkey=error"],
            "generators": [{"git": git, "selector": {"matchLabels": labels}}],
            "syncPolicy": {"applicationsSync": "create-update", "preserveResourcesOnDeletion": True},
            "template": _template(shared, application, folder),
        },
    }


def _template(shared: dict[str, Any], application: str, folder: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": application,
            "annotations": {
                "argocd.argoproj.io/compare-options": "ServerSideDiff=true",
                "argocd.argoproj.io/manifest-generate-paths": ".",
            },
        },
        "spec": {
            "project": shared["project"],
            "source": {
                "repoURL": shared["repoURL"],
                "targetRevision": shared["revision"],
                "path": f"{{{{ .path.path }}}}/{folder}",
            },
            "destination": {"server": "{{ .server }}", "name": "{{ .name }}", "namespace": "kube-system"},
            "syncPolicy": shared["syncPolicy"],
        },
    }
