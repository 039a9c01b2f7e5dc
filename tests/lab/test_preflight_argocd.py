"""What preflight says of Argo CD's objects, and what a real Argo CD does with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.programs import hybridc
from tests.lab.servers.argocd import said
from tests.lab.synced import NAME, Synced

pytestmark = pytest.mark.needs("root", "debian", "kubernetes", "argocd")

ROOT = "/apis/argoproj.io/v1alpha1/namespaces/argocd"
OURS = ("GIT047", "GIT048", "GIT049")


def of_argocd(synced: Synced, folder: Path) -> dict[str, str]:
    """What preflight says of Argo CD, by code."""
    (folder / "hybrid.yaml").write_text(synced.spec, encoding="utf-8")
    cluster = f"--kubeconfig={synced.lab.cluster.kubeconfig}"
    done = hybridc("preflight", str(folder / "hybrid.yaml"), cluster, "--format=json")
    found = json.loads(done.stdout)["diagnostics"]
    undecided = [each["message"] for each in found if each["code"] == "LIVE001"]
    assert not [message for message in undecided if any(code in message for code in OURS)]
    return {each["code"]: each["message"] for each in found if each["code"] in OURS}


def test_what_the_output_has_made_is_what_the_spec_says(synced: Synced, tmp_path: Path) -> None:
    assert of_argocd(synced, tmp_path) == {}


def test_another_application_with_our_objects(synced: Synced, tmp_path: Path) -> None:
    argocd, cluster = synced.lab.argocd, synced.lab.cluster
    spec = synced.get(f"{ROOT}/applications/{NAME}")["spec"]
    spec["syncPolicy"].pop("automated", None)
    other = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "spec": spec}
    other["metadata"] = {"name": "other", "namespace": "argocd"}
    cluster.run("create", "-f", "-", stdin=json.dumps(other))
    try:
        argocd.wait("other", "knows its resources", lambda each: bool(each.get("status", {}).get("resources")))
        found = of_argocd(synced, tmp_path)
        # As the command line of Argo CD asks for one: with the options of the Application.
        operation = {"sync": {"syncOptions": spec["syncPolicy"]["syncOptions"]}}
        cluster.patch(f"{ROOT}/applications/other", {"operation": operation})
        refused = argocd.wait("other", "ends its sync", _ended)
    finally:
        argocd.stop("other")
        cluster.run("-n", "argocd", "delete", "application/other")
    assert found.keys() == {"GIT047"}
    assert "Application argocd/other manages ConfigMap kube-system/ack-agent-config" in found["GIT047"]
    assert "Shared resource found" in said(refused)


def test_a_project_that_refuses_a_kind(synced: Synced, tmp_path: Path) -> None:
    argocd, cluster = synced.lab.argocd, synced.lab.cluster
    denied: list[dict[str, Any]] = [{"group": "", "kind": "Config*"}]
    cluster.patch(f"{ROOT}/appprojects/hybrid", {"spec": {"namespaceResourceBlacklist": denied}})
    try:
        found = of_argocd(synced, tmp_path)
        argocd.sync(NAME)
        refused = argocd.wait(NAME, "ends its sync", _ended)
    finally:
        cluster.patch(f"{ROOT}/appprojects/hybrid", {"spec": {"namespaceResourceBlacklist": None}})
    assert found == {"GIT049": "AppProject argocd/hybrid is there and does not allow ConfigMap"}
    assert "not permitted in project" in said(refused)


def _ended(application: dict[str, Any]) -> bool:
    return application.get("status", {}).get("operationState", {}).get("phase") in ("Failed", "Error", "Succeeded")
