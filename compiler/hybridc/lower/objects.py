"""The parts that Kubernetes objects have in common."""

from __future__ import annotations

from typing import Any

from hybridc.catalog import ack, argocd
from hybridc.lower.bundle import Manifest

SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
WAVE = "argocd.argoproj.io/sync-wave"
HELM_POLICY = "helm.sh/resource-policy"
FLUX_PRUNE = "kustomize.toolkit.fluxcd.io/prune"
FLUX_SSA = "kustomize.toolkit.fluxcd.io/ssa"


TERMS = "/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms"
"""Where nodeSelectorTerms stand below an affinity, as a JSON pointer."""
EXCLUSION_WAVE, LAST_WAVE = 1, 2
"""The exclusion is in place, or has refused, before the address of the node script goes live."""


def labels(part_of: str) -> dict[str, str]:
    """The labels of objects that are ours."""
    return {"app.kubernetes.io/managed-by": "hybridc", "app.kubernetes.io/part-of": part_of}


def foreign() -> dict[str, str]:
    """The annotations of an object that somebody else owns.

    Neither prune nor delete nor uninstall removes it, and Flux leaves fields alone that others have written.
    """
    return {SYNC_OPTIONS: argocd.PROTECTED, HELM_POLICY: "keep", FLUX_PRUNE: "disabled", FLUX_SSA: "merge"}


def api_group(item: Manifest) -> str:
    """The API group of an object; "" for the core group."""
    group, slash, _ = str(item["apiVersion"]).partition("/")
    return group if slash else ""


def config_map(name: str, data: dict[str, Any], *, namespace: str = ack.NAMESPACE, **metadata: Any) -> Manifest:
    """A ConfigMap; ``metadata`` may hold labels and annotations."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, **metadata},
        "data": data,
    }


def off_cloud_nodes() -> list[dict[str, Any]]:
    """The two expressions that keep a pod off cloud nodes and virtual nodes. NotIn also matches a missing label."""
    return [
        {"key": key, "operator": "NotIn", "values": [value]}
        for key, value in (ack.EXTERNAL_LABEL, ack.VIRTUAL_NODE_LABEL)
    ]


def idc_affinity(terms: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A node affinity for IDC nodes only, or for the given nodeSelectorTerms."""
    wanted = [{"matchExpressions": off_cloud_nodes()}] if terms is None else terms
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": wanted}}}
