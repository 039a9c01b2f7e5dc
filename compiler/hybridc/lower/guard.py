"""The PreSync guard: a pod that looks before a sync changes anything, and refuses with a sentence.

Its rights and instructions are hooks as well, because it runs before anything of the sync is there. It reads objects
by name. To see Nodes it needs a ClusterRole that a person applies once, and that no sync brings: :func:`reader`.
"""

from __future__ import annotations

from typing import Any

from hybridc.lower.bundle import Manifest
from hybridc.lower.delivery import Delivery
from hybridc.lower.guard_checks import instructions, targets
from hybridc.lower.jobs import NAMESPACE, Hook, digest, job_image, metadata, pod_spec, rights, service_account
from hybridc.lower.objects import config_map, labels
from hybridc.spec.model import Spec

NAME = "hybridc-guard"
READER = "hybridc-reader"
TRACKED = "hybridc"
_MOUNT = "/etc/hybridc/guard"
_PREPARE, _LOOK = Hook("PreSync", 1), Hook("PreSync", 2)
_RBAC = "rbac.authorization.k8s.io"


def guard(
    spec: Spec, delivery: Delivery, managed: list[Manifest], after: list[Manifest], *, as_job: bool
) -> list[Manifest]:
    """The guard's objects. ``managed`` are the ConfigMaps we write a part of, ``after`` is all that comes after it.

    ``as_job``: Flux applies a kustomization without hooks. Its Job is named by everything that follows, so that each
    change is looked at anew.
    """
    data = instructions(spec, delivery, managed)
    prepare = None if as_job else _PREPARE
    notes: dict[str, Any] = {} if prepare is None else {"annotations": prepare.annotations()}
    pod = pod_spec(spec, NAME, "guard.sh", _MOUNT)
    return [
        service_account(spec, NAME, prepare),
        *rights(spec, NAME, targets(spec, delivery, managed, data), ["get"], prepare),
        config_map(NAME, data, labels=labels(spec.name), **notes),
        _job(spec, pod, data, after) if as_job else _pod(spec, pod),
        # Argo CD does not compare hooks: this object is out of sync when the guard is another one.
        config_map(
            TRACKED,
            {"cluster": spec.name, "guard.image": job_image(spec), "guard.sha256": digest(data, pod)},
            labels=labels(spec.name),
        ),
    ]


def _pod(spec: Spec, pod: dict[str, Any]) -> Manifest:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata(spec, NAME, _LOOK), "spec": pod}


def _job(spec: Spec, pod: dict[str, Any], *looked_at: Any) -> Manifest:
    name = f"{NAME}-{digest(pod, *looked_at)[:10]}"
    template = {"metadata": {"labels": labels(spec.name)}, "spec": pod}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(spec, name),
        "spec": {"backoffLimit": 1, "template": template},
    }


def reader(spec: Spec) -> list[Manifest]:
    """The right to list Nodes, for a person to apply once in the cluster itself; nothing where Terway is not."""
    if spec.terway is None:
        return []
    meta: dict[str, Any] = {"name": READER, "labels": labels(spec.name)}
    rule = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}
    return [
        {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": meta, "rules": [rule]},
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": meta,
            "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": READER},
            "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}],
        },
    ]
