"""A real Argo CD syncs what is emitted, from a Git repository, and its hooks run with their own rights."""

from __future__ import annotations

import json

import pytest
from tests.lab.lab import compile_spec
from tests.lab.servers.argocd import said
from tests.lab.servers.process import wait_for
from tests.lab.synced import EXCLUDED, INSTRUCTIONS, NAME, Synced
from tests.lab.world import AGENT_CONFIG, CALICO, ENI_CONFIG, FOREIGN, terms

pytestmark = pytest.mark.needs("root", "debian", "kubernetes", "argocd")

ZONE = {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a"]}]}


def test_first_sync_applies_a_second_one_changes_nothing_and_a_deletion_takes_only_what_is_ours(synced: Synced) -> None:
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
        ("hybridc-cni-exclusion", 0, "daemonset kube-system/calico-node: stays off cloud nodes"),
    ]

    # Cascade delete, with a finalizer that the emitted Application does not have.
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


def test_a_change_syncs_by_itself_and_moves_nothing_else(synced: Synced) -> None:
    others = (CALICO, AGENT_CONFIG, INSTRUCTIONS)
    before = synced.versions(*others)
    spec = synced.spec.replace("vsw-bp1poda2b4d6f8h0j", "vsw-bp1podanother0000")
    revision = synced.push(spec)
    synced.lab.argocd.wait_synced(NAME, revision)
    assert "vsw-bp1podanother0000" in synced.get(ENI_CONFIG)["data"]["eni_conf"]
    assert synced.versions(*others) == before

    # The chart gives the same objects: Argo CD finds nothing to do.
    before = synced.versions(ENI_CONFIG, *others)
    spec += "    format: helm\n"
    revision = synced.push(spec)
    synced.lab.register(synced.folder / "pushed" / "out" / NAME)
    synced.lab.argocd.wait_synced(NAME, revision)
    assert synced.versions(ENI_CONFIG, *others) == before

    # A change of nothing but the hook runs it.
    before, count = synced.versions(CALICO, ENI_CONFIG), len(synced.lab.kubelet.runs)
    revision = synced.push(f"{spec}    jobImage: registry.idc.example.com/tools/kubectl-shell:1.34.2\n")
    synced.lab.argocd.wait_synced(NAME, revision)
    images = {run.name: run.image for run in synced.lab.kubelet.runs[count:]}
    assert images["hybridc-cni-exclusion"] == "registry.idc.example.com/tools/kubectl-shell:1.34.2"
    assert synced.versions(CALICO, ENI_CONFIG) == before, "calico-node does not roll"


def test_what_is_refused_shows_in_the_application_and_the_repair_syncs(synced: Synced) -> None:
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

    # A Deployment smuggled into the path is none of the project's kinds.
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
