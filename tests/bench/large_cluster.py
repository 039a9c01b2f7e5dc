"""A large cluster on loopback, and what preflight takes to look at it: ``python tests/bench/large_cluster.py``.

5,000 Nodes, each 12 KiB of JSON, and 50,000 Pods. The budget is 10 s and 150 MiB.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "compiler")]
from tests.live.api import Api, by_resource, serving  # noqa: E402
from tests.preflight.clusters import compiled, healthy  # noqa: E402

Data = dict[str, Any]
NODES, PODS = 5_000, 50_000
_LABELS = {f"example.com/label-{number}": "a value of the usual length" for number in range(12)}
_FIELDS: Data = {f"f:field-{number}": {".": {}, "f:name": {}, "f:value": {}} for number in range(40)}
_IMAGES = [{"names": [f"registry.example.com/team/image-{n}@sha256:{'0' * 64}"], "sizeBytes": n} for n in range(40)]
_ENVIRONMENT = [{"name": f"VARIABLE_{number}", "value": "a value of the usual length"} for number in range(20)]


class Made(Sequence[Data]):
    """Objects that are made when a page asks for them, so that the server takes little memory."""

    def __init__(self, make: Any, count: int) -> None:
        self._make, self._count = make, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Data: ...
    @overload
    def __getitem__(self, index: slice) -> list[Data]: ...
    def __getitem__(self, index: int | slice) -> Data | list[Data]:
        if isinstance(index, slice):
            return [self._make(number) for number in range(*index.indices(self._count))]
        found: Data = self._make(range(self._count)[index])
        return found


def node(number: int) -> Data:
    """A machine of the IDC, with its images and conditions."""
    conditions = [
        {
            "type": kind,
            "status": "False",
            "reason": f"KubeletHasSufficient{kind}",
            "message": "kubelet has sufficient memory",
        }
        for kind in ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")
    ]
    return {
        "metadata": {
            "name": f"idc-worker-{number:05}.example.internal",
            "uid": f"{number:036}",
            "labels": _LABELS,
            "annotations": {"projectcalico.org/IPv4Address": f"192.168.10.{number % 30}/26"},
            "managedFields": [{"manager": "kubelet", "operation": "Update", "fieldsV1": _FIELDS}],
        },
        "spec": {"podCIDRs": ["172.28.0.0/24"], "providerID": f"vsphere://{number:036}"},
        "status": {
            "addresses": [{"type": "InternalIP", "address": f"192.168.10.{number % 30}"}],
            "conditions": [*conditions, {"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            "nodeInfo": {
                "kubeletVersion": "v1.34.2",
                "osImage": "Debian GNU/Linux 12",
                "kernelVersion": "6.1.0-40-amd64",
            },
            "images": _IMAGES,
        },
    }


def pod(number: int) -> Data:
    """A pod of an application, with its environment and fields."""
    return {
        "metadata": {
            "name": f"application-{number // 10:05}-7d9c5b6f8d-{number:05}",
            "namespace": f"team-{number % 200:03}",
            "uid": f"{number:036}",
            "labels": _LABELS,
            "managedFields": [{"manager": "kube-controller-manager", "operation": "Update", "fieldsV1": _FIELDS}],
        },
        "spec": {
            "nodeName": f"idc-worker-{number % NODES:05}.example.internal",
            "containers": [{"name": "application", "image": "registry.example.com/team/app:1", "env": _ENVIRONMENT}],
        },
        "status": {"phase": "Running", "podIPs": [{"ip": f"172.28.{number // 250}.{number % 250}"}]},
    }


def large(spec: Any) -> Api:
    """An API server with a cluster that fits ``spec`` and is large."""
    items = by_resource(healthy(spec))
    return Api({**items, "nodes": Made(node, NODES), "pods": Made(pod, PODS)})


def figures(flags: list[str], folder: Path) -> Iterator[str]:
    """A line for each way of looking."""
    spec = ROOT / "tests" / "rules" / "base.yaml"
    with serving(large(compiled(spec.read_text("utf-8")).spec)) as api:
        cluster = [f"--kubeconfig={api.kubeconfig(folder)}", "--deadline=300"]
        seen = str(folder / "seen")
        ways = {
            "the cluster": cluster,
            "the cluster, --dump": [*cluster, f"--dump={seen}"],
            "--from": [f"--from={seen}"],
        }
        for name, words in ways.items():
            yield f"{name:20} {run([str(spec), *words, *flags])}"


def run(words: list[str]) -> str:
    """Wall and CPU seconds, and the largest resident set, of one run."""
    started = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "compiler")}
    command = [sys.executable, "-m", "hybridc", "preflight", *words]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"bench: preflight ended with {child.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return f"{time.monotonic() - started:6.2f} s, {cpu:6.2f} CPU s, {usage.ru_maxrss / 1024:5.0f} MiB"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        for line in figures(sys.argv[1:], Path(made)):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
