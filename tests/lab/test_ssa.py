"""Server-side apply of a part of an object that others own: where it works, where it does harm, who prevents it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.lab.conftest import Delivery
from tests.lab.damage import Damage
from tests.lab.lab import compile_spec, example
from tests.lab.servers.cluster import Cluster, Json
from tests.lab.test_preflight import looked, of
from tests.lab.world import AGENT_CONFIG, CALICO, FOREIGN, daemon_set, install, terms

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


@pytest.mark.parametrize(("how", "first"), [(["apply"], 0), (LIKE_ARGOCD, 1)], ids=["kubectl", "Argo CD"])
def test_it_never_works_again_where_calico_was_applied(
    how: list[str], first: int, world: Cluster, partial: str
) -> None:
    world.run("-n", "kube-system", "delete", "daemonset", "calico-node")
    install(world, "calico-v3.24.5", *how)
    tries = [_try(world, partial) for _ in range(3)]
    # From kubectl the first takes every field; what Argo CD has, the part would remove.
    assert [done.returncode for done in tries] == [first, 1, 1]
    assert "field is immutable" in tries[-1].stderr
    assert "Required value" in tries[-1].stderr


def _made(*hows: str) -> Damage:
    """calico-node by one ``kubectl HOW -f`` after another."""

    def make(cluster: Cluster) -> None:
        for how in hows:
            install(cluster, "calico-v3.24.5", *how.split())

    return make


def _then(first: Damage, *rest: Damage) -> Damage:
    def make(cluster: Cluster) -> None:
        for each in (first, *rest):
            each(cluster)

    return make


def _other_image(cluster: Cluster) -> None:
    """An upgrade of Calico by ``kubectl apply``."""
    found = json.loads(daemon_set("calico-v3.24.5"))
    found["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example.com/node:v3.24.6"
    cluster.run("apply", "-f", "-", stdin=json.dumps(found))


def _no_owners(cluster: Cluster) -> None:
    """As in objects that are older than managedFields."""
    cluster.patch(CALICO, {"metadata": {"managedFields": [{}]}})


def _annotated(cluster: Cluster) -> None:
    cluster.run("-n", "kube-system", "annotate", "daemonset/calico-node", "team=net")


def _set_last_applied(cluster: Cluster) -> None:
    text = daemon_set("calico-v3.24.5")
    cluster.run("apply", "set-last-applied", "--create-annotation", "-f", "-", stdin=text)


def _as_argocd(cluster: Cluster) -> None:
    cluster.run(*LIKE_ARGOCD, "-f", "-", stdin=daemon_set("calico-v3.24.5"))


WAYS: dict[str, tuple[Damage, bool]] = {
    "kubectl create": (_made("create"), False),
    "kubectl create, annotated": (_then(_made("create"), _annotated), False),
    "kubectl create --save-config": (_made("create --save-config"), True),
    "kubectl apply": (_made("apply"), True),
    "kubectl apply --server-side": (_made("apply --server-side"), False),
    "apply, then apply --server-side": (_made("apply", "apply --server-side --force-conflicts"), False),
    "apply --server-side, then apply": (_made("apply --server-side", "apply"), False),
    "create, then apply of the same": (_made("create", "apply"), False),
    "create, then apply of an upgrade": (_then(_made("create", "apply"), _other_image), True),
    "create, then set-last-applied": (_then(_made("create"), _set_last_applied), False),
    "create, owners lost": (_then(_made("create"), _no_owners), False),
    "apply, owners lost": (_then(_made("apply"), _no_owners), True),
    "Helm 3": (_made("create --field-manager=helm"), False),
    "Helm 4": (_made("apply --server-side --field-manager=helm"), False),
    "an operator that updates": (
        _made("create --field-manager=operator", "replace --field-manager=operator"),
        False,
    ),
    "an operator that applies": (_made("apply --server-side --field-manager=operator --force-conflicts"), False),
    "Argo CD": (_made("apply --field-manager=argocd-controller"), True),
    "Argo CD, server-side": (_as_argocd, True),
    "create, then Argo CD of all": (_then(_made("create"), _as_argocd), True),
}
"""How calico-node came → whether the first two syncs with delivery ssa do harm to it."""


@pytest.mark.parametrize(("make", "harm"), WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("synced", [False, True], ids=["fresh", "synced once"])
def test_what_is_said_before_is_what_a_sync_then_does(
    make: Damage, harm: bool, synced: bool, world: Cluster, out: Path, delivery: Delivery, partial: str, tmp_path: Path
) -> None:
    """Preflight, the guard, and then two syncs; also where a sync has come once already."""
    world.run("-n", "kube-system", "delete", "daemonset", "calico-node")
    make(world)
    if synced:
        _try(world, partial)
    foreseen = _foreseen(world, tmp_path)
    delivery.apply(out, only="hybridc-guard")
    refusal = delivery.run(out, "hybridc-guard").ended
    assert ("CNI043" in refusal.message) == foreseen, refusal.log
    before = _spec_without_terms(_calico(world))
    tries = [_try(world, partial) for _ in range(2)]
    done = [each.returncode for each in tries] == [0, 0] and _spec_without_terms(_calico(world)) == before
    assert done == (not foreseen), tries[-1].stderr
    assert synced or foreseen == harm


def _foreseen(cluster: Cluster, folder: Path) -> bool:
    spec = folder / "hybrid.yaml"
    spec.write_text(_with_ssa() + ACCEPTED, encoding="utf-8")
    return "CNI043" in looked(spec, of(cluster)).codes


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
