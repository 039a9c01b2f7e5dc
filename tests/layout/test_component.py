"""The CNI exclusion on the projects' own manifests: everything that was there stays, every term gets both tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.build.cli import call, spec
from tests.cni import manifests
from tests.cni.manifests import LINUX, NAMES, PROJECTS, Project
from tests.layout.readers import by_name, kubeconform, objects, tool_output

Tool = Callable[[str], str]
Terms = list[dict[str, Any]]
OFF_CLOUD_NODES = [
    {"key": "alibabacloud.com/external", "operator": "NotIn", "values": ["true"]},
    {"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]},
]
EDGE = {"key": "node-role.kubernetes.io/edge", "operator": "DoesNotExist"}
BY_NAME = {"key": "metadata.name", "operator": "In", "values": ["idc-1"]}
COMPONENT = {"delivery": "component"}
VARIANTS: dict[str, Terms] = {
    "none": [],
    "one": [{"matchExpressions": [LINUX]}],
    "two": [{"matchExpressions": [LINUX, EDGE]}, {"matchExpressions": [EDGE]}],
    "fields": [{"matchFields": [BY_NAME]}],
    "both": [{"matchExpressions": [LINUX], "matchFields": [BY_NAME]}, {"matchExpressions": [EDGE]}],
    "patched already": [{"matchExpressions": [LINUX, *OFF_CLOUD_NODES]}],
    "half patched": [{"matchExpressions": [OFF_CLOUD_NODES[0], LINUX]}],
}


def terms_of(daemon_set: dict[str, Any]) -> Terms:
    affinity = daemon_set["spec"]["template"]["spec"].get("affinity", {}).get("nodeAffinity", {})
    found: Terms = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {}).get("nodeSelectorTerms", [])
    return found


def set_terms(daemon_set: dict[str, Any], terms: Terms) -> None:
    pod = daemon_set["spec"]["template"]["spec"]
    pod.setdefault("affinity", {}).setdefault("nodeAffinity", {})
    key = "requiredDuringSchedulingIgnoredDuringExecution"
    pod["affinity"]["nodeAffinity"].pop(key, None)
    if terms:
        pod["affinity"]["nodeAffinity"][key] = {"nodeSelectorTerms": terms}


def expected(terms: Terms) -> Terms:
    """By the rule itself, written a second time: both tests in every term, at most once."""
    made = []
    for term in terms or [{}]:
        have = term.get("matchExpressions", [])
        made.append({**term, "matchExpressions": have + [test for test in OFF_CLOUD_NODES if test not in have]})
    return made


def cluster(folder: Path, cni: str) -> Path:
    """The guide's cluster with this ``cni``, compiled."""
    head, rest = spec().split("    cni:\n")
    folder.mkdir(exist_ok=True)
    path = folder / "hybrid.yaml"
    path.write_text(f"{head}    cni: {cni}\n\n  alibabaCloud:{rest.split('  alibabaCloud:')[1]}")
    done = call("build", path, "-o", folder / "out", "--layout", "kustomize")
    assert done.code == 0, done.err
    return folder / "out" / "idc-hangzhou"


def patched(tool: Tool, folder: Path, built: Path, manifest: str) -> str:
    """The manifest with the Component on it, as its owner would include it."""
    (folder / "owner").mkdir()
    (folder / "owner" / "cni.yaml").write_text(manifest)
    (folder / "owner" / "kustomization.yaml").write_text(
        f"resources: [cni.yaml]\ncomponents: [../{(built / 'components/cni-exclusion').relative_to(folder)}]\n"
    )
    return tool_output([tool("kustomize"), "build", str(folder / "owner")])


def hook_patch(built: Path, namespace: str, name: str) -> str:
    """The patch that the hook applies."""
    file = built / "kustomize" / "configmap-hybridc-cni-exclusion.yaml"
    data = yaml.load(file.read_text(), yaml.CSafeLoader)["data"]
    found: str = data[f"daemonset.{namespace}.{name}.patch.json"]
    return found


def check(tool: Tool, folder: Path, cni: dict[str, Any], manifest: str, where: tuple[str, str], terms: Terms) -> str:
    """Both deliveries on a manifest that has ``terms``: equal, complete, and nothing else changed."""
    namespace, name = where
    before = by_name(objects(tool("kubectl"), manifest))
    key = ("DaemonSet", namespace, name)
    assert terms_of(before[key]) == terms
    built = cluster(folder, json.dumps(cni))
    assert not (built / "components").exists(), "one mechanism in one tree"
    text = patched(tool, folder, cluster(folder / "component", json.dumps(cni | COMPONENT)), manifest)
    after = by_name(objects(tool("kubectl"), text))
    assert terms_of(after[key]) == expected(terms)
    (folder / "ds.json").write_text(json.dumps(before[key]))
    command = [tool("kubectl"), "patch", "--local", "-f", str(folder / "ds.json"), "--type", "strategic", "-o", "json"]
    by_hook = json.loads(tool_output([*command, "-p", hook_patch(built, namespace, name)]))
    assert terms_of(by_hook) == expected(terms)
    for item in (before[key], after[key], by_hook):
        set_terms(item, [])
        item["metadata"].pop("annotations", None) if not item["metadata"].get("annotations") else None
    assert after == before
    assert by_hook == before[key]
    return text


@pytest.mark.parametrize("variant", VARIANTS)
def test_terms_that_the_spec_names_are_kept(tool: Tool, kubernetes_schemas: str, tmp_path: Path, variant: str) -> None:
    daemon_set = manifests.daemon_set("calico-v3.24.5")
    set_terms(daemon_set, VARIANTS[variant])
    cni = {"type": "calico", "routing": "bgp", "version": "3.24.5", "existingNodeSelectorTerms": VARIANTS[variant]}
    manifest = yaml.safe_dump(daemon_set)
    text = check(tool, tmp_path, cni, manifest, ("kube-system", "calico-node"), VARIANTS[variant])
    assert "Valid: 1, Invalid: 0, Errors: 0" in kubeconform(tool("kubeconform"), kubernetes_schemas, 24, text)


@pytest.mark.parametrize("project", PROJECTS, ids=NAMES)
@pytest.mark.parametrize("variant", ["as shipped", "two", "both"])
def test_the_projects_own_manifests(
    tool: Tool,
    kubernetes_schemas: str,
    tmp_path: Path,
    project: Project,
    variant: str,
) -> None:
    documents = [item for item in yaml.load_all(project.text, yaml.CSafeLoader) if item]
    (daemon_set,) = (item for item in documents if item["kind"] == "DaemonSet")
    cni: dict[str, Any] = {**project.spec, "routing": "bgp"}
    if variant != "as shipped":
        set_terms(daemon_set, VARIANTS[variant])
        cni["existingNodeSelectorTerms"] = VARIANTS[variant]
    shipped = terms_of(daemon_set)
    where = (project.namespace, project.daemon_set)
    text = check(tool, tmp_path, cni, yaml.dump_all(documents, Dumper=yaml.CSafeDumper), where, shipped)
    # CustomResourceDefinitions have a schema; there are no custom resources in these manifests.
    assert "Invalid: 0, Errors: 0" in kubeconform(tool("kubeconform"), kubernetes_schemas, 24, text)


def test_a_component_alone_fails(tool: Tool, tmp_path: Path) -> None:
    """Without the workload in the resources the build of the owner fails, and loses nothing silently."""
    cni = {"type": "calico", "routing": "bgp", "version": "3.31.2", "existingNodeSelectorTerms": [], **COMPONENT}
    built = cluster(tmp_path, json.dumps(cni))
    with pytest.raises(AssertionError, match="no resource matches"):
        patched(tool, tmp_path, built, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n")


@pytest.mark.parametrize("known", ["none", "one", "two"])
@pytest.mark.parametrize("live", ["none", "one", "two", "fields", "patched already"])
def test_terms_that_the_spec_does_not_know_fail_the_build(tool: Tool, tmp_path: Path, known: str, live: str) -> None:
    """kustomize replaces the list as a whole, so what an owner requires of nodes would be lost in silence."""
    cni = {"type": "calico", "routing": "bgp", "version": "3.24.5", "existingNodeSelectorTerms": VARIANTS[known]}
    built = cluster(tmp_path, json.dumps(cni | COMPONENT))
    daemon_set = manifests.daemon_set("calico-v3.24.5")
    set_terms(daemon_set, VARIANTS[live])
    if known == live:
        assert "alibabacloud.com/external" in patched(tool, tmp_path, built, yaml.safe_dump(daemon_set))
        return
    with pytest.raises(AssertionError, match="nodeSelectorTerms failed: test failed"):
        patched(tool, tmp_path, built, yaml.safe_dump(daemon_set))


def test_other_affinities_of_the_owner_stay(tool: Tool, tmp_path: Path) -> None:
    cni = {"type": "calico", "routing": "bgp", "version": "3.24.5", "existingNodeSelectorTerms": [], **COMPONENT}
    daemon_set = manifests.daemon_set("calico-v3.24.5")
    apart: dict[str, Any] = {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}
    daemon_set["spec"]["template"]["spec"]["affinity"] = apart
    text = patched(tool, tmp_path, cluster(tmp_path, json.dumps(cni)), yaml.safe_dump(daemon_set))
    (after,) = objects(tool("kubectl"), text)
    assert after["spec"]["template"]["spec"]["affinity"].items() >= apart.items()
