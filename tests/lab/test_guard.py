"""The guard looks before a sync changes anything, with its own ServiceAccount's token, and refuses with a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.lab.conftest import Delivery
from tests.lab.servers.cluster import Cluster
from tests.lab.world import AGENT_CONFIG

pytestmark = pytest.mark.needs("root", "debian", "kubernetes")

GUARD = "hybridc-guard"


def test_guard_lets_a_sound_cluster_through(world: Cluster, guide: Path, delivery: Delivery) -> None:
    delivery.apply(guide, only=GUARD)
    ran = delivery.run(guide, GUARD)
    assert (ran.ended.status, ran.ended.message) == (0, ""), ran.ended.log


def _no_secret(cluster: Cluster) -> None:
    cluster.run("-n", "kube-system", "delete", "secret", "alibaba-addon-secret")


def _half_a_secret(cluster: Cluster) -> None:
    cluster.patch("/api/v1/namespaces/kube-system/secrets/alibaba-addon-secret", {"data": {"access-key-secret": None}})


def _applied_by_hand(cluster: Cluster) -> None:
    found = cluster.get(AGENT_CONFIG)
    assert found is not None
    cluster.run("apply", "-f", "-", stdin=json.dumps(found))


def _no_daemon_set(cluster: Cluster) -> None:
    cluster.run("-n", "kube-system", "delete", "daemonset", "calico-node")


def _no_rights(cluster: Cluster) -> None:
    cluster.run("-n", "kube-system", "delete", "rolebinding", GUARD)


def _newer_kubelet(cluster: Cluster) -> None:
    cluster.patch(f"/api/v1/namespaces/kube-system/configmaps/{GUARD}", {"data": {"kubelet-minor": "99\n"}})


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_no_secret, "Secret kube-system/alibaba-addon-secret has no access-key-id"),
        (_half_a_secret, "Secret kube-system/alibaba-addon-secret has no access-key-secret"),
        (_applied_by_hand, "this sync would delete its key enableNodepool"),
        (_no_daemon_set, "daemonset kube-system/calico-node is not there"),
        (_no_rights, "cannot read daemonset kube-system/calico-node"),
        (_newer_kubelet, "new nodes would get kubelet 1.99"),
    ],
)
def test_guard_refuses(
    damage: Callable[[Cluster], None], sentence: str, world: Cluster, guide: Path, delivery: Delivery
) -> None:
    delivery.apply(guide, only=GUARD)
    damage(world)
    ran = delivery.run(guide, GUARD)
    assert ran.ended.status == 1
    assert sentence in ran.ended.message
