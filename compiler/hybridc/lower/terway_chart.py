"""Terway from its upstream chart (``terway.install: chart``): a kustomization that inflates and corrects it.

The chart as it is would destroy an on-prem Calico and run on every IDC node. What its values cannot say is patched
here: its stub CRDs of crd.projectcalico.org go (applied, they empty Calico's objects), and so does its control plane
(a webhook on every pod of the cluster, credentials in a Secret of its own, and it ignores nodes without topology
labels); the DaemonSet is bound to cloud nodes, reads the add-on's Secret, and runs its policy container without
AppArmor; eni-config is delivered by us alone.

Patches with a ``target`` are dropped silently when they match nothing, so the inflated result is read by a test.
"""

from __future__ import annotations

from typing import Any

from hybridc.catalog import ack, kubernetes, terway
from hybridc.lower.bundle import YamlText
from hybridc.spec.model import Spec

KINDS = (
    ("", "ServiceAccount"),
    ("apps", "DaemonSet"),
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
)
CLUSTER_KINDS = (
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
)
_SECRET_MOUNT = "/var/alibaba-addon-secret"  # noqa: S105 - where Terway looks for it (daemon/builder.go)


def terway_kustomization(spec: Spec) -> dict[str, Any] | None:
    """The kustomization beside values.yaml; None with ``install: addon`` and without Terway."""
    if spec.terway is None or spec.terway.install != "chart":
        return None
    corrected = [_on_cloud_nodes(), _with_credentials(), _without_app_armor(spec.cluster.minor)]
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": ack.NAMESPACE,
        "helmGlobals": {"chartHome": "charts"},
        "helmCharts": [
            {"name": "terway", "releaseName": "terway", "namespace": ack.NAMESPACE, "valuesFile": "values.yaml"}
        ],
        "patches": [*_deleted(), *_in_namespace(), *corrected],
    }


def _deleted() -> list[dict[str, Any]]:
    return [
        _delete("CustomResourceDefinition", r".*\.crd\.projectcalico\.org"),
        _delete("ConfigMap", ack.ENI_CONFIG),
        *(_delete(kind, "terway-controlplane.*") for kind in _CONTROL_PLANE),
    ]


_CONTROL_PLANE = {
    "Deployment": "apps/v1",
    "Service": "v1",
    "ServiceAccount": "v1",
    "ConfigMap": "v1",
    "Secret": "v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "ClusterRole": "rbac.authorization.k8s.io/v1",
    "ClusterRoleBinding": "rbac.authorization.k8s.io/v1",
    "MutatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
    "ValidatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
}
_API = {**_CONTROL_PLANE, "CustomResourceDefinition": "apiextensions.k8s.io/v1"}


def _delete(kind: str, name: str) -> dict[str, Any]:
    patch = {"apiVersion": _API[kind], "kind": kind, "metadata": {"name": "deleted"}, "$patch": "delete"}
    return {"target": {"kind": kind, "name": name}, "patch": YamlText(patch)}


def _in_namespace() -> list[dict[str, Any]]:
    """Kustomize 5.8 does not apply ``namespace`` to what a chart renders, and the chart names none."""
    patch = [{"op": "add", "path": "/metadata/namespace", "value": ack.NAMESPACE}]
    return [{"target": {"kind": kind, "name": "terway.*"}, "patch": YamlText(patch)} for _, kind in KINDS]


def _daemon_set(patch: Any) -> dict[str, Any]:
    return {"target": {"kind": "DaemonSet", "name": ack.TERWAY_DAEMON_SET}, "patch": YamlText(patch)}


def _on_cloud_nodes() -> dict[str, Any]:
    """One more expression in the chart's own term, which stays."""
    key, value = ack.EXTERNAL_LABEL
    terms = "/spec/template/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms"
    expression = {"key": key, "operator": "In", "values": [value]}
    return _daemon_set([{"op": "add", "path": f"{terms}/0/matchExpressions/-", "value": expression}])


def _with_credentials() -> dict[str, Any]:
    """The Secret that the managed add-on mounts; Terway 1.8.0 and later prefers it to eni-config."""
    name = ack.CREDENTIALS_SECRET
    mount = {"name": name, "mountPath": _SECRET_MOUNT, "readOnly": True}
    pod = {
        "containers": [{"name": "terway", "volumeMounts": [mount]}],
        "volumes": [{"name": name, "secret": {"secretName": name, "optional": True}}],
    }
    return _template({"spec": pod})


def _without_app_armor(minor: int) -> dict[str, Any]:
    """On Ubuntu and Debian AppArmor denies the mount that the container starts with, and it never starts.

    Where a node has no AppArmor this changes nothing. The init container is privileged, and has no profile anyway.
    """
    annotation = kubernetes.app_armor_annotation(minor)
    if annotation is not None:
        return _template({"metadata": {"annotations": {annotation + terway.CHART_POLICY: "unconfined"}}})
    context = {"appArmorProfile": {"type": "Unconfined"}}
    return _template({"spec": {"containers": [{"name": terway.CHART_POLICY, "securityContext": context}]}})


def _template(template: dict[str, Any]) -> dict[str, Any]:
    """A patch of the DaemonSet's pods."""
    metadata = {"name": ack.TERWAY_DAEMON_SET}
    return _daemon_set(
        {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata, "spec": {"template": template}}
    )
