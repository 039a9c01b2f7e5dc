"""A real Argo CD syncs what is emitted, from a Git repository, and its hooks run with their own rights."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.lab.lab import Lab, compile_spec, example, lab
from tests.lab.servers.argocd import said
from tests.lab.servers.process import Tools, wait_for
from tests.lab.world import AGENT_CONFIG, CALICO, ENI_CONFIG, FOREIGN, install, prepare, terms

NAME = "idc-hangzhou"
EXCLUDED = [
    {
        "matchExpressions": [
            {"key": "alibabacloud.com/external", "operator": "NotIn", "values": ["true"]},
            {"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]},
        ]
    }
]
INSTRUCTIONS = "/api/v1/namespaces/kube-system/configmaps/hybridc-cni-exclusion"
_NO_DAEMON_SET: dict[str, Any] = {"spec": {"template": {"spec": {}}}}
ZONE = {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a"]}]}


@pytest.fixture(scope="module")
def running(tool: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One Argo CD for all."""
    with lab(tool, tmp_path_factory.mktemp("lab")) as started:
        prepare(started.cluster)
        yield started


@dataclass(frozen=True)
class Synced:
    """The guide's cluster, synced; what every scenario starts from."""

    lab: Lab
    folder: Path
    spec: str

    def push(self, spec: str) -> str:
        """Compile, commit, and have Argo CD look at it; the revision."""
        shutil.rmtree(self.folder / "pushed", ignore_errors=True)
        return self.push_tree(compile_spec(spec, self.folder / "pushed"))

    def push_tree(self, tree: Path) -> str:
        """Commit ``tree`` and have Argo CD look at it; the revision."""
        revision = self.lab.repository.publish(tree)
        self.lab.argocd.refresh(NAME)
        return revision

    def versions(self, *paths: str) -> list[str]:
        """The resourceVersion of each object."""
        return [self.get(path)["metadata"]["resourceVersion"] for path in paths]

    def get(self, path: str) -> dict[str, Any]:
        """The object at ``path``."""
        found = self.lab.cluster.get(path)
        assert found is not None, path
        return found

    def hooks_since(self, count: int) -> list[tuple[str, int, str]]:
        """Name, exit code and last printed line of every hook that ran after the first ``count``."""
        ran = self.lab.kubelet.runs[count:]
        return [(run.name, run.ended.status, run.ended.log.splitlines()[-1]) for run in ran]


@pytest.fixture
def synced(running: Lab, tmp_path: Path) -> Synced:
    """Calico as its project ships it or with our exclusion, and the guide's cluster synced over it."""
    found = Synced(running, tmp_path, example("guide", running.repository.url))
    cluster = running.cluster
    out = compile_spec(found.spec, tmp_path / "start")
    revision = running.repository.publish(out)
    running.argocd.stop(NAME)
    if terms(cluster.get(CALICO) or _NO_DAEMON_SET) != EXCLUDED:
        cluster.run("-n", "kube-system", "delete", "--ignore-not-found", "daemonset", "calico-node")
        install(cluster, "calico-v3.24.5")
    cluster.run("apply", "-f", str(out / NAME / "argocd"))
    running.argocd.sync(NAME)
    running.argocd.wait_synced(NAME, revision)
    return found


def test_first_sync_applies_everything_and_a_second_one_changes_nothing(synced: Synced) -> None:
    ran = [run.name for run in synced.lab.kubelet.runs if run.ended.status == 0]
    assert ran[:2] == ["hybridc-guard", "hybridc-cni-exclusion"]
    application = synced.lab.argocd.application(NAME) or {}
    assert application["status"]["health"]["status"] == "Healthy"
    assert terms(synced.get(CALICO)) == EXCLUDED
    agent = synced.get(AGENT_CONFIG)["data"]
    assert agent == FOREIGN | {"addNodeScriptPath": agent["addNodeScriptPath"]}
    assert json.loads(synced.get(ENI_CONFIG)["data"]["eni_conf"])["vswitches"]

    objects = (CALICO, ENI_CONFIG, AGENT_CONFIG, INSTRUCTIONS)
    before, count = synced.versions(*objects), len(synced.lab.kubelet.runs)
    revision = application["status"]["sync"]["revision"]
    synced.lab.argocd.sync(NAME)
    synced.lab.argocd.wait_synced(NAME, revision)

    assert synced.versions(*objects) == before
    assert synced.hooks_since(count) == [
        ("hybridc-guard", 0, "nothing in the way of this sync"),
        ("hybridc-cni-exclusion", 0, "daemonset kube-system/calico-node: already stays off cloud nodes"),
    ]


def test_a_new_vswitch_syncs_by_itself_and_moves_nothing_else_whatever_the_layout(synced: Synced) -> None:
    others = (CALICO, AGENT_CONFIG, INSTRUCTIONS)
    before = synced.versions(*others)
    spec = synced.spec.replace("vsw-bp1poda2b4d6f8h0j", "vsw-bp1podanother0000")
    revision = synced.push(spec)
    synced.lab.argocd.wait_synced(NAME, revision)
    assert "vsw-bp1podanother0000" in synced.get(ENI_CONFIG)["data"]["eni_conf"]
    assert synced.versions(*others) == before

    # The chart gives the same objects: Argo CD finds nothing to do.
    before = synced.versions(ENI_CONFIG, *others)
    revision = synced.push(f"{spec}    format: helm\n")
    synced.lab.cluster.run("apply", "-f", str(synced.folder / "pushed" / "out" / NAME / "argocd"))
    synced.lab.argocd.wait_synced(NAME, revision)
    assert synced.versions(ENI_CONFIG, *others) == before


def test_a_change_of_nothing_but_the_hook_runs_it(synced: Synced) -> None:
    before, count = synced.versions(CALICO, ENI_CONFIG), len(synced.lab.kubelet.runs)
    revision = synced.push(f"{synced.spec}    jobImage: registry.idc.example.com/tools/kubectl-shell:1.34.2\n")
    synced.lab.argocd.wait_synced(NAME, revision)
    images = {run.name: run.image for run in synced.lab.kubelet.runs[count:]}
    assert images["hybridc-cni-exclusion"] == "registry.idc.example.com/tools/kubectl-shell:1.34.2"
    assert synced.versions(CALICO, ENI_CONFIG) == before, "calico-node does not roll"


def test_a_refusal_shows_in_the_application_and_the_repair_syncs(synced: Synced) -> None:
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [ZONE]}}}
    synced.lab.cluster.patch(CALICO, {"spec": {"template": {"spec": {"affinity": affinity}}}})
    before = synced.versions(CALICO)
    synced.lab.argocd.sync(NAME)
    sentence = "daemonset kube-system/calico-node requires nodeSelectorTerms that hybrid.yaml does not know"
    synced.lab.argocd.wait(NAME, "says why", lambda app: sentence in said(app))
    assert synced.versions(CALICO) == before, "nothing was changed"

    # What the hook's log asks for.
    version = "      version: 3.24.5\n"
    line = f"      existingNodeSelectorTerms: {json.dumps([ZONE])}\n"
    revision = synced.push(synced.spec.replace(version, version + line))
    synced.lab.argocd.wait_synced(NAME, revision)
    expressions = ZONE["matchExpressions"] + EXCLUDED[0]["matchExpressions"]
    assert terms(synced.get(CALICO)) == [{"matchExpressions": expressions}]


def test_the_project_refuses_a_deployment_that_was_smuggled_in(synced: Synced) -> None:
    tree = compile_spec(synced.spec, synced.folder / "smuggled")
    folder = tree / NAME / "kustomize"
    pod = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "evil"}]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": pod}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "evil"}, "spec": spec}
    (folder / "evil.yaml").write_text(json.dumps(deployment))
    with (folder / "kustomization.yaml").open("a") as file:
        file.write("  - evil.yaml\n")
    synced.push_tree(tree)
    synced.lab.argocd.wait(NAME, "refuses", lambda app: "is not permitted in project hybrid" in said(app))
    assert synced.lab.cluster.get("/apis/apps/v1/namespaces/kube-system/deployments/evil") is None


def test_deleting_the_application_with_all_it_made_leaves_what_is_not_ours(synced: Synced) -> None:
    finalizer = {"metadata": {"finalizers": ["resources-finalizer.argocd.argoproj.io"]}}
    kept = (CALICO, ENI_CONFIG)
    before = synced.versions(*kept)
    synced.lab.cluster.patch(f"/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/{NAME}", finalizer)
    synced.lab.cluster.run("-n", "argocd", "delete", "application", NAME, "--wait=false")
    wait_for("the Application's end", lambda: synced.lab.argocd.application(NAME) is None)
    assert synced.versions(*kept) == before
    assert synced.get(AGENT_CONFIG)["data"].items() >= FOREIGN.items()
    assert terms(synced.get(CALICO)) == EXCLUDED
    ours = ["configmaps,pods,serviceaccounts,roles,rolebindings", "--selector=app.kubernetes.io/managed-by=hybridc"]
    assert synced.lab.cluster.run("-n", "kube-system", "get", *ours, "-o", "name").stdout == ""
