"""``hybridc doctor`` on a real API server, after a real sync by Argo CD."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cli.programs import hybridc
from tests.lab.servers.apiserver import AUDIT
from tests.lab.synced import NAME, Synced
from tests.pinned import ROOT

pytestmark = pytest.mark.needs("root", "debian", "kubernetes", "argocd")

APPLICATION = f"/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/{NAME}"
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


def rows(after: Synced, folder: Path, kubeconfig: Path | None = None) -> dict[str, dict[str, Any]]:
    """The rows by their subject."""
    cluster = f"--kubeconfig={kubeconfig or after.lab.cluster.kubeconfig}"
    done = hybridc("doctor", str(folder / "hybrid.yaml"), cluster, "--format=json")
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
    automated = (after.get(APPLICATION)["spec"]["syncPolicy"])["automated"]
    after.lab.cluster.patch(APPLICATION, {"spec": {"syncPolicy": {"automated": None}}})
    after.lab.cluster.patch(ENI_CONFIG, {"data": {"disable_network_policy": "false"}})
    try:
        found = rows(after, tmp_path)
    finally:
        after.lab.cluster.patch(APPLICATION, {"spec": {"syncPolicy": {"automated": automated}}})
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


@pytest.fixture
def reader(after: Synced, tmp_path: Path) -> Iterator[Path]:
    """The kubeconfig of a ServiceAccount with the rights that docs/preflight.md and docs/doctor.md have."""
    cluster = after.lab.cluster
    cluster.run("-n", "kube-system", "create", "serviceaccount", "reader")
    made = [("-n", "kube-system", "delete", "serviceaccount/reader")]
    for page in ("preflight", "doctor"):
        text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
        for item in yaml.safe_load_all(text.partition("```yaml\n")[2].partition("```")[0]):
            kind, name = item["kind"].lower(), item["metadata"]["name"]
            where = ["-n", item["metadata"].get("namespace", "default")]
            cluster.run("apply", "-f", "-", stdin=json.dumps(item))
            to = [f"--{kind}={name}", "--serviceaccount=kube-system:reader"]
            cluster.run(*where, "create", f"{kind}binding", name, *to)
            made.append((*where, "delete", f"{kind}/{name}", f"{kind}binding/{name}"))
    yield cluster.service_account("kube-system", "reader", tmp_path).kubeconfig
    for words in made:
        cluster.run(*words)


def test_the_rights_of_the_docs_suffice(after: Synced, reader: Path, tmp_path: Path) -> None:
    assert rows(after, tmp_path, reader) == rows(after, tmp_path)


def test_a_right_that_is_missing_is_named(after: Synced, reader: Path, tmp_path: Path) -> None:
    after.lab.cluster.run("delete", "clusterrole/hybridc-doctor")
    after.lab.cluster.run("create", "clusterrole", "hybridc-doctor", "--verb=list", "--resource=leases")
    found = rows(after, tmp_path, reader)["certificates"]
    assert found["mark"] == "not seen"
    assert "needs list on certificatesigningrequests.certificates.k8s.io" in found["seen"]
