"""Server-side apply of a part of an object that others own: where it works, where it does harm, who prevents it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.lab.conftest import Delivery
from tests.lab.lab import compile_spec, example
from tests.lab.servers.cluster import Cluster, Json
from tests.lab.world import AGENT_CONFIG, CALICO, FOREIGN, install, terms

pytestmark = pytest.mark.needs("root", "debian", "kubernetes")

ACCEPTED = "  checks:\n    ignore: [{code: GIT007, reason: calico was installed with kubectl create}]\n"
# What Argo CD does with ServerSideApply=true,Validate=false.
LIKE_ARGOCD = ["apply", "--server-side", "--force-conflicts", "--validate=false", "--field-manager=argocd-controller"]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guide's cluster with delivery ssa."""
    return compile_spec(_with_ssa() + ACCEPTED, tmp_path_factory.mktemp("ssa")) / "idc-hangzhou"


@pytest.fixture(scope="module")
def partial(delivery: Delivery, out: Path) -> str:
    """The part of calico-node that is synced."""
    (found,) = (item for item in delivery.objects(out) if item["kind"] == "DaemonSet")
    return json.dumps(found)


def _with_ssa() -> str:
    version = "      version: 3.24.5\n"
    return example("guide").replace(version, f"{version}      delivery: ssa\n")


def test_the_compiler_refuses_it_until_somebody_answers_for_it(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="GIT007 error"):
        compile_spec(_with_ssa(), tmp_path)
    assert compile_spec(_with_ssa() + ACCEPTED, tmp_path).exists()


@pytest.mark.parametrize("how", [["create"], ["apply", "--server-side"]], ids=["create", "server-side"])
def test_it_is_safe_where_nobody_used_kubectl_apply(how: list[str], world: Cluster, partial: str) -> None:
    world.run("-n", "kube-system", "delete", "daemonset", "calico-node")
    install(world, "calico-v3.24.5", *how)
    before = _calico(world)
    world.run(*LIKE_ARGOCD, "-f", "-", stdin=partial)
    after = _calico(world)
    wanted = terms(json.loads(partial))
    assert terms(after) == wanted
    assert _spec_without_terms(after) == _spec_without_terms(before)

    world.run(*LIKE_ARGOCD, "-f", "-", stdin=partial)
    assert _calico(world)["metadata"]["generation"] == after["metadata"]["generation"], "calico-node does not roll"


def test_it_never_works_again_where_calico_came_by_kubectl_apply(world: Cluster, partial: str) -> None:
    world.run("-n", "kube-system", "delete", "daemonset", "calico-node")
    install(world, "calico-v3.24.5", "apply")
    tries = [_try(world, partial) for _ in range(3)]
    assert [done.returncode for done in tries] == [0, 1, 1], "the first takes every field, the others would remove them"
    assert "field is immutable" in tries[-1].stderr
    assert "Required value" in tries[-1].stderr


@pytest.mark.parametrize(
    ("how", "refused"), [(["create"], False), (["apply", "--server-side"], False), (["apply"], True)]
)
def test_the_guard_tells_them_apart(
    how: list[str], refused: bool, world: Cluster, out: Path, delivery: Delivery
) -> None:
    world.run("-n", "kube-system", "delete", "daemonset", "calico-node")
    install(world, "calico-v3.24.5", *how)
    delivery.apply(out, only="hybridc-guard")
    ended = delivery.run(out, "hybridc-guard").ended
    assert ended.status == int(refused), ended.log
    assert ("daemonset kube-system/calico-node was made by kubectl apply" in ended.message) == refused


def _try(cluster: Cluster, partial: str) -> subprocess.CompletedProcess[str]:
    return cluster.run(*LIKE_ARGOCD, "-f", "-", stdin=partial, check=False)


def test_it_would_take_the_keys_of_the_agent_and_ours_does_not(world: Cluster, guide: Path, delivery: Delivery) -> None:
    (ours,) = (item for item in delivery.objects(guide) if item["metadata"]["name"] == "ack-agent-config")
    _agent_config_by_apply(world)
    world.run(*LIKE_ARGOCD, "-f", "-", stdin=json.dumps(ours))
    assert not _agent_config(world).keys() & FOREIGN.keys(), "gone, and kubectl says nothing"

    # As it is emitted: applied client-side, after the guard had a look.
    assert "ServerSideApply" not in json.dumps(ours)
    _agent_config_by_apply(world)
    delivery.apply(guide, only="hybridc-guard")
    refused = delivery.run(guide, "hybridc-guard").ended
    assert refused.status == 1
    world.run(*refused.message.rpartition("keep it with: kubectl ")[2].split())
    assert delivery.run(guide, "hybridc-guard").ended.status == 0
    delivery.apply(guide, only="ack-agent-config")
    assert _agent_config(world) == FOREIGN | ours["data"]


def _agent_config_by_apply(cluster: Cluster) -> None:
    metadata = {"name": "ack-agent-config", "namespace": "kube-system"}
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": FOREIGN}
    cluster.run("-n", "kube-system", "delete", "--ignore-not-found", "configmap", "ack-agent-config")
    cluster.run("apply", "-f", "-", stdin=json.dumps(item))


def _agent_config(cluster: Cluster) -> dict[str, str]:
    found: dict[str, str] = (cluster.get(AGENT_CONFIG) or {})["data"]
    return found


def _calico(cluster: Cluster) -> Json:
    found = cluster.get(CALICO)
    assert found is not None
    return found


def _spec_without_terms(daemon_set: Json) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(daemon_set["spec"]))
    copy["template"]["spec"].pop("affinity", None)
    return copy
