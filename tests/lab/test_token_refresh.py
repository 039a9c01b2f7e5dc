"""The CronJob that keeps the bootstrap token alive: it moves one date, and may do nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.lab.conftest import Delivery
from tests.lab.lab import compile_spec, example
from tests.lab.servers.cluster import Cluster, Json
from tests.lab.servers.kubelet import Kubelet
from tests.lab.servers.process import wait_for

pytestmark = pytest.mark.needs("root", "debian", "kubernetes")

NAME = "hybridc-token-refresh"
SECRETS = "/api/v1/namespaces/kube-system/secrets"


@pytest.fixture
def refreshing(cluster: Cluster, delivery: Delivery, tmp_path: Path) -> Iterator[Cluster]:
    """A cluster with the CronJob in it."""
    out = compile_spec(example("two-zone"), tmp_path) / "idc-shanghai"
    delivery.apply(out, only=NAME)
    yield cluster
    kinds = "cronjobs,jobs,configmaps,serviceaccounts,roles,rolebindings"
    cluster.run("-n", "kube-system", "delete", kinds, "--selector=app.kubernetes.io/part-of=idc-shanghai")


def _secret_name(cluster: Cluster) -> str:
    """The Secret of which the CronJob's instructions speak."""
    found = cluster.get(f"/api/v1/namespaces/kube-system/configmaps/{NAME}") or {}
    name: str = found["data"]["secret"].strip()
    return name


def _run(cluster: Cluster, hooks: Kubelet, job: str) -> tuple[int, str]:
    """Run what the CronJob would; exit code and log."""
    count = len(hooks.runs)
    cluster.run("-n", "kube-system", "create", "job", f"--from=cronjob/{NAME}", job)
    wait_for(f"job {job}", lambda: len(hooks.runs) > count, 30)
    cluster.run("-n", "kube-system", "delete", "job", job)
    return hooks.runs[-1].ended.status, hooks.runs[-1].ended.log


def _token(name: str, expiry: str) -> Json:
    data = {"token-id": name.rpartition("-")[2], "token-secret": "0123456789abcdef", "expiration": expiry}
    data |= {"usage-bootstrap-authentication": "true", "auth-extra-groups": "system:bootstrappers:kubeadm"}
    metadata = {"name": name, "namespace": "kube-system"}
    kind = "bootstrap.kubernetes.io/token"
    return {"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": metadata, "stringData": data}


@pytest.mark.walks("refresh-cronjob")
def test_it_moves_the_expiry_of_its_own_token_and_nothing_else(
    refreshing: Cluster, hooks: Kubelet, tmp_path: Path
) -> None:
    name = _secret_name(refreshing)
    status, log = _run(refreshing, hooks, "too-early")
    assert status == 1
    assert f"cannot renew Secret kube-system/{name}: create the token as SUMMARY.md says" in log

    refreshing.run("create", "-f", "-", stdin=json.dumps(_token(name, "2026-01-01T00:00:00Z")))
    before = refreshing.get(f"{SECRETS}/{name}") or {}
    status, log = _run(refreshing, hooks, "refresh")
    after = refreshing.get(f"{SECRETS}/{name}") or {}
    refreshing.run("-n", "kube-system", "delete", "secret", name)

    assert status == 0, log
    expiry = datetime.fromisoformat(base64.b64decode(after["data"].pop("expiration")).decode())
    in_a_day = datetime.now(UTC) + timedelta(hours=24)
    assert abs(expiry - in_a_day) < timedelta(minutes=2)
    before["data"].pop("expiration")
    assert (after["data"], after["type"]) == (before["data"], before["type"])

    itself = refreshing.service_account("kube-system", NAME, tmp_path)
    for verb, what, allowed in [
        ("get", f"secret/{name}", "yes"),
        ("patch", f"secret/{name}", "yes"),
        ("delete", f"secret/{name}", "no"),
        ("update", f"secret/{name}", "no"),
        ("get", "secret/alibaba-addon-secret", "no"),
        ("patch", "secret/bootstrap-token-other0", "no"),
        ("list", "secrets", "no"),
        ("create", "secrets", "no"),
        ("get", "configmap/eni-config", "no"),
        ("patch", "daemonset/calico-node", "no"),
    ]:
        answer = itself.run("-n", "kube-system", "auth", "can-i", verb, what, check=False).stdout.strip()
        assert answer == allowed, (verb, what)
