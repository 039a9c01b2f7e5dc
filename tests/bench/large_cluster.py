"""A large cluster on loopback, and what preflight and doctor take for it: ``python tests/bench/large_cluster.py``.

5,000 Nodes, each 12 KiB of JSON, and 50,000 Pods. The budget is 10 s and 150 MiB.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "compiler")]
from tests.doctor.clusters import synced  # noqa: E402
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

    def __init__(self, make: Any, count: int, first: list[Data]) -> None:
        self._make, self._count, self._first = make, count, first

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Data: ...
    @overload
    def __getitem__(self, index: slice) -> list[Data]: ...
    def __getitem__(self, index: int | slice) -> Data | list[Data]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(self._count))]
        number = range(self._count)[index]
        found: Data = self._first[number] if number < len(self._first) else self._make(number)
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


def large(items: list[Data]) -> Api:
    """An API server with a cluster of these objects that is large: its own Nodes come first, its own Pods too."""
    found = by_resource(items)
    nodes, pods = found.get("nodes", []), found.get("pods", [])
    return Api({**found, "nodes": Made(node, NODES, nodes), "pods": Made(pod, PODS, pods)})


def figures(flags: list[str], folder: Path) -> Iterator[str]:
    """A line for each way of looking."""
    spec = ROOT / "tests" / "rules" / "base.yaml"
    result = compiled(spec.read_text("utf-8"))
    for verb, items, ended in (("preflight", healthy(result.spec), (0,)), ("doctor", synced(result), (0, 1))):
        with serving(large(items)) as api:
            cluster = [f"--kubeconfig={api.kubeconfig(folder)}", "--deadline=300"]
            seen = str(folder / verb)
            ways = {
                "the cluster": cluster,
                "the cluster, --dump": [*cluster, f"--dump={seen}"],
                "--from": [f"--from={seen}"],
            }
            for name, words in ways.items():
                yield f"{verb:10} {name:20} {run([verb, str(spec), *words, *flags], ended)}"


def run(words: list[str], ended: Collection[int]) -> str:
    """Wall and CPU seconds, and the largest resident set, of one run that may end with these codes."""
    started = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "compiler")}
    command = [sys.executable, "-m", "hybridc", *words]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        said = child.stderr.read().decode() if child.stderr is not None else ""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in ended:
        sys.exit(f"{said}bench: {words[0]} ended with {child.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return f"{time.monotonic() - started:6.2f} s, {cpu:6.2f} CPU s, {usage.ru_maxrss / 1024:5.0f} MiB"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        for line in figures(sys.argv[1:], Path(made)):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
