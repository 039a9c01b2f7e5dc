"""Plays the kubelet, and the Job controller: runs the containers of hook Pods and Jobs for real, and reports.

A container runs under its own ServiceAccount's token, so what the emitted RBAC grants and refuses is seen for real.
The image is not looked at: /bin/sh and kubectl are this machine's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from urllib.error import URLError

from tests.lab.servers import container, volumes
from tests.lab.servers.cluster import Cluster, Json
from tests.lab.servers.container import Container, Ended


@dataclass(frozen=True)
class Run:
    """One container that ran."""

    kind: str
    namespace: str
    name: str
    image: str
    ended: Ended


@dataclass
class Kubelet:
    """Runs every new Pod and Job once; ``runs`` is what ran, oldest first."""

    cluster: Cluster
    folder: Path
    runs: list[Run] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    stopping: threading.Event = field(default_factory=threading.Event)

    def watch(self, path: str, handle: Callable[[Json], None]) -> None:
        """Give each object below ``path`` to ``handle`` in a thread of its own, once, until ``stopping``."""
        while not self.stopping.is_set():
            # The API server ends every watch after its seconds; a broken one is begun anew as well.
            with suppress(URLError, OSError):
                # The list first: with Debian's etcd 3.4 a watch was seen to hold an event back until the next one.
                there = (self.cluster.get(path) or {})["items"]
                for item in chain(there, self.cluster.watch(path, seconds=3)):
                    uid = item["metadata"].get("uid")
                    if uid is None or uid in self.seen or self.stopping.is_set():
                        continue
                    self.seen.add(uid)
                    threading.Thread(target=handle, args=(item,), daemon=True).start()
            self.stopping.wait(0.05)

    def pod(self, pod: Json) -> None:
        """Run the pod and patch its status as a kubelet does, termination message included."""
        if pod.get("status", {}).get("phase") != "Pending":
            return
        started = _now()
        ended = self._run("pod", pod, pod["spec"])
        if ended is None:
            return
        first = pod["spec"]["containers"][0]
        terminated = {
            "exitCode": ended.status,
            "reason": "Error" if ended.status else "Completed",
            "message": ended.message,
            "startedAt": started,
            "finishedAt": _now(),
        }
        status = {
            "name": first["name"],
            "image": first["image"],
            "imageID": first["image"],
            "ready": False,
            "restartCount": 0,
            "state": {"terminated": terminated},
        }
        phase = "Failed" if ended.status else "Succeeded"
        self._report("pod", pod, {"phase": phase, "startTime": started, "containerStatuses": [status]})

    def job(self, job: Json) -> None:
        """Run the job's pod, once, and patch its status as the Job controller does."""
        if job["spec"].get("suspend") or job.get("status", {}).get("conditions"):
            return
        started = _now()
        ended = self._run("job", job, job["spec"]["template"]["spec"])
        if ended is None:
            return
        if ended.status:
            why = {"reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit"}
            self._report("job", job, _job_status(started, ["FailureTarget", "Failed"], why) | {"failed": 1})
            return
        done = _job_status(started, ["SuccessCriteriaMet", "Complete"], {"reason": "CompletionsReached"})
        self._report("job", job, done | {"succeeded": 1, "completionTime": _now()})

    def _run(self, kind: str, item: Json, spec: Json) -> Ended | None:
        """Run the first container of ``spec``; None when the object goes before its volumes are there."""
        namespace, name = item["metadata"]["namespace"], item["metadata"]["name"]
        folder = self.folder / f"{len(self.seen):03}-{namespace}-{kind}-{name}"
        mounts = self._volumes(kind, item, spec, folder)
        if mounts is None:
            return None
        first = spec["containers"][0]
        security = spec.get("securityContext", {}) | first.get("securityContext", {})
        ended = container.run(
            Container(
                folder,
                [*first.get("command", []), *first.get("args", [])],
                self._environment(first),
                mounts,
                security.get("runAsUser", 0),
                security.get("runAsGroup", 0),
                security.get("readOnlyRootFilesystem", False),
                {"kubectl": self.cluster.kubectl},
            )
        )
        (folder / "log").write_text(ended.log)
        self.runs.append(Run(kind, namespace, name, first["image"], ended))
        return ended

    def _volumes(self, kind: str, item: Json, spec: Json, folder: Path) -> list[container.Mount] | None:
        namespace, name = item["metadata"]["namespace"], item["metadata"]["name"]
        below = f"{_prefix(kind)}/namespaces/{namespace}/{kind}s"
        while not self.stopping.is_set():
            with suppress(volumes.NotThereYet):
                return volumes.mounts(self.cluster, namespace, spec, folder)
            now = self.cluster.get(f"{below}/{name}")
            if now is None or now["metadata"]["uid"] != item["metadata"]["uid"]:
                return None
            time.sleep(0.5)
        return None

    def _environment(self, first: Json) -> dict[str, str]:
        own = {"KUBERNETES_SERVICE_HOST": self.cluster.host, "KUBERNETES_SERVICE_PORT": str(self.cluster.port)}
        return own | {entry["name"]: entry.get("value", "") for entry in first.get("env", [])}

    def _report(self, kind: str, item: Json, status: Json) -> None:
        metadata = item["metadata"]
        path = f"{_prefix(kind)}/namespaces/{metadata['namespace']}/{kind}s/{metadata['name']}/status"
        # Whoever deleted it meanwhile wants no report.
        with suppress(URLError):
            self.cluster.patch(path, {"metadata": {"uid": metadata["uid"]}, "status": status})


def _prefix(kind: str) -> str:
    return "/api/v1" if kind == "pod" else "/apis/batch/v1"


def _job_status(started: str, conditions: list[str], why: dict[str, str]) -> Json:
    facts = {"status": "True", "lastProbeTime": started, "lastTransitionTime": started, **why}
    return {"startTime": started, "conditions": [{"type": name, **facts} for name in conditions]}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def kubelet(cluster: Cluster, folder: Path) -> Iterator[Kubelet]:
    """Play kubelet until the block ends; logs and file systems of what ran stay below ``folder``. Needs root."""
    container.require_root()
    playing = Kubelet(cluster, folder)
    folder.mkdir(parents=True, exist_ok=True)
    watchers = [
        threading.Thread(target=playing.watch, args=("/api/v1/pods", playing.pod), daemon=True),
        threading.Thread(target=playing.watch, args=("/apis/batch/v1/jobs", playing.job), daemon=True),
    ]
    for watcher in watchers:
        watcher.start()
    try:
        yield playing
    finally:
        playing.stopping.set()
        for watcher in watchers:
            watcher.join(10)
