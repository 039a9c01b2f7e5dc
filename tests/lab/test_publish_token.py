"""``publish token --mint`` against a real API server: the token that nodes read is one that it knows."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lab.servers.cluster import Cluster
from tests.lab.servers.oss import Bucket
from tests.lab.servers.process import wait_for
from tests.publish.cloud import Cloud, Spawner, cloud_in

pytestmark = pytest.mark.needs("root", "debian", "kubernetes")

BUCKET, KEY = "kubelet-idc-hangzhou", "idc-hangzhou/bootstrap-token"
OURS = "--selector=hybridc.dev/token=idc-hangzhou"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    spawner = Spawner()
    try:
        with cloud_in(tmp_path, spawner) as running:
            running.oss.buckets[BUCKET] = Bucket(owner=running.account.id)
            yield running
    finally:
        spawner.close()


@pytest.fixture
def clean(cluster: Cluster) -> Iterator[Cluster]:
    yield cluster
    cluster.run("-n", "kube-system", "delete", "secret", OURS)


def _names(cluster: Cluster) -> list[str]:
    return cluster.run("-n", "kube-system", "get", "secret", OURS, "-o", "name").stdout.split()


def test_the_token_in_the_object_is_one_that_the_api_server_knows(cloud: Cloud, clean: Cluster, tmp_path: Path) -> None:
    words = ("token", "--mint", "--yes", "--kubeconfig", str(clean.kubeconfig))
    first = cloud.publish(*words)
    assert first.code == 0, first.said
    token = cloud.oss.buckets[BUCKET].objects[KEY].data.decode()
    assert token.partition(".")[2] not in first.said

    itself = clean.with_token(token, tmp_path / "node.kubeconfig")
    who = json.loads(itself.run("auth", "whoami", "-o", "json").stdout)["status"]["userInfo"]
    assert who["username"] == f"system:bootstrap:{token[:6]}"
    assert "system:bootstrappers:kubeadm:default-node-token" in who["groups"]

    before = _names(clean)
    assert before == [f"secret/bootstrap-token-{token[:6]}"]
    cloud.forget()
    assert (cloud.publish(*words).code, cloud.writes(), _names(clean)) == (0, [], before)


def test_a_token_past_half_of_its_life_is_replaced_and_lives_on(cloud: Cloud, clean: Cluster, tmp_path: Path) -> None:
    words = ("token", "--mint", "--yes", "--kubeconfig", str(clean.kubeconfig))
    assert cloud.publish(*words, "--ttl", "1h").code == 0
    old = cloud.oss.buckets[BUCKET].objects[KEY].data.decode()
    second = cloud.publish(*words, "--ttl", "24h")
    assert second.code == 0, second.said
    new = cloud.oss.buckets[BUCKET].objects[KEY].data.decode()
    assert old != new
    for token in (old, new):
        itself = clean.with_token(token, tmp_path / f"{token[:6]}.kubeconfig")
        assert f"system:bootstrap:{token[:6]}" in itself.run("auth", "whoami").stdout
    data = (clean.get(f"/api/v1/namespaces/kube-system/secrets/bootstrap-token-{new[:6]}") or {})["data"]
    assert base64.b64decode(data["token-secret"]).decode() == new[7:]


def test_a_token_ends(cloud: Cloud, clean: Cluster, tmp_path: Path) -> None:
    ran = cloud.publish("token", "--mint", "--yes", "--ttl", "15s", "--kubeconfig", str(clean.kubeconfig))
    assert ran.code == 0, ran.said
    itself = clean.with_token(cloud.oss.buckets[BUCKET].objects[KEY].data.decode(), tmp_path / "node.kubeconfig")
    refused = "Unauthorized"
    assert refused not in itself.run("auth", "whoami", check=False).stderr
    wait_for("the end of the token", lambda: refused in itself.run("auth", "whoami", check=False).stderr, 40)
