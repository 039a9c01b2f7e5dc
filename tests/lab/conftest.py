"""The servers, one set for all tests of a kind, and the guide's cluster as hybridc compiles it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from tests.lab.lab import Lab, bare_cluster, compile_spec, example, lab
from tests.lab.servers.cluster import Cluster, Json
from tests.lab.servers.kubelet import Kubelet, Run, kubelet
from tests.lab.servers.process import Tools, wait_for
from tests.lab.synced import Synced
from tests.lab.world import install, prepare


@pytest.fixture(scope="session")
def cluster(tool: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A bare API server that knows Argo CD's kinds."""
    with bare_cluster(tool, tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="session")
def hooks(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubelet]:
    """Somebody who runs the pods of ``cluster``."""
    with kubelet(cluster, tmp_path_factory.mktemp("hooks")) as playing:
        yield playing


@pytest.fixture(scope="session")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What examples/guide compiles to, in both layouts: the folder of its cluster."""
    return compile_spec(example("guide"), tmp_path_factory.mktemp("guide"), "--layout=both") / "idc-hangzhou"


@dataclass(frozen=True)
class Delivery:
    """One compiled cluster, delivered by hand: its objects first, its hook pods when a test says so."""

    cluster: Cluster
    hooks: Kubelet
    tools: Tools

    def objects(self, folder: Path) -> list[Json]:
        """Every object that Argo CD would find in a cluster's ``folder``, hooks included."""
        if (folder / "kustomize").exists():
            command = [self.tools("kustomize"), "build", str(folder / "kustomize")]
        else:
            command = [self.tools("helm3"), "template", str(folder / "chart")]
        built = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [item for item in yaml.safe_load_all(built) if item]

    def apply(self, folder: Path, only: str | None = None) -> None:
        """Apply all but the pods, or the objects called ``only`` among them."""
        objects = [item for item in self.objects(folder) if item["kind"] != "Pod"]
        self._apply([item for item in objects if only in (None, item["metadata"]["name"])])

    def run(self, folder: Path, name: str) -> Run:
        """Run the hook pod ``name`` to its end; what ran."""
        (pod,) = (item for item in self.objects(folder) if (item["kind"], item["metadata"]["name"]) == ("Pod", name))
        before = len(self.hooks.runs)
        self.cluster.run("-n", "kube-system", "delete", "pod", name, "--ignore-not-found", "--grace-period=0")
        self._apply([pod])
        wait_for(f"pod {name}", lambda: len(self.hooks.runs) > before, 30)
        return self.hooks.runs[-1]

    def _apply(self, items: list[Json]) -> None:
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        self.cluster.run("apply", "-f", "-", stdin=text)


@pytest.fixture(scope="session")
def delivery(cluster: Cluster, hooks: Kubelet, tool: Tools) -> Delivery:
    """Delivers compiled clusters to ``cluster``."""
    return Delivery(cluster, hooks, tool)


@pytest.fixture(scope="session")
def running(tool: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One Argo CD for all, and a cluster of its own."""
    with lab(tool, tmp_path_factory.mktemp("lab")) as started:
        prepare(started.cluster)
        yield started


@pytest.fixture
def synced(running: Lab, tmp_path: Path) -> Synced:
    """The guide's cluster, synced by Argo CD; what a scenario starts from."""
    found = Synced.of(running, tmp_path)
    found.start()
    return found


@pytest.fixture
def world(cluster: Cluster, guide: Path, delivery: Delivery) -> Iterator[Cluster]:
    """The cluster with calico-node and the rest that comes before hybridc; afterwards all of it is gone."""
    prepare(cluster)
    install(cluster, "calico-v3.24.5")
    yield cluster
    cluster.run("delete", "--ignore-not-found", "-k", str(guide / "kustomize"))
    rest = ["daemonset/calico-node", "secret/alibaba-addon-secret", "daemonset/kube-proxy", "configmap/kube-proxy"]
    cluster.run("-n", "kube-system", "delete", "--ignore-not-found", *rest)
    cluster.run("-n", "kube-public", "delete", "--ignore-not-found", "configmap/cluster-info")
