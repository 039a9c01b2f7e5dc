"""Keep the IDC's CNI off cloud nodes, without owning its DaemonSet.

nodeSelectorTerms are OR-ed and have no merge key: every way of patching replaces the list as a whole. So the two
expressions are ANDed into every term that the workload has, and what is not known is never overwritten.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from hybridc import resources
from hybridc.catalog import cni as catalog
from hybridc.lower.bundle import Exclusion, JsonText, Manifest
from hybridc.lower.objects import config_map, idc_affinity, labels, off_cloud_nodes
from hybridc.spec.model import Spec, Workload
from hybridc.spec.origin import plain

NAME = "hybridc-cni-exclusion"
_MOUNT = "/etc/hybridc/cni-exclusion"
_API = {"DaemonSet": "daemonsets", "Deployment": "deployments", "StatefulSet": "statefulsets"}


def exclusions(spec: Spec) -> tuple[Exclusion, ...]:
    """The workloads that must stay off cloud nodes; none without a routed IDC network."""
    cni = spec.cluster.cni
    if cni.daemon_set is None:
        return ()
    known = catalog.daemon_set(cni.type, cni.install, cni.version)
    return (_exclusion(cni.daemon_set, known.terms), *(_exclusion(other, ()) for other in cni.exclude_also))


def _exclusion(workload: Workload, shipped: tuple[dict[str, Any], ...]) -> Exclusion:
    terms = shipped if workload.existing_terms is None else workload.existing_terms
    return Exclusion(workload.kind, workload.namespace, workload.name, merged(list(terms)), list(terms))


def merged(terms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The terms with both expressions ANDed into each; one new term when there is none."""
    return [_with_expressions(term) for term in terms] or [{"matchExpressions": off_cloud_nodes()}]


def _with_expressions(term: dict[str, Any]) -> dict[str, Any]:
    existing = list(term.get("matchExpressions", []))
    new = [expression for expression in off_cloud_nodes() if plain(expression) not in plain(existing)]
    return {
        "matchExpressions": existing + new,
        **{key: value for key, value in term.items() if key != "matchExpressions"},
    }


def patch(exclusion: Exclusion) -> Manifest:
    """The workload as a strategic merge patch."""
    return {
        "apiVersion": "apps/v1",
        "kind": exclusion.kind,
        "metadata": {"name": exclusion.name, "namespace": exclusion.namespace},
        "spec": {"template": {"spec": {"affinity": idc_affinity(exclusion.wanted)}}},
    }


def hook(spec: Spec, found: tuple[Exclusion, ...]) -> list[Manifest]:
    """The Sync hook that patches, what it may do, and the tracked ConfigMap that says what it is to do.

    Argo CD does not compare hooks: a change reaches the cluster only because the ConfigMap changes with it.
    """
    pod = _pod(spec)
    digest = hashlib.sha256(json.dumps(plain(pod), sort_keys=True).encode()).hexdigest()
    return [
        _service_account(spec),
        *(role for namespace in _namespaces(found) for role in _roles(spec, namespace, found)),
        _instructions(spec, found, digest),
        pod,
    ]


def _namespaces(found: tuple[Exclusion, ...]) -> list[str]:
    return list(dict.fromkeys(exclusion.namespace for exclusion in found))


def _service_account(spec: Spec) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": NAME, "namespace": "kube-system", "labels": labels(spec.name)},
    }


def _roles(spec: Spec, namespace: str, found: tuple[Exclusion, ...]) -> list[Manifest]:
    """The right to read and patch the named workloads of one namespace, and nothing else."""
    rules = [
        {
            "apiGroups": ["apps"],
            "resources": [resource],
            "resourceNames": [e.name for e in found if e.namespace == namespace and e.kind == kind],
            "verbs": ["get", "patch"],
        }
        for kind, resource in _API.items()
        if any(e.namespace == namespace and e.kind == kind for e in found)
    ]
    metadata = {"name": NAME, "namespace": namespace, "labels": labels(spec.name)}
    api = "rbac.authorization.k8s.io"
    return [
        {"apiVersion": f"{api}/v1", "kind": "Role", "metadata": metadata, "rules": rules},
        {
            "apiVersion": f"{api}/v1",
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": api, "kind": "Role", "name": NAME},
            "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": "kube-system"}],
        },
    ]


def _instructions(spec: Spec, found: tuple[Exclusion, ...], digest: str) -> Manifest:
    data: dict[str, Any] = {"apply.sh": resources.read(f"{resources.TEMPLATES}/cni-exclusion/apply.sh").decode()}
    lines = []
    for exclusion in found:
        kind = exclusion.kind.lower()
        file = f"{kind}.{exclusion.namespace}.{exclusion.name}"
        lines.append(f"{file} {kind} {exclusion.namespace} {exclusion.name}\n")
        # Compact and with sorted keys: the form in which kubectl prints the live terms that these are compared with.
        data[f"{file}.expected.json"] = JsonText(_api_order(exclusion.expected), indent=None)
        data[f"{file}.wanted.json"] = JsonText(_api_order(exclusion.wanted), indent=None)
        data[f"{file}.patch.json"] = JsonText({"spec": patch(exclusion)["spec"]}, indent=None)
    return config_map(NAME, {**data, "objects": "".join(lines), "hook.sha256": digest}, labels=labels(spec.name))


def _api_order(terms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Terms as the API server returns them: sorted keys."""
    ordered: list[dict[str, Any]] = []
    for term in terms:
        fields: dict[str, Any] = {
            part: [{key: item[key] for key in sorted(item)} for item in term[part]]
            for part in ("matchExpressions", "matchFields")
            if part in term
        }
        ordered.append(fields)
    return ordered


def _pod(spec: Spec) -> Manifest:
    """A Pod and not a Job: a Pod's termination message reaches the Application's status, a Job's does not."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": NAME,
            "namespace": "kube-system",
            "labels": labels(spec.name),
            "annotations": {
                "argocd.argoproj.io/hook": "Sync",
                "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation,HookSucceeded",
                # In the first wave a hook can be skipped when its last result is still in the Application's status.
                "argocd.argoproj.io/sync-wave": "1",
            },
        },
        "spec": {
            "serviceAccountName": NAME,
            "restartPolicy": "Never",
            "affinity": idc_affinity(),
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65534,
                "runAsGroup": 65534,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [_container(spec)],
            "volumes": [
                {"name": "instructions", "configMap": {"name": NAME}},
                {"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}},
            ],
        },
    }


def _container(spec: Spec) -> Manifest:
    return {
        "name": "apply",
        "image": spec.gitops.job_image,
        "command": ["/bin/sh", f"{_MOUNT}/apply.sh"],
        "env": [{"name": "HOME", "value": "/tmp"}],  # noqa: S108 - kubectl's cache, in a volume of the pod's own
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "500m", "memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "instructions", "mountPath": _MOUNT, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
        ],
    }
