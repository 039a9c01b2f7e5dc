"""What Argo CD is given: a project that allows what this output uses and nothing else, and an Application."""

from __future__ import annotations

from typing import Any

from hybridc.lower.bundle import Manifest
from hybridc.lower.ip_pools import FOLDER as POOLS
from hybridc.lower.ip_pools import ip_pools
from hybridc.lower.names import ip_pools_application, source_path, terway_application
from hybridc.lower.objects import api_group
from hybridc.lower.terway_chart import CLUSTER_KINDS, KINDS
from hybridc.spec.model import Spec

API = "argoproj.io/v1alpha1"
# What a change of the spec may take away. Once the project does not allow a kind, Argo CD no longer prunes it: the
# object stays, and the Application is Synced.
PRUNED = {("batch", "CronJob")}
"""Group and kind of what the project allows, whether or not the output has one."""


def argocd(spec: Spec, objects: list[Manifest], folder: str) -> tuple[Manifest, ...]:
    """AppProject and Application; ``folder`` is where the synced objects lie, below the cluster's folder.

    Terway's chart has an Application of its own.
    """
    found = [project(spec, objects), application(spec, str(spec.name), folder, sync_options(spec))]
    if spec.cluster.cni.disabled_ip_pools == "api":
        found.append(_ip_pools_application(spec))
    if spec.terway is not None and spec.terway.install == "chart":
        found.append(_terway_application(spec))
    return tuple(found)


def destination(spec: Spec, namespace: str) -> dict[str, Any]:
    """The cluster that is synced to."""
    to = spec.gitops.destination
    where = {"name": to.name} if to.name is not None else {"server": to.server}
    return {**where, "namespace": namespace}


def project(spec: Spec, objects: list[Manifest]) -> Manifest:
    """The AppProject: this repository, these namespaces, these kinds."""
    objects = [*objects, *(ip_pools(spec) if spec.cluster.cni.disabled_ip_pools == "api" else ())]
    kinds = PRUNED | {(api_group(item), str(item["kind"])) for item in objects if "namespace" in item["metadata"]}
    cluster_kinds = {(api_group(item), str(item["kind"])) for item in objects if "namespace" not in item["metadata"]}
    if spec.terway is not None and spec.terway.install == "chart":
        kinds |= set(KINDS)
        cluster_kinds |= set(CLUSTER_KINDS)
    namespaces = sorted({str(item["metadata"].get("namespace", "kube-system")) for item in objects})
    return {
        "apiVersion": API,
        "kind": "AppProject",
        "metadata": {"name": spec.gitops.project, "namespace": spec.gitops.argocd_namespace},
        "spec": {
            "description": "Hybrid clusters, compiled by hybridc",
            "sourceRepos": [spec.gitops.repo_url],
            "destinations": [destination(spec, namespace) for namespace in namespaces],
            "clusterResourceWhitelist": [{"group": group, "kind": kind} for group, kind in sorted(cluster_kinds)],
            "namespaceResourceWhitelist": [{"group": group, "kind": kind} for group, kind in sorted(kinds)],
        },
    }


def application(spec: Spec, name: str, folder: str, options: list[str]) -> Manifest:
    """An Application without a finalizer: deleting it leaves every object where it is."""
    gitops = spec.gitops
    return {
        "apiVersion": API,
        "kind": "Application",
        "metadata": {
            "name": name,
            "namespace": gitops.argocd_namespace,
            "annotations": {
                # What the API server would make of an object is compared, not a guess from the last apply.
                "argocd.argoproj.io/compare-options": "ServerSideDiff=true",
                "argocd.argoproj.io/manifest-generate-paths": ".",
            },
        },
        "spec": {
            "project": gitops.project,
            "source": {
                "repoURL": gitops.repo_url,
                "targetRevision": gitops.revision,
                "path": source_path(spec, folder),
            },
            "destination": destination(spec, "kube-system"),
            "syncPolicy": sync_policy(spec, options),
        },
    }


def sync_policy(spec: Spec, options: list[str]) -> dict[str, Any]:
    """Automated when the spec says so. ``retry.refresh`` is left out: Argo CD before 3.2.0 refuses the field."""
    policy: dict[str, Any] = {
        "syncOptions": options,
        "retry": {"limit": 5, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "3m"}},
    }
    return {"automated": {"prune": True, "selfHeal": True}, **policy} if spec.gitops.auto_sync else policy


def sync_options(spec: Spec) -> list[str]:
    """The Application's own options; those of single objects stand in their annotations."""
    # Two Applications that manage one object would fight over it.
    options = ["FailOnSharedResource=true"]
    if spec.cluster.cni.delivery == "ssa":
        # Else Argo CD itself would take over every field that kubectl once applied. kubectl's own migration still does,
        # which is why the guard refuses such an object (docs/delivery.md, "Measured").
        options.append("ClientSideApplyMigration=false")
    return options


def _ip_pools_application(spec: Spec) -> Manifest:
    """The disabled pools. They change running traffic at once, so a person syncs them, when the routes are there."""
    found = application(spec, ip_pools_application(spec.name), POOLS, ["FailOnSharedResource=true"])
    found["spec"]["syncPolicy"].pop("automated", None)
    found["spec"]["info"] = [{"name": "Needs", "value": "the routes of network.routes (SUMMARY.md says how)"}]
    return found


def _terway_application(spec: Spec) -> Manifest:
    """The upstream chart, inflated by kustomize."""
    found = application(spec, terway_application(spec.name), "terway", ["FailOnSharedResource=true"])
    found["spec"]["info"] = [
        {"name": "Needs", "value": "kustomize.buildOptions: --enable-helm in ConfigMap argocd-cm"},
        {"name": "Chart", "value": "copied beside kustomization.yaml as charts/terway (SUMMARY.md says how)"},
    ]
    return found
