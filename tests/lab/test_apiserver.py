"""A real API server takes what is emitted, and the hook does what it may and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.bare import EXAMPLES
from tests.cni import manifests
from tests.lab.conftest import Delivery
from tests.lab.lab import compile_spec, example
from tests.lab.servers.cluster import Cluster
from tests.lab.world import CALICO, daemon_set, install, terms

pytestmark = pytest.mark.needs("root", "debian", "kubernetes")

HOOK = "hybridc-cni-exclusion"
GUARD = "hybridc-guard"
ZONE = {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a"]}]}
EXPRESSIONS = [
    {"key": "alibabacloud.com/external", "operator": "NotIn", "values": ["true"]},
    {"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]},
]
# How people install calico, and what that leaves in managedFields and annotations.
INSTALLS = {
    "apply": ["apply"],
    "create": ["create"],
    "server-side": ["apply", "--server-side"],
}


@pytest.mark.parametrize("name", sorted(path.parent.name for path in EXAMPLES.glob("*/hybrid.yaml")))
def test_every_emitted_object_is_accepted(name: str, cluster: Cluster, delivery: Delivery, tmp_path: Path) -> None:
    (out,) = (path for path in compile_spec(example(name), tmp_path).iterdir() if path.is_dir())
    objects = delivery.objects(out)
    for namespace in {"argocd", *(item["metadata"]["namespace"] for item in objects)}:
        cluster.run("create", "namespace", namespace, check=False)
    objects += [yaml.safe_load(file.read_text()) for file in (out / "argocd").iterdir()]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    told = cluster.run("apply", "--dry-run=server", "--validate=strict", "-f", "-", stdin=text).stdout
    assert told.count("created (server dry run)") == len(objects)


@pytest.mark.parametrize("how", INSTALLS)
def test_hook_adds_the_exclusion_and_touches_nothing_else(
    how: str, world: Cluster, guide: Path, delivery: Delivery
) -> None:
    world.run("-n", "kube-system", "delete", "daemonset", "calico-node")
    install(world, "calico-v3.24.5", *INSTALLS[how])
    before = _calico(world)
    delivery.apply(guide)

    ran = delivery.run(guide, HOOK)

    after = _calico(world)
    assert (ran.ended.status, ran.ended.message) == (0, ""), ran.ended.log
    assert terms(after) == [{"matchExpressions": EXPRESSIONS}]
    assert _without_terms(after) == _without_terms(before)
    assert delivery.run(guide, HOOK).ended.status == 0
    assert _calico(world) == after, "the second run changes nothing"


@pytest.mark.walks("canal", "flannel")
@pytest.mark.parametrize("manifest", ["calico-v3.28.5", "canal-v3.28.5", "flannel-v0.13.0", "flannel-v0.28.9"])
def test_hook_keeps_the_terms_that_every_project_ships(
    manifest: str, cluster: Cluster, delivery: Delivery, tmp_path: Path
) -> None:
    cni, _, version = manifest.partition("-v")
    spec = example("guide").replace("type: calico", f"type: {cni}").replace("version: 3.24.5", f"version: {version}")
    out = compile_spec(spec, tmp_path) / "idc-hangzhou"
    shipped = json.loads(daemon_set(manifest))
    namespace, name = shipped["metadata"]["namespace"], shipped["metadata"]["name"]
    cluster.run("create", "namespace", namespace, check=False)
    install(cluster, manifest)
    try:
        delivery.apply(out)
        ran = delivery.run(out, HOOK)
        live = cluster.get(f"/apis/apps/v1/namespaces/{namespace}/daemonsets/{name}") or {}
    finally:
        cluster.run("-n", namespace, "delete", "daemonset", name)
        cluster.run("delete", "--ignore-not-found", "-k", str(out / "kustomize"))
    assert ran.ended.status == 0, ran.ended.log
    before = [term["matchExpressions"] for term in terms(shipped)] or [[]]
    assert terms(live) == [{"matchExpressions": expressions + EXPRESSIONS} for expressions in before]


def test_component_merges_into_the_projects_own_manifest(cluster: Cluster, delivery: Delivery, tmp_path: Path) -> None:
    (tmp_path / "kustomize").mkdir()
    spec = _with_cni_line(example("guide"), "delivery: component")
    out = compile_spec(spec, tmp_path / "compiled") / "idc-hangzhou"
    shutil.copytree(out / "components", tmp_path / "kustomize" / "components")
    shutil.copy(manifests.path("calico-v3.24.5"), tmp_path / "kustomize" / "calico.yaml")
    wanted = {"resources": ["calico.yaml"], "components": ["components/cni-exclusion"]}
    (tmp_path / "kustomize" / "kustomization.yaml").write_text(json.dumps(wanted))
    (merged,) = (item for item in delivery.objects(tmp_path) if item["kind"] == "DaemonSet")
    assert terms(merged) == [{"matchExpressions": EXPRESSIONS}]
    merged["spec"]["template"]["spec"].pop("affinity")
    assert merged == json.loads(daemon_set("calico-v3.24.5"))


def test_hook_refuses_terms_that_the_spec_does_not_know(
    world: Cluster, guide: Path, delivery: Delivery, tmp_path: Path
) -> None:
    _set_terms(world, [ZONE])
    before = _calico(world)
    delivery.apply(guide)

    ran = delivery.run(guide, HOOK)

    assert ran.ended.status == 1
    assert ran.ended.message.startswith(
        "daemonset kube-system/calico-node requires nodeSelectorTerms that hybrid.yaml does not know"
    )
    assert _calico(world) == before, "nothing was changed"

    # Its log holds the line that the spec needs; with it the exclusion is ANDed into the term that was there.
    (line,) = (line for line in ran.ended.log.splitlines() if line.startswith("existingNodeSelectorTerms:"))
    repaired = compile_spec(_with_cni_line(example("guide"), line), tmp_path) / "idc-hangzhou"
    delivery.apply(repaired)
    assert delivery.run(repaired, HOOK).ended.status == 0
    assert terms(_calico(world)) == [{"matchExpressions": [*ZONE["matchExpressions"], *EXPRESSIONS]}]


def test_hook_refuses_without_the_daemon_set(world: Cluster, guide: Path, delivery: Delivery) -> None:
    world.run("-n", "kube-system", "delete", "daemonset", "calico-node")
    delivery.apply(guide)
    ran = delivery.run(guide, HOOK)
    assert ran.ended.status == 1
    assert ran.ended.message.startswith("daemonset kube-system/calico-node is not there")


def test_hook_refuses_without_its_rights(world: Cluster, guide: Path, delivery: Delivery) -> None:
    before = _calico(world)
    delivery.apply(guide)
    world.run("-n", "kube-system", "delete", "rolebinding", HOOK)
    ran = delivery.run(guide, HOOK)
    assert ran.ended.status == 1
    assert "may this ServiceAccount get it" in ran.ended.message
    assert "forbidden" in ran.ended.log.lower()
    assert _calico(world) == before


CALICO_NODE = ("apps", "daemonsets", "calico-node")


@pytest.mark.parametrize(
    ("account", "rights"),
    [
        (HOOK, {(*CALICO_NODE, "get"), (*CALICO_NODE, "patch")}),
        (
            GUARD,
            {
                (*CALICO_NODE, "get"),
                ("", "secrets", "alibaba-addon-secret", "get"),
                ("", "configmaps", "eni-config", "get"),
                ("", "configmaps", "ack-agent-config", "get"),
                ("", "configmaps", "kube-proxy", "get"),
                ("apps", "daemonsets", "kube-proxy", "get"),
            },
        ),
    ],
)
def test_a_hooks_token_may_do_this_and_nothing_else(
    account: str, rights: set[tuple[str, ...]], world: Cluster, guide: Path, delivery: Delivery, tmp_path: Path
) -> None:
    delivery.apply(guide)
    itself = world.service_account("kube-system", account, tmp_path)
    world.run("-n", "kube-system", "create", "serviceaccount", "nobody", check=False)
    nobody = world.service_account("kube-system", "nobody", tmp_path)
    assert _rights(itself, "kube-system") - _rights(nobody, "kube-system") == rights
    assert _rights(itself, "default") == _rights(nobody, "default")
    for words in (
        "get secret another",
        "patch daemonset kube-proxy -p {}",
        "get daemonsets",
        "get nodes",
        "delete pods --all",
    ):
        refused = itself.run("-n", "kube-system", *words.split(), check=False)
        assert "forbidden" in refused.stderr.lower(), words


def _rights(itself: Cluster, namespace: str) -> set[tuple[str, ...]]:
    """What the API server says it may do in ``namespace``: group, resource, name, verb."""
    review = {"kind": "SelfSubjectRulesReview", "apiVersion": "authorization.k8s.io/v1"}
    asked = {**review, "spec": {"namespace": namespace}}
    told = json.loads(itself.run("create", "--validate=false", "-f", "-", "-o", "json", stdin=json.dumps(asked)).stdout)
    return {
        (group, resource, name, verb)
        for rule in told["status"]["resourceRules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", ["*"])
        for verb in rule["verbs"]
    }


def test_the_recheck_brings_the_exclusion_back(world: Cluster, guide: Path, delivery: Delivery, tmp_path: Path) -> None:
    version = "      version: 3.24.5\n"
    spec = example("guide").replace(version, f'{version}      recheck: "*/30 * * * *"\n')
    out = compile_spec(spec, tmp_path) / "idc-hangzhou"
    delivery.apply(out)
    delivery.run(out, HOOK)
    # Somebody installs calico anew.
    world.run("-n", "kube-system", "delete", "daemonset", "calico-node")
    install(world, "calico-v3.24.5")
    try:
        world.run("-n", "kube-system", "create", "job", "--from", f"cronjob/{HOOK}", "recheck")
        world.run("-n", "kube-system", "wait", "--for=condition=Complete", "--timeout=30s", "job/recheck")
    finally:
        world.run("-n", "kube-system", "delete", "--ignore-not-found", f"cronjob/{HOOK}", "job/recheck")
    assert terms(_calico(world)) == [{"matchExpressions": EXPRESSIONS}]


def test_deleting_all_that_is_emitted_leaves_the_daemon_set(world: Cluster, guide: Path, delivery: Delivery) -> None:
    delivery.apply(guide)
    delivery.run(guide, HOOK)
    before = _calico(world)
    world.run("delete", "-k", str(guide / "kustomize"), "--ignore-not-found")
    assert _calico(world) == before


def _calico(cluster: Cluster) -> dict[str, Any]:
    found = cluster.get(CALICO)
    assert found is not None
    return found


def _without_terms(daemon_set: dict[str, Any]) -> dict[str, Any]:
    """Everything that a person wrote, but for the affinity; not what the API server counts."""
    copy: dict[str, Any] = json.loads(json.dumps(daemon_set))
    for counted in ("resourceVersion", "generation", "managedFields"):
        copy["metadata"].pop(counted)
    copy["metadata"].get("annotations", {}).pop("deprecated.daemonset.template.generation", None)
    copy["spec"]["template"]["spec"].pop("affinity", None)
    return copy


def _set_terms(cluster: Cluster, wanted: list[dict[str, Any]]) -> None:
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": wanted}}}
    cluster.patch(CALICO, {"spec": {"template": {"spec": {"affinity": affinity}}}})


def _with_cni_line(spec: str, line: str) -> str:
    """``line`` as one more field of ``cluster.cni``."""
    version = "      version: 3.24.5\n"
    assert version in spec
    return spec.replace(version, f"{version}      {line}\n")
