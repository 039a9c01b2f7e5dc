"""The hook that patches workloads we do not own, and the CronJob that does the same on a schedule.

The tracked ConfigMap says what is to be done: the script, the terms that are wanted and those that are expected, a
digest of the pod. Argo CD does not compare hooks, so a change reaches the cluster because this object changes.
"""

from __future__ import annotations

from typing import Any

from hybridc.lower import comparison
from hybridc.lower.bundle import Exclusion, Manifest
from hybridc.lower.jobs import (
    Hook,
    Target,
    cron_job,
    digest,
    job_image,
    metadata,
    pod_spec,
    rights,
    script,
    service_account,
)
from hybridc.lower.objects import EXCLUSION_WAVE, config_map, labels
from hybridc.rules.ignores import accepted
from hybridc.spec.model import Spec

NAME = "hybridc-cni-exclusion"
ABSENT = "CNI040"
"""The code of a workload that is not there."""
_MOUNT = "/etc/hybridc/cni-exclusion"
_HOOK = Hook("Sync", EXCLUSION_WAVE, keep_result=False)


def hook(spec: Spec, excluded: tuple[Exclusion, ...]) -> list[Manifest]:
    """ServiceAccount, rights, instructions, and what runs them: a hook, or with Flux a Job."""
    targets = [Target(e.kind, e.namespace, e.name) for e in excluded]
    pod = pod_spec(spec, NAME, "apply.sh", _MOUNT)
    instructions = _instructions(spec, excluded, pod)
    runs = [_job(spec, pod, instructions) if spec.gitops.engine == "flux" else _pod(spec, pod)]
    if spec.cluster.cni.recheck is not None:
        # Puts a lost exclusion back: a reinstalled CNI comes without it.
        runs.append(cron_job(spec, NAME, spec.cluster.cni.recheck, pod))
    return [
        service_account(spec, NAME),
        *rights(spec, NAME, targets, ["get", "patch"]),
        instructions,
        *runs,
    ]


def _instructions(spec: Spec, excluded: tuple[Exclusion, ...], pod: dict[str, Any]) -> Manifest:
    data: dict[str, Any] = {"apply.sh": script("cni-exclusion.sh"), "terms.sh": script("terms.sh")}
    for exclusion in excluded:
        data |= comparison.files(exclusion) | comparison.patch_file(exclusion)
    listed = comparison.objects(excluded, may_be_absent=ABSENT in accepted(spec))
    tracked = {"objects": listed, "hook.image": job_image(spec), "hook.sha256": digest(pod)}
    return config_map(NAME, {**data, **tracked}, labels=labels(spec.name))


def _pod(spec: Spec, pod: dict[str, Any]) -> Manifest:
    """A Pod and not a Job: a Pod's termination message reaches the Application's status, a Job's does not."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata(spec, NAME, _HOOK), "spec": pod}


def _job(spec: Spec, pod: dict[str, Any], instructions: Manifest) -> Manifest:
    """Flux has no hooks: a Job whose name says what it does, so that another content is another Job."""
    name = f"{NAME}-{digest(instructions, pod)[:10]}"
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(spec, name),
        "spec": {"backoffLimit": 3, "template": {"metadata": {"labels": labels(spec.name)}, "spec": pod}},
    }
