"""The PreSync guard: a pod that looks before a sync changes anything, and refuses with a sentence.

Its rights and instructions are hooks as well, because it runs before anything of the sync is there. It reads named
objects only.
"""

from __future__ import annotations

from typing import Any

from hybridc import resources
from hybridc.catalog import ack
from hybridc.lower.bundle import Exclusion, Manifest
from hybridc.lower.jobs import Hook, Target, digest, job_image, metadata, pod_spec, rights, service_account
from hybridc.lower.objects import config_map, labels
from hybridc.spec.model import Spec

NAME = "hybridc-guard"
TRACKED = "hybridc"
_MOUNT = "/etc/hybridc/guard"
_PREPARE, _LOOK = Hook("PreSync", 1), Hook("PreSync", 2)


def guard(spec: Spec, patched: tuple[Exclusion, ...], managed: list[Manifest]) -> list[Manifest]:
    """The guard's objects. ``patched`` workloads must be there; ``managed`` are the ConfigMaps we write a part of."""
    targets = [Target(e.kind, e.namespace, e.name) for e in patched]
    targets += [Target("ConfigMap", str(m["metadata"]["namespace"]), str(m["metadata"]["name"])) for m in managed]
    data = _instructions(spec, patched, managed)
    if "credentials" in data:
        targets.append(Target("Secret", ack.NAMESPACE, ack.CREDENTIALS_SECRET))
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(spec, NAME, _LOOK),
        "spec": pod_spec(spec, NAME, "guard.sh", _MOUNT),
    }
    return [
        service_account(spec, NAME, _PREPARE),
        *rights(spec, NAME, targets, ["get"], _PREPARE),
        config_map(NAME, data, labels=labels(spec.name), annotations=_PREPARE.annotations()),
        pod,
        # Argo CD does not compare hooks: this object is out of sync when the guard is another one.
        config_map(
            TRACKED,
            {"cluster": spec.name, "guard.image": job_image(spec), "guard.sha256": digest(data, pod["spec"])},
            labels=labels(spec.name),
        ),
    ]


def _instructions(spec: Spec, patched: tuple[Exclusion, ...], managed: list[Manifest]) -> dict[str, Any]:
    """The files beside guard.sh: a line for each object."""
    script = resources.read(f"{resources.TEMPLATES}/hooks/guard.sh").decode()
    keys = [_line(m["metadata"]["namespace"], m["metadata"]["name"], *m["data"]) for m in managed]
    data: dict[str, Any] = {"guard.sh": script, "foreign-keys": "".join(keys)}
    if patched:
        data["workloads"] = "".join(_line(e.namespace, e.kind.lower(), e.name) for e in patched)
        if spec.cluster.cni.delivery == "ssa":
            data["partial"] = data["workloads"]
    if spec.terway is not None and spec.terway.credentials == "addonSecret":
        data["credentials"] = _line(ack.NAMESPACE, ack.CREDENTIALS_SECRET, "access-key-id", "access-key-secret")
    if spec.node_init.mode == "script":
        data["kubelet-minor"] = f"{spec.cluster.minor}\n"
    return data


def _line(*words: str) -> str:
    return " ".join(str(word) for word in words) + "\n"
