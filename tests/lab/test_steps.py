"""The commands of `hybridc steps` at a real API server: a look says no until it is so, and nothing is done twice."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lab.lab import example
from tests.lab.servers.cluster import Cluster, Json
from tests.lab.synced import EXCLUDED
from tests.lab.world import AGENT_CONFIG, CALICO

from hybridc.compile import Compiled, compile_spec

pytestmark = pytest.mark.needs("root", "debian", "kubernetes")

SYSTEM = {"namespace": "kube-system"}


@pytest.fixture(scope="module")
def commands() -> dict[str, str]:
    """The command of each step of examples/guide."""
    compiled = compile_spec("hybrid.yaml", example("guide").encode(), "2026-11-30")
    assert isinstance(compiled, Compiled)
    return {step.id: step.command for step in compiled.bundle.steps}


@pytest.fixture
def cluster_before(world: Cluster) -> Iterator[Cluster]:
    """The guide's cluster before hybridc comes; what a test made beside is gone afterwards."""
    yield world
    system = ["deployment/ack-cluster-agent", "daemonset/terway-eniip"]
    world.run("-n", "kube-system", "delete", "--ignore-not-found", *system)
    reader = ["clusterrole/hybridc-reader", "clusterrolebinding/hybridc-reader"]
    world.run("delete", "--ignore-not-found", "node/cloud", "namespace/argocd", *reader)


def run(cluster: Cluster, command: str, folder: Path | None = None) -> int:
    """The exit code of a command, in a folder; ``aliyun`` is not there."""
    tools = Path(cluster.kubectl).parent
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "KUBECONFIG": str(cluster.kubeconfig), "HOME": "/nowhere"}
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, timeout=60, check=False
    ).returncode


def create(cluster: Cluster, *items: Json) -> None:
    cluster.run("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": list(items)}))


def pods_of(name: str) -> Json:
    """The spec of a workload."""
    labels = {"app": name}
    pod: Json = {"containers": [{"name": name, "image": name}]}
    return {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}


def rolled(cluster: Cluster, path: str, wanted: int = 0) -> None:
    """Say of a DaemonSet what its controller says when all pods are new."""
    generation = (cluster.get(path) or {})["metadata"]["generation"]
    counts = {"currentNumberScheduled": wanted, "desiredNumberScheduled": wanted, "numberMisscheduled": 0}
    status = {**counts, "numberReady": wanted, "updatedNumberScheduled": wanted, "numberAvailable": wanted}
    cluster.patch(f"{path}/status", {"status": {**status, "observedGeneration": generation}})


def test_the_exclusion_is_seen(cluster_before: Cluster, commands: dict[str, str]) -> None:
    look = commands["see.exclusion"]
    rolled(cluster_before, CALICO)
    assert run(cluster_before, look) == 1
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": EXCLUDED}}}
    cluster_before.patch(CALICO, {"spec": {"template": {"spec": {"affinity": affinity}}}})
    rolled(cluster_before, CALICO)
    assert run(cluster_before, look) == 0
    cluster_before.run("-n", "kube-system", "delete", "daemonset", "calico-node")
    assert run(cluster_before, look) == 1


def test_the_agent_says_how_it_was_imported(cluster_before: Cluster, commands: dict[str, str]) -> None:
    look = commands["agent.private"]
    assert run(cluster_before, look) != 0
    metadata = {"name": "ack-cluster-agent", **SYSTEM}
    create(
        cluster_before, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": pods_of("agent")}
    )
    for value, ends in (("false", 1), ("true", 0)):
        variable = f"INTERNAL_ENDPOINT={value}"
        cluster_before.run("-n", "kube-system", "set", "env", "deployment/ack-cluster-agent", variable, "A=true")
        assert run(cluster_before, look) == ends


def test_terway_runs_on_cloud_nodes_and_no_other(cluster_before: Cluster, commands: dict[str, str]) -> None:
    look, path = commands["see.terway"], CALICO.replace("calico-node", "terway-eniip")
    assert run(cluster_before, look) == 1
    metadata = {"name": "terway-eniip", **SYSTEM}
    create(
        cluster_before, {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata, "spec": pods_of("terway")}
    )
    assert run(cluster_before, look) == 0
    rolled(cluster_before, path, 1)
    assert run(cluster_before, look) == 1
    labels = {"alibabacloud.com/external": "true"}
    create(cluster_before, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "cloud", "labels": labels}})
    assert run(cluster_before, look) == 0


def test_a_secret_that_is_there_stays(cluster_before: Cluster, commands: dict[str, str]) -> None:
    path = "/api/v1/namespaces/kube-system/secrets/alibaba-addon-secret"
    before = cluster_before.get(path)
    assert run(cluster_before, commands["credentials.secret"]) == 0
    assert cluster_before.get(path) == before
    cluster_before.run("-n", "kube-system", "delete", "secret", "alibaba-addon-secret")
    assert run(cluster_before, commands["credentials.secret"]) != 0, "there is no aliyun here"
    assert cluster_before.get(path) is None


def test_what_argo_cd_reads_is_applied_and_the_sync_is_awaited(
    cluster_before: Cluster, commands: dict[str, str], guide: Path
) -> None:
    create(cluster_before, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}})
    for _ in range(2):
        assert run(cluster_before, commands["gitops.apply"], guide) == 0
    assert cluster_before.get("/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/idc-hangzhou")
    wanted = commands["gitops.sync"].split("wanted=")[1].split(" ")[0]
    cluster_before.patch(AGENT_CONFIG, {"data": {"addNodeScriptPath": wanted}})
    assert run(cluster_before, commands["gitops.sync"]) == 0
