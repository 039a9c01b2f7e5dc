"""What our short-lived pods in the cluster have in common: the pod itself, its rights, its place in a sync.

Such a pod runs a shell script with kubectl out of a ConfigMap, on IDC nodes only, without any privilege.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any, NamedTuple

from hybridc import resources
from hybridc.catalog import argocd
from hybridc.lower.bundle import JobImage, Manifest
from hybridc.lower.objects import WAVE, idc_affinity, labels
from hybridc.spec.model import Spec
from hybridc.spec.origin import origins, plain

NAMESPACE = "kube-system"
_SORTED = json.JSONEncoder(sort_keys=True, default=lambda embedded: plain(embedded.data))
_TMP = "/tmp"  # noqa: S108 - kubectl's cache, in a volume of the pod's own
_API = {
    "Secret": ("", "secrets"),
    "ConfigMap": ("", "configmaps"),
    "DaemonSet": ("apps", "daemonsets"),
    "Deployment": ("apps", "deployments"),
    "StatefulSet": ("apps", "statefulsets"),
}


class Target(NamedTuple):
    """An object that a pod may touch."""

    kind: str
    namespace: str
    name: str


class Hook(NamedTuple):
    """A hook of Argo CD, and the same for plain Helm. Waves start at 1.

    In the first wave a Sync hook can be skipped when its last result is still in the Application's status.
    """

    phase: str
    wave: int
    keep_result: bool = True

    def annotations(self) -> dict[str, str]:
        """Both spellings; under Argo CD its own wins. Helm keeps a failed hook only: its uninstall passes hooks by."""
        policy = "BeforeHookCreation" if self.keep_result else "BeforeHookCreation,HookSucceeded"
        helm = "pre-install,pre-upgrade" if self.phase == "PreSync" else "post-install,post-upgrade"
        return {
            "argocd.argoproj.io/hook": self.phase,
            "argocd.argoproj.io/hook-delete-policy": policy,
            WAVE: str(self.wave),
            "helm.sh/hook": helm,
            "helm.sh/hook-weight": str(self.wave),
            "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
        }


def metadata(spec: Spec, name: str, hook: Hook | None = None, namespace: str = NAMESPACE) -> dict[str, Any]:
    """Name, namespace, labels, and the annotations of a hook."""
    found: dict[str, Any] = {"name": name, "namespace": namespace, "labels": labels(spec.name)}
    if hook is not None:
        found["annotations"] = hook.annotations()
    return found


def service_account(spec: Spec, name: str, hook: Hook | None = None) -> Manifest:
    """The identity of a pod."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(spec, name, hook)}


def rights(spec: Spec, name: str, targets: list[Target], verbs: list[str], hook: Hook | None = None) -> list[Manifest]:
    """A Role and a RoleBinding for each namespace of the targets: these objects by name, and nothing else."""
    api = "rbac.authorization.k8s.io"
    found: list[Manifest] = []
    for namespace in dict.fromkeys(target.namespace for target in targets):
        meta = metadata(spec, name, hook, namespace)
        here = [target for target in targets if target.namespace == namespace]
        found += [
            {"apiVersion": f"{api}/v1", "kind": "Role", "metadata": meta, "rules": _rules(here, verbs)},
            {
                "apiVersion": f"{api}/v1",
                "kind": "RoleBinding",
                "metadata": meta,
                "roleRef": {"apiGroup": api, "kind": "Role", "name": name},
                "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": NAMESPACE}],
            },
        ]
    return found


def _rules(targets: list[Target], verbs: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "apiGroups": [group],
            "resources": [resource],
            "resourceNames": list(dict.fromkeys(target.name for target in targets if target.kind == kind)),
            "verbs": verbs,
        }
        for kind, (group, resource) in _API.items()
        if any(target.kind == kind for target in targets)
    ]


def pod_spec(spec: Spec, name: str, script: str, mount: str) -> dict[str, Any]:
    """A pod that runs ``<mount>/<script>`` of ConfigMap ``name``."""
    return {
        "serviceAccountName": name,
        "restartPolicy": "Never",
        # An image that cannot be pulled ends the sync with a failure, and not never.
        "activeDeadlineSeconds": argocd.JOB_DEADLINE,
        "priorityClassName": argocd.JOB_PRIORITY,
        "affinity": idc_affinity(),
        "tolerations": list(spec.gitops.job_tolerations),
        **pull_secrets(spec),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "runAsGroup": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(spec, script, mount)],
        "volumes": [
            {"name": "instructions", "configMap": {"name": name}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}},
        ],
    }


def job_image(spec: Spec) -> JobImage:
    """The image of the pods, marked as such."""
    image = JobImage(spec.gitops.job_image)
    image.origins = origins(spec.gitops.job_image)
    return image


def pull_secrets(spec: Spec) -> dict[str, Any]:
    """The part of a pod that names the Secrets its image is pulled with; nothing without any."""
    names = spec.gitops.image_pull_secrets
    return {"imagePullSecrets": [{"name": name} for name in names]} if names else {}


def _container(spec: Spec, script: str, mount: str) -> dict[str, Any]:
    return {
        "name": script.partition(".")[0],
        "image": job_image(spec),
        "command": ["/bin/sh", f"{mount}/{script}"],
        "env": [{"name": "HOME", "value": _TMP}],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "500m", "memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "instructions", "mountPath": mount, "readOnly": True},
            {"name": "tmp", "mountPath": _TMP},
        ],
    }


def cron_job(spec: Spec, name: str, schedule: str, pod: dict[str, Any]) -> Manifest:
    """The pod on a schedule, one at a time."""
    template = {"metadata": {"labels": labels(spec.name)}, "spec": pod}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata(spec, name),
        "spec": {
            "schedule": schedule,
            "concurrencyPolicy": "Forbid",
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {"spec": {"backoffLimit": 1, "template": template}},
        },
    }


@cache
def script(name: str) -> str:
    """A file of ``chart-templates/hooks``, as it is."""
    return resources.read(f"{resources.TEMPLATES}/hooks/{name}").decode()


def digest(*parts: Any) -> str:
    """A sha256 over data: what a hook does, as a value that a tracked object can hold."""
    text = _SORTED.encode(list(parts))
    return hashlib.sha256(text.encode()).hexdigest()
