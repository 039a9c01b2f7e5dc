"""Terway's real chart, inflated and corrected by the emitted kustomization."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests import pinned
from tests.gitops.variants import Object, build, example, objects, run, terms

Tool = Callable[[str], str]
LEFT = {
    ("ServiceAccount", "kube-system", "terway"),
    ("Role", "kube-system", "terway"),
    ("RoleBinding", "kube-system", "terway-binding"),
    ("ClusterRole", "", "terway-pod-reader"),
    ("ClusterRoleBinding", "", "terway-binding"),
    ("DaemonSet", "kube-system", "terway-eniip"),
}


@pytest.fixture(scope="module")
def chart() -> Path:
    """The chart out of the pinned Terway module."""
    return pinned.folder("terway-chart")


@pytest.fixture(scope="module")
def inflated(chart: Path, tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], Object]:
    folder = build(example("everything"), tmp_path_factory.mktemp("chart")) / "terway"
    shutil.copytree(chart, folder / "charts" / "terway", copy_function=shutil.copyfile)
    for path in (folder / "charts").rglob("*"):
        path.chmod(0o755)
    helm = tool("helm3")
    return objects(run(tool("kustomize"), "build", "--enable-helm", "--helm-command", helm, str(folder)))


def test_only_what_cloud_nodes_need_is_left(inflated: dict[tuple[str, str, str], Object]) -> None:
    assert set(inflated) == LEFT


def test_no_definition_of_calico_is_touched(inflated: dict[tuple[str, str, str], Object]) -> None:
    assert not [kind for kind, _, _ in inflated if kind == "CustomResourceDefinition"]


def test_terway_runs_on_cloud_nodes_only(inflated: dict[tuple[str, str, str], Object]) -> None:
    (term,) = terms(inflated["DaemonSet", "kube-system", "terway-eniip"])
    expressions = term["matchExpressions"]
    assert {"key": "alibabacloud.com/external", "operator": "In", "values": ["true"]} in expressions
    # The chart's own expressions stay.
    assert {"type", "k8s.aliyun.com/ignore-by-terway"} <= {expression["key"] for expression in expressions}


def test_terway_reads_the_secret_of_the_add_ons(inflated: dict[tuple[str, str, str], Object]) -> None:
    pod = inflated["DaemonSet", "kube-system", "terway-eniip"]["spec"]["template"]["spec"]
    (terway,) = (container for container in pod["containers"] if container["name"] == "terway")
    mounts = {mount["name"]: mount["mountPath"] for mount in terway["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert mounts["alibaba-addon-secret"] == "/var/alibaba-addon-secret"
    assert volumes["alibaba-addon-secret"]["secret"]["secretName"] == "alibaba-addon-secret"
    assert {"eni-config", "lib-modules", "cni"} <= set(mounts)


def test_the_image_is_the_version_of_the_spec(inflated: dict[tuple[str, str, str], Object]) -> None:
    pod = inflated["DaemonSet", "kube-system", "terway-eniip"]["spec"]["template"]["spec"]
    images = {container["image"].rpartition(":")[2] for container in pod["containers"]}
    assert images == {"v1.16.6"}  # examples/everything


def test_the_project_allows_all_of_it(inflated: dict[tuple[str, str, str], Object], tmp_path: Path) -> None:
    folder = build(example("everything"), tmp_path)
    (project,) = objects((folder / "argocd" / "appproject-hybrid.yaml").read_text()).values()
    allowed = {item["kind"] for item in project["spec"]["namespaceResourceWhitelist"]}
    cluster_wide = {item["kind"] for item in project["spec"]["clusterResourceWhitelist"]}
    for kind, namespace, _ in inflated:
        assert kind in (allowed if namespace else cluster_wide)
