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


def guard(spec: Spec, delivery: Delivery, managed: list[Manifest]) -> list[Manifest]:
    """The guard's objects. ``managed`` are the ConfigMaps we write a part of."""
    data = instructions(spec, delivery, managed)
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(spec, NAME, _LOOK),
        "spec": pod_spec(spec, NAME, "guard.sh", _MOUNT),
    }
    return [
        service_account(spec, NAME, _PREPARE),
        *rights(spec, NAME, targets(spec, delivery, managed, data), ["get"], _PREPARE),
        config_map(NAME, data, labels=labels(spec.name), annotations=_PREPARE.annotations()),
        pod,
        # Argo CD does not compare hooks: this object is out of sync when the guard is another one.
        config_map(
            TRACKED,
            {"cluster": spec.name, "guard.image": job_image(spec), "guard.sha256": digest(data, pod["spec"])},
            labels=labels(spec.name),
        ),
    ]


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
