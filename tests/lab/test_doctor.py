"""``hybridc doctor`` on a real API server, after a real sync by Argo CD."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.programs import hybridc
from tests.lab.servers.apiserver import AUDIT
from tests.lab.synced import Synced

pytestmark = pytest.mark.needs("root", "debian", "kubernetes", "argocd")

ENI_CONFIG = "/api/v1/namespaces/kube-system/configmaps/eni-config"
_REQUEST = (
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlJQkZEQ0J2QUlCQURBMU1SVXdFd1lEVlFRS0RBeHplWE4wWlcw"
    "NmJtOWtaWE14SERBYUJnTlZCQU1NRTNONQpjM1JsYlRwdWIyUmxPbU5zYjNWa0xURXdXVEFUQmdjcWhrak9QUUlCQmdncWhrak9Q"
    "UU1CQndOQ0FBU3FjUU5YCk5neGdNNTFSbnI0dmNsUVl4cG83aVF3Z1JTSkZLblJpUGE2dHJ5MHpoeUZrV0xlT2oxZG5iNDBWaEd0"
    "dDVzRXAKZEdJZ1NZdFlWaldCRVlzRW9DVXdJd1lKS29aSWh2Y05BUWtPTVJZd0ZEQVNCZ05WSFJFRUN6QUpnZ2RqYkc5MQpaQzB4"
    "TUFvR0NDcUdTTTQ5QkFNQ0EwY0FNRVFDSUMrcUN5ajlob0NlMStpSHlzRHNPOHBOOFdDWlVZWFgwZ2x4CklKU3NhTmlLQWlCc2R4"
    "UkQ2ZGVmTlJlSlJVSkcwS2lhNjllMXBOekY0ZndlM0ZObE1OYzVWZz09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0t"
    "LQo="
)
"""A certificate request, as a kubelet makes it."""


@pytest.fixture
def after(synced: Synced, tmp_path: Path) -> Synced:
    """The guide's cluster as Argo CD has synced it."""
    (tmp_path / "hybrid.yaml").write_text(synced.spec, encoding="utf-8")
    return synced


def rows(after: Synced, folder: Path, *flags: str) -> dict[str, dict[str, Any]]:
    """The rows by their subject."""
    cluster = f"--kubeconfig={after.lab.cluster.kubeconfig}"
    done = hybridc("doctor", str(folder / "hybrid.yaml"), cluster, "--format=json", *flags)
    assert "Traceback" not in done.stderr
    return {row["subject"]: row for row in json.loads(done.stdout)["rows"]}


def test_what_a_sync_has_done_is_ticked_off(after: Synced, tmp_path: Path) -> None:
    found = rows(after, tmp_path)
    done = ("credentials.secret", "git.merge", "gitops.repository", "gitops.apply", "gitops.sync")
    assert {found[name]["mark"] for name in done} == {"ok"}, {name: found[name] for name in done}
    config = ("eni-config", "AccessKey", "addNodeScriptPath")
    assert {found[name]["mark"] for name in config} == {"ok"}, {name: found[name] for name in config}
    assert found["certificates"]["mark"] == "ok"


def test_what_somebody_changes_by_hand_is_seen(after: Synced, tmp_path: Path) -> None:
    after.lab.cluster.patch(ENI_CONFIG, {"data": {"disable_network_policy": "false"}})
    found = rows(after, tmp_path)
    assert found["eni-config"]["seen"] == "differs from the build at disable_network_policy"


def test_a_request_of_a_kubelet_that_waits_is_seen(after: Synced, tmp_path: Path) -> None:
    request = {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": "csr-doctor"},
        "spec": {
            "request": _REQUEST,
            "signerName": "kubernetes.io/kubelet-serving",
            "usages": ["digital signature", "server auth"],
        },
    }
    after.lab.cluster.run("create", "-f", "-", stdin=json.dumps(request))
    try:
        found = rows(after, tmp_path)["certificates"]
    finally:
        after.lab.cluster.run("delete", "csr/csr-doctor")
    assert (found["mark"], found["seen"][:21]) == ("waiting", "1 pending: csr-doctor")


def test_the_audit_log_shows_reads_alone(after: Synced, tmp_path: Path) -> None:
    log = after.lab.cluster.kubeconfig.parent / AUDIT
    before = log.stat().st_size
    rows(after, tmp_path)
    with log.open() as file:
        file.seek(before)
        events = [json.loads(line) for line in file]
    ours = [event for event in events if event.get("userAgent") == "hybridc"]
    assert len(ours) > 8
    assert {event["verb"] for event in ours} <= {"get", "list", "watch"}
    assert not any("review" in event["requestURI"] or "dryRun" in event["requestURI"] for event in ours)
