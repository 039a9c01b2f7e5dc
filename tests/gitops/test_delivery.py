"""Each CNI, each way of reaching its workload: nothing that was required of nodes before is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cni import manifests
from tests.cni.manifests import LINUX, NAMES, PROJECTS, Project
from tests.gitops.variants import Object, build, example, objects, run, terms

Tool = Callable[[str], str]
EXTERNAL = {"key": "alibabacloud.com/external", "operator": "NotIn", "values": ["true"]}
VIRTUAL = {"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]}


def spec(cni: Object, **more: Any) -> bytes:
    settings = {"existingNodeSelectorTerms": None, **cni, **more}
    return example("guide", cluster__cni=settings)


@pytest.mark.parametrize("project", PROJECTS, ids=NAMES)
def test_the_hook_keeps_what_the_project_ships(project: Project, tool: Tool, tmp_path: Path) -> None:
    folder = build(spec(project.spec), tmp_path)
    live = manifests.daemon_set(project.name)
    found = objects((folder / "kustomize" / "configmap-hybridc-cni-exclusion.yaml").read_text())
    (instructions,) = found.values()
    key = f"daemonset.{project.namespace}.{project.daemon_set}"
    assert f"{key} daemonset {project.namespace} {project.daemon_set}\n" == instructions["data"]["objects"]
    expected = json.loads(instructions["data"][f"{key}.expected.json"])
    assert expected == (terms(live) if project.requires else [])
    file = tmp_path / "live.yaml"
    file.write_text(yaml.safe_dump(live))
    patched = run(
        tool("kubectl"),
        "patch",
        "--local",
        "--type",
        "strategic",
        "-o",
        "json",
        "-f",
        str(file),
        "-p",
        instructions["data"][f"{key}.patch.json"],
    )
    after = json.loads(patched)
    assert terms(after) == [{"matchExpressions": [*project.requires, EXTERNAL, VIRTUAL]}]
    assert json.loads(instructions["data"][f"{key}.wanted.json"]) == terms(after)
    del after["spec"]["template"]["spec"]["affinity"]
    live["spec"]["template"]["spec"].pop("affinity", None)
    assert after["spec"] == live["spec"]


@pytest.mark.parametrize("project", PROJECTS, ids=NAMES)
def test_the_component_gives_the_same_terms(project: Project, tool: Tool, tmp_path: Path) -> None:
    folder = build(spec(project.spec, delivery="component"), tmp_path)
    owner = tmp_path / "owner"
    owner.mkdir()
    (owner / "cni.yaml").write_text(project.text)
    component = "../" + str((folder / "components" / "cni-exclusion").relative_to(tmp_path))
    (owner / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["cni.yaml"], "components": [component]}))
    built = objects(run(tool("kustomize"), "build", str(owner)))
    found = built["DaemonSet", project.namespace, project.daemon_set]
    assert terms(found) == [{"matchExpressions": [*project.requires, EXTERNAL, VIRTUAL]}]
    assert not (folder / "kustomize" / "pod-hybridc-cni-exclusion.yaml").exists()


def test_a_component_whose_workload_is_not_there_fails(tool: Tool, tmp_path: Path) -> None:
    folder = build(spec({"type": "calico"}, delivery="component"), tmp_path)
    owner = tmp_path / "owner"
    owner.mkdir()
    component = "../" + str((folder / "components" / "cni-exclusion").relative_to(tmp_path))
    (owner / "kustomization.yaml").write_text(yaml.safe_dump({"components": [component]}))
    with pytest.raises(AssertionError, match="failed to find unique target for patch"):
        run(tool("kustomize"), "build", str(owner))


OWN_TERMS: list[list[Object]] = [
    [{"matchExpressions": [LINUX]}],
    [{"matchExpressions": [LINUX]}, {"matchExpressions": [{"key": "rack", "operator": "Exists"}]}],
    [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["idc-1"]}]}],
    [{"matchExpressions": [EXTERNAL]}],
    [{"matchExpressions": [EXTERNAL, VIRTUAL]}],
]


@pytest.mark.parametrize("own", OWN_TERMS)
def test_every_term_of_the_spec_is_kept_and_restricted(own: list[Object], tmp_path: Path) -> None:
    folder = build(spec({"type": "calico"}, existingNodeSelectorTerms=own, delivery="component"), tmp_path)
    component = folder / "components" / "cni-exclusion" / "daemonset-calico-node.yaml"
    wanted = terms(yaml.safe_load(component.read_text()))
    assert len(wanted) == len(own)
    for before, after in zip(own, wanted, strict=True):
        assert after.get("matchFields") == before.get("matchFields")
        for expression in (*before.get("matchExpressions", []), EXTERNAL, VIRTUAL):
            assert after["matchExpressions"].count(expression) == 1


def test_a_partial_for_server_side_apply_is_protected(tmp_path: Path) -> None:
    accepted = [{"code": "GIT007", "reason": "calico was installed with kubectl create"}]
    raw = example(
        "guide", cluster__cni={"delivery": "ssa", "existingNodeSelectorTerms": []}, checks={"ignore": accepted}
    )
    folder = build(raw, tmp_path)
    partial = yaml.safe_load((folder / "kustomize" / "daemonset-calico-node.yaml").read_text())
    options = partial["metadata"]["annotations"]["argocd.argoproj.io/sync-options"]
    assert options == "ServerSideApply=true,Validate=false,Prune=false,Delete=false"
    application = yaml.safe_load((folder / "argocd" / "application-idc-hangzhou.yaml").read_text())
    assert "ClientSideApplyMigration=false" in application["spec"]["syncPolicy"]["syncOptions"]


def test_the_operator_gets_a_patch_of_its_installation(tool: Tool, tmp_path: Path) -> None:
    folder = build(example("two-zone"), tmp_path)
    patch = yaml.safe_load((folder / "cni" / "installation-default.patch.yaml").read_text())
    assert set(patch["spec"]) == {
        "calicoNodeDaemonSet",
        "csiNodeDriverDaemonSet",
        "typhaDeployment",
        "calicoKubeControllersDeployment",
    }
    for part in patch["spec"].values():
        assert terms(part) == [{"matchExpressions": [EXTERNAL, VIRTUAL]}]
    # In Git, the same as a Component.
    folder = build(example("two-zone", cluster__cni={"delivery": "component"}), tmp_path)
    owner = tmp_path / "owner"
    owner.mkdir()
    live = {
        "apiVersion": "operator.tigera.io/v1",
        "kind": "Installation",
        "metadata": {"name": "default"},
        "spec": {"cni": {"type": "Calico"}, "calicoNetwork": {"bgp": "Enabled"}},
    }
    (owner / "installation.yaml").write_text(yaml.safe_dump(live))
    component = "../" + str((folder / "components" / "cni-exclusion").relative_to(tmp_path))
    kustomization = {"resources": ["installation.yaml"], "components": [component]}
    (owner / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    (built,) = objects(run(tool("kustomize"), "build", str(owner))).values()
    assert built["spec"] == {**live["spec"], **patch["spec"]}  # type: ignore[dict-item]
    # An affinity of the owner's that the spec does not know fails the build.
    live["spec"]["typhaDeployment"] = {"spec": {"template": {"spec": terms_of({"key": "rack", "operator": "Exists"})}}}  # type: ignore[index]
    (owner / "installation.yaml").write_text(yaml.safe_dump(live))
    with pytest.raises(AssertionError, match="nodeSelectorTerms failed: test failed"):
        run(tool("kustomize"), "build", str(owner))


def terms_of(expression: Object) -> Object:
    """A pod spec that requires this of nodes."""
    required = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}


def test_an_old_operator_gets_no_field_that_it_does_not_know(tmp_path: Path) -> None:
    folder = build(example("two-zone", cluster__cni={"version": "3.25.0"}), tmp_path)
    patch = yaml.safe_load((folder / "cni" / "installation-default.patch.yaml").read_text())
    assert "csiNodeDriverDaemonSet" not in patch["spec"]


@pytest.mark.walks("cilium")
def test_cilium_keeps_its_own_affinities(tmp_path: Path) -> None:
    cni = {"type": "cilium", "install": "helm", "version": "1.18.0", "disabledIPPools": None}
    folder = build(spec(cni), tmp_path)
    values = yaml.safe_load((folder / "cni" / "values.yaml").read_text())
    for where, label in ((values, "cilium"), (values["envoy"], "cilium-envoy")):
        (rule,) = where["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert rule["labelSelector"]["matchLabels"]["k8s-app"] == label
    assert values["operator"]["unmanagedPodWatcher"] == {"restart": False}
    envoy = values["envoy"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    (term,) = envoy["nodeSelectorTerms"]
    assert {"key": "cilium.io/no-schedule", "operator": "NotIn", "values": ["true"]} in term["matchExpressions"]
    assert EXTERNAL in term["matchExpressions"]


def test_by_hand_there_is_one_patch_for_each_workload(tool: Tool, tmp_path: Path) -> None:
    folder = build(example("everything", cluster__cni={"delivery": "manual", "recheck": None}), tmp_path)
    patches = sorted(path.name for path in (folder / "cni").iterdir())
    assert patches == ["daemonset-calico-node.patch.yaml", "daemonset-speaker.patch.yaml"]
    file = tmp_path / "live.yaml"
    file.write_text(yaml.safe_dump(manifests.daemon_set("calico-v3.28.5")))
    patched = run(
        tool("kubectl"),
        "patch",
        "--local",
        "--type",
        "strategic",
        "-o",
        "json",
        "-f",
        str(file),
        "--patch-file",
        str(folder / "cni" / patches[0]),
    )
    assert terms(json.loads(patched)) == [{"matchExpressions": [EXTERNAL, VIRTUAL]}]


def test_other_workloads_are_patched_by_the_hook_beside_values(tmp_path: Path) -> None:
    other = {"kind": "Deployment", "namespace": "storage", "name": "exporter"}
    folder = build(example("two-zone", cluster__cni={"excludeAlso": [other]}), tmp_path)
    instructions = yaml.safe_load((folder / "kustomize" / "configmap-hybridc-cni-exclusion.yaml").read_text())
    assert instructions["data"]["objects"] == "deployment.storage.exporter deployment storage exporter\n"


@pytest.mark.parametrize("cni", [{"type": "none", "routing": "host"}, {"type": "flannel", "routing": "overlay"}])
def test_without_a_routed_network_nothing_is_excluded(cni: Object, tmp_path: Path) -> None:
    changes: Object = {"cluster__cni": {**cni, "version": None, "install": None}}
    if cni["routing"] == "host":
        changes["cluster__podCIDRs"] = []
    else:
        changes |= {"terway": None, "alibabaCloud__vpc__podVSwitches": None}
    folder = build(example("guide", **changes), tmp_path)
    assert not (folder / "components").exists()
    assert not list((folder / "kustomize").glob("*cni-exclusion*"))
    assert (folder / "kustomize" / "configmap-eni-config.yaml").exists() == (cni["routing"] == "host")


def flux(folder: Path) -> dict[str, Object]:
    """What applies a cluster's folder, by name."""
    found = [yaml.safe_load(path.read_text()) for path in (folder / "flux").iterdir()]
    return {item["metadata"]["name"]: item for item in found if item["kind"] in ("Kustomization", "HelmRelease")}


STAGES = ("idc-hangzhou-guard", "idc-hangzhou", "idc-hangzhou-agent-config")


@pytest.mark.walks("flux")
@pytest.mark.parametrize("delivery", ["hook", "component"])
def test_flux_applies_the_guard_first_and_what_lets_nodes_in_last(delivery: str, tool: Tool, tmp_path: Path) -> None:
    raw = example(
        "guide", gitops={"engine": "flux"}, cluster__cni={"delivery": delivery, "existingNodeSelectorTerms": []}
    )
    folder = build(raw, tmp_path, "kustomize")
    found = flux(folder)
    assert [found[name]["spec"].get("dependsOn") for name in STAGES] == [None, *([{"name": n}] for n in STAGES[:2])]
    applied = {}
    for name in STAGES:
        body = found[name]["spec"]
        assert (body["wait"], body["path"]) == (True, "./idc-hangzhou/kustomize")
        overlay = tmp_path / f"of-{name}"
        overlay.mkdir()
        kustomization = {"resources": ["../idc-hangzhou/kustomize"], "patches": body["patches"]}
        (overlay / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        applied[name] = objects(run(tool("kustomize"), "build", str(overlay)))
    everything = objects(run(tool("kustomize"), "build", str(folder / "kustomize")))
    assert sum(len(each) for each in applied.values()) == len(everything)
    assert {key: item for each in applied.values() for key, item in each.items()} == everything
    assert list(applied[STAGES[2]]) == [("ConfigMap", "kube-system", "ack-agent-config")]
    assert {kind for kind, _, name in applied[STAGES[0]] if name.startswith("hybridc-guard-")} == {"Job"}
    assert not [name for _, _, name in applied[STAGES[1]] if "guard" in name]


def test_the_kustomizations_of_flux_do_not_change_with_what_they_apply(tmp_path: Path) -> None:
    """A person applied them once."""
    other = {"recheck": "*/30 * * * *", "existingNodeSelectorTerms": [{"matchExpressions": [LINUX]}]}
    first = build(example("guide", gitops={"engine": "flux"}), tmp_path / "a", "kustomize")
    second = build(example("guide", gitops={"engine": "flux"}, cluster__cni=other), tmp_path / "b", "kustomize")
    assert flux(first) == flux(second)
    jobs = [{path.name for path in (folder / "kustomize").glob("job-*.yaml")} for folder in (first, second)]
    assert [len(names) for names in jobs] == [2, 2]
    assert not jobs[0] & jobs[1], "another content is another Job, of the guard as well"
    assert not list((first / "kustomize").glob("pod-*.yaml"))


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_flux_installs_a_chart_in_two_releases(helm: str, tool: Tool, tmp_path: Path) -> None:
    folder = build(example("guide", gitops={"engine": "flux", "format": "helm"}), tmp_path, "helm")
    found = flux(folder)
    assert found["idc-hangzhou-agent-config"]["spec"]["dependsOn"] == [{"name": "idc-hangzhou"}]
    rendered = {}
    for name, release in found.items():
        values = tmp_path / f"{name}.yaml"
        values.write_text(yaml.safe_dump(release["spec"]["values"]))
        command = (tool(helm), "template", "x", str(folder / "chart"), "--kube-version", "1.34.0", "-f", str(values))
        rendered[name] = objects(run(*command))
    assert list(rendered["idc-hangzhou-agent-config"]) == [("ConfigMap", "kube-system", "ack-agent-config")]
    guard = rendered["idc-hangzhou"]["Pod", "kube-system", "hybridc-guard"]
    assert guard["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert ("ConfigMap", "kube-system", "ack-agent-config") not in rendered["idc-hangzhou"]


@pytest.mark.parametrize("engine", ["argocd", "flux"])
def test_pools_by_api_wait_for_a_person(engine: str, tool: Tool, tmp_path: Path) -> None:
    """They change running traffic at once, so no sync brings them before the routes."""
    folder = build(example("guide", gitops={"engine": engine}, cluster__cni={"disabledIPPools": "api"}), tmp_path)
    synced = objects(run(tool("kustomize"), "build", str(folder / "kustomize")))
    pools = objects(run(tool("kustomize"), "build", str(folder / "calico")))
    assert {kind for kind, _, _ in pools} == {"IPPool"}
    assert not [kind for kind, _, _ in synced if kind == "IPPool"]
    kind = {"argocd": "application", "flux": "kustomization"}[engine]
    body = yaml.safe_load((folder / engine / f"{kind}-idc-hangzhou-ippools.yaml").read_text())["spec"]
    if engine == "flux":
        assert (body["path"], body["suspend"], body["prune"]) == ("./idc-hangzhou/calico", True, False)
        return
    assert body["source"]["path"] == "idc-hangzhou/calico"
    assert "automated" not in body["syncPolicy"]
    project = yaml.safe_load((folder / engine / "appproject-hybrid.yaml").read_text())["spec"]
    assert {"group": "projectcalico.org", "kind": "IPPool"} in project["clusterResourceWhitelist"]
