"""The exclusion as values, for CNIs that their own operator or chart renders.

The Tigera operator reverts patches of the DaemonSet; ``Installation default`` carries the affinity (operator v1.27.17
and later). Cilium's chart takes affinities as whole objects, so its own defaults are repeated.
"""

from __future__ import annotations

from typing import Any

from hybridc.catalog import cni as catalog
from hybridc.lower.bundle import Exclusion, Manifest
from hybridc.lower.objects import idc_affinity, off_cloud_nodes
from hybridc.spec.model import Spec


def installation(spec: Spec, exclusion: Exclusion) -> Manifest:
    """A partial ``Installation default``, for a merge patch: every pod of the operator's that is bound to a node."""
    parts = {"calicoNodeDaemonSet": idc_affinity(exclusion.wanted)}
    version = spec.cluster.cni.version
    if version is None or not catalog.older(version, catalog.operator_since("csi_node_driver_daemon_set")):
        parts["csiNodeDriverDaemonSet"] = idc_affinity()
    parts |= {"typhaDeployment": idc_affinity(), "calicoKubeControllersDeployment": idc_affinity()}
    return {
        "apiVersion": "operator.tigera.io/v1",
        "kind": "Installation",
        "metadata": {"name": "default"},
        "spec": {part: {"spec": {"template": {"spec": {"affinity": affinity}}}} for part, affinity in parts.items()},
    }


def chart_values(spec: Spec, exclusion: Exclusion) -> dict[str, Any]:
    """Values for the CNI's Helm chart (tigera-operator, cilium)."""
    if spec.cluster.cni.type == "cilium":
        return _cilium(exclusion)
    return {"installation": installation(spec, exclusion)["spec"]}


def _cilium(exclusion: Exclusion) -> dict[str, Any]:
    envoy = [{"matchExpressions": [{"key": "cilium.io/no-schedule", "operator": "NotIn", "values": ["true"]}]}]
    envoy[0]["matchExpressions"] += off_cloud_nodes()
    return {
        "affinity": {**idc_affinity(exclusion.wanted), "podAntiAffinity": _apart({"k8s-app": "cilium"})},
        "operator": {"affinity": {**idc_affinity(), "podAntiAffinity": _apart({"io.cilium/app": "operator"})}},
        "envoy": {
            "affinity": {
                **idc_affinity(envoy),
                "podAffinity": _apart({"k8s-app": "cilium"}),
                "podAntiAffinity": _apart({"k8s-app": "cilium-envoy"}),
            }
        },
    }


def _apart(match: dict[str, str]) -> dict[str, Any]:
    """A required pod (anti-)affinity on the host."""
    term = {"labelSelector": {"matchLabels": match}, "topologyKey": "kubernetes.io/hostname"}
    return {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
