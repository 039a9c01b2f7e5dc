"""A sync that must refuse leaves nothing live that was not, and says why in the Application: on a real Argo CD."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lab.damage import REFUSED, Damage, set_terms
from tests.lab.lab import Lab, compile_spec, example, with_repository
from tests.lab.servers.argocd import said
from tests.lab.servers.cluster import Cluster, Json
from tests.lab.servers.process import wait_for
from tests.lab.synced import EXCLUDED
from tests.lab.test_guard import VERSION
from tests.lab.world import AGENT_CONFIG, CALICO, ENI_CONFIG, FOREIGN, daemon_set, install, prepare, terms

pytestmark = pytest.mark.needs("root", "debian", "kubernetes", "argocd")

TRACKED = "/api/v1/namespaces/kube-system/configmaps/hybridc"
IN_SYSTEM = "/apis/apps/v1/namespaces/calico-system/daemonsets/calico-node"
POLICIES = ("validatingadmissionpolicy/no-patch", "validatingadmissionpolicybinding/no-patch")
OURS = "configmaps,pods,serviceaccounts,roles,rolebindings"
NO_POD: Json = {"template": {"spec": {}}}
ACCEPTED = "\n  checks: {ignore: [{code: GIT007, reason: calico was installed with kubectl create}]}\n"


def text(delivery: str) -> str:
    """The spec of a delivery: that of the guide, or with values that of two-zone."""
    if delivery == "values":
        return example("two-zone")
    spec = example("guide").replace(VERSION, f"{VERSION}      delivery: {delivery}\n")
    return spec + ACCEPTED if delivery == "ssa" else spec


@pytest.fixture
def fresh(running: Lab) -> Iterator[Lab]:
    """The lab as it was before hybridc came: Calico as its project ships it, and nothing of ours."""
    _clear(running)
    prepare(running.cluster)
    install(running.cluster, "calico-v3.24.5")
    yield running
    _clear(running)


def _clear(running: Lab) -> None:
    cluster = running.cluster
    for name in ("idc-hangzhou", "idc-shanghai"):
        if running.argocd.application(name):
            running.argocd.stop(name)
            cluster.run("-n", "argocd", "delete", "application", name)
    cluster.run("delete", "--ignore-not-found", *POLICIES)
    cluster.run("-n", "kube-public", "delete", "--ignore-not-found", "configmap/cluster-info")
    for namespace in ("kube-system", "calico-system", "kube-public"):
        cluster.run("create", "namespace", namespace, check=False)
        cluster.run("-n", namespace, "delete", OURS, "--selector=app.kubernetes.io/managed-by=hybridc")
        rest = ["daemonset/calico-node", "daemonset/kube-proxy", "configmap/kube-proxy", "configmap/eni-config"]
        rest += ["configmap/ack-agent-config", "secret/alibaba-addon-secret"]
        cluster.run("-n", namespace, "delete", "--ignore-not-found", *rest)


def apply(running: Lab, delivery: str, folder: Path) -> tuple[str, str]:
    """Commit what a delivery compiles to and hand it to Argo CD; name of the Application and revision."""
    out = compile_spec(with_repository(text(delivery), running.repository.url), folder)
    revision = running.repository.publish(out)
    (cluster,) = (path.parent for path in out.glob("*/SUMMARY.md"))
    running.register(cluster)
    return cluster.name, revision


def _excluded(cluster: Cluster) -> None:
    set_terms(EXCLUDED)(cluster)


def _by_kubectl_apply(cluster: Cluster) -> None:
    cluster.run("-n", "kube-system", "delete", "daemonset", "calico-node")
    cluster.run("apply", "-f", "-", stdin=daemon_set("calico-v3.24.5"))


def _by_argocd(cluster: Cluster) -> None:
    """An Application of Calico's own, with ServerSideApply=true."""
    cluster.run("-n", "kube-system", "delete", "daemonset", "calico-node")
    words = ["--server-side", "--field-manager=argocd-controller", "-f", "-"]
    cluster.run("apply", *words, stdin=daemon_set("calico-v3.24.5"))


def _nothing(_: Cluster) -> None:
    """Nobody has brought the exclusion yet."""


def _by_operator(cluster: Cluster) -> None:
    found = json.loads(daemon_set("calico-v3.24.5"))
    found["metadata"]["namespace"] = "calico-system"
    cluster.run("create", "-f", "-", stdin=json.dumps(found))


REFUSALS: dict[str, tuple[str, Damage, str]] = {f"hook, {name}": ("hook", *case) for name, case in REFUSED.items()}
for mode in ("component", "manual"):
    REFUSALS[f"{mode}, not excluded"] = (mode, _nothing, "CNI042: daemonset kube-system/calico-node would run on")
    REFUSALS[f"{mode}, no DaemonSet"] = (mode, *REFUSED["no DaemonSet"])
    REFUSALS[f"{mode}, no Secret"] = (mode, *REFUSED["no Secret"])
REFUSALS |= {
    "values, not excluded": ("values", _by_operator, "CNI042: daemonset calico-system/calico-node would run on"),
    "values, no DaemonSet": ("values", _nothing, "CNI040: daemonset calico-system/calico-node is not there"),
    "ssa, unknown terms": ("ssa", *REFUSED["unknown terms"]),
    "ssa, by kubectl apply": (
        "ssa",
        _by_kubectl_apply,
        "CNI043: daemonset kube-system/calico-node was made by kubectl apply",
    ),
    "ssa, by Argo CD": ("ssa", _by_argocd, "CNI043: daemonset kube-system/calico-node was made by Argo CD"),
    "ssa, loopback": ("ssa", *REFUSED["loopback"]),
}


@pytest.mark.parametrize(("delivery", "damage", "sentence"), REFUSALS.values(), ids=REFUSALS)
def test_a_refused_sync_changes_nothing(
    delivery: str, damage: Damage, sentence: str, fresh: Lab, tmp_path: Path
) -> None:
    damage(fresh.cluster)
    before = {path: fresh.cluster.get(path) for path in (CALICO, IN_SYSTEM, ENI_CONFIG, AGENT_CONFIG, TRACKED)}
    name, _ = apply(fresh, delivery, tmp_path)
    fresh.argocd.wait(name, "says why", lambda app: sentence in said(app))
    assert {path: fresh.cluster.get(path) for path in before} == before


@pytest.mark.walks("argocd", "kustomize", "calico", "hook", "ssa", "component", "values", "manual")
@pytest.mark.parametrize("delivery", ["hook", "ssa", "component", "manual", "values"])
def test_a_sound_cluster_syncs_in_every_delivery(delivery: str, fresh: Lab, tmp_path: Path) -> None:
    path = IN_SYSTEM if delivery == "values" else CALICO
    if delivery == "values":
        _by_operator(fresh.cluster)
    if delivery in ("component", "manual", "values"):
        set_terms(EXCLUDED, path)(fresh.cluster)
    name, revision = apply(fresh, delivery, tmp_path)
    if delivery == "ssa":
        # Argo CD waits for the rollout before it lets nodes in; nobody plays DaemonSet controller here.
        wait_for("the exclusion", lambda: terms(fresh.cluster.get(CALICO) or {"spec": NO_POD}) == EXCLUDED)
        assert (fresh.cluster.get(AGENT_CONFIG) or {})["data"] == FOREIGN
        seen = {"observedGeneration": (fresh.cluster.get(CALICO) or {})["metadata"]["generation"]}
        fresh.cluster.patch(f"{CALICO}/status", {"status": seen})
    fresh.argocd.wait_synced(name, revision)
    assert terms(fresh.cluster.get(path) or {}) == EXCLUDED
    agent: Json = fresh.cluster.get(AGENT_CONFIG) or {}
    assert agent["data"].keys() == {*FOREIGN, "addNodeScriptPath"}


def test_no_node_is_let_in_when_the_hook_refuses(fresh: Lab, tmp_path: Path) -> None:
    """The guard has passed; then the API server refuses the hook's patch. The address must not go live."""
    who = "system:serviceaccount:kube-system:hybridc-cni-exclusion"
    rule = {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["daemonsets"]}
    refused = {"expression": f"request.userInfo.username != '{who}'", "message": "not today"}
    policy = {"matchConstraints": {"resourceRules": [rule]}, "validations": [refused]}
    binding = {"policyName": "no-patch", "validationActions": ["Deny"]}
    kinds = {"ValidatingAdmissionPolicy": policy, "ValidatingAdmissionPolicyBinding": binding}
    for kind, spec in kinds.items():
        item = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": "no-patch"}}
        fresh.cluster.run("create", "-f", "-", stdin=json.dumps({**item, "spec": spec}))
    tried = [
        "-n",
        "kube-system",
        "annotate",
        "daemonset",
        "calico-node",
        "a=b",
        "--dry-run=server",
        f"--as={who}",
    ]
    fresh.cluster.run("create", "clusterrolebinding", "no-patch-test", "--clusterrole=cluster-admin", f"--user={who}")
    wait_for("the policy", lambda: "not today" in fresh.cluster.run(*tried, check=False).stderr)
    fresh.cluster.run("delete", "clusterrolebinding", "no-patch-test")

    name, _ = apply(fresh, "hook", tmp_path)
    sentence = "daemonset kube-system/calico-node could not be patched, or did not stay so"
    fresh.argocd.wait(name, "says why", lambda app: sentence in said(app))
    assert terms(fresh.cluster.get(CALICO) or {}) == []
    assert (fresh.cluster.get(AGENT_CONFIG) or {})["data"] == FOREIGN
    assert fresh.cluster.get(ENI_CONFIG) is not None, "what comes before the exclusion lets nobody in"
