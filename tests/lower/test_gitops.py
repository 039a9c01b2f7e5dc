"""Argo CD may apply what is there, in the namespaces where it belongs, and the shell in it is sound."""

from __future__ import annotations

import fnmatch
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.build.cli import EXAMPLES, call, written
from tests.layout.readers import tool_output

Tool = Callable[[str], str]
Data = dict[str, Any]
NAMES = [path.parent.name for path in EXAMPLES]
SHELLS = (["sh", "-n"], ["dash", "-n"], ["busybox", "sh", "-n"], ["bash", "--posix", "-n"])
# The kinds that have no namespace, of all that hybridc ever emits.
CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding", "Namespace", "Installation", "IPPool", "CustomResourceDefinition"}


def load(path: Path) -> Data:
    found: Data = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return found


def synced(cluster: Path) -> list[Data]:
    return [load(path) for path in (cluster / "kustomize").iterdir() if path.name != "kustomization.yaml"]


def of_kind(cluster: Path, kind: str) -> list[Data]:
    return [item for item in map(load, (cluster / "argocd").iterdir()) if item["kind"] == kind]


@pytest.mark.parametrize("name", NAMES)
def test_the_project_covers_every_kind_and_namespace(built: dict[str, Path], name: str) -> None:
    (project,) = of_kind(built[name], "AppProject")
    allowed = project["spec"]
    for item in synced(built[name]):
        version = item["apiVersion"]
        entry = {"group": version.split("/")[0] if "/" in version else "", "kind": item["kind"]}
        whole = item["kind"] in CLUSTER_WIDE
        assert entry in allowed["clusterResourceWhitelist" if whole else "namespaceResourceWhitelist"]
        if not whole:
            namespaces = [destination["namespace"] for destination in allowed["destinations"]]
            assert any(fnmatch.fnmatchcase(item["metadata"]["namespace"], pattern) for pattern in namespaces)


@pytest.mark.parametrize("name", NAMES)
def test_the_project_allows_nothing_wholesale(built: dict[str, Path], name: str) -> None:
    (project,) = of_kind(built[name], "AppProject")
    for entry in project["spec"]["namespaceResourceWhitelist"] + project["spec"]["clusterResourceWhitelist"]:
        assert "*" not in (entry["group"], entry["kind"])
    assert "*" not in project["spec"]["sourceRepos"]


@pytest.mark.parametrize("name", NAMES)
def test_every_application_fits_its_project(built: dict[str, Path], name: str) -> None:
    (project,) = of_kind(built[name], "AppProject")
    applications = of_kind(built[name], "Application")
    assert applications
    for application in applications:
        spec = application["spec"]
        assert spec["project"] == project["metadata"]["name"]
        sources = spec.get("sources", [spec.get("source")])
        assert {source["repoURL"] for source in sources} <= set(project["spec"]["sourceRepos"])
        assert spec["destination"] in project["spec"]["destinations"]


@pytest.mark.parametrize("name", NAMES)
def test_foreign_objects_are_never_pruned(built: dict[str, Path], name: str) -> None:
    """ConfigMaps that Terway and the ACK agent read outlive the Application."""
    for item in synced(built[name]):
        if item["metadata"]["name"] in ("eni-config", "ack-agent-config"):
            annotations = item["metadata"]["annotations"]
            assert "Prune=false" in annotations["argocd.argoproj.io/sync-options"]
            assert annotations["helm.sh/resource-policy"] == "keep"


def scripts(cluster: Path) -> Iterator[tuple[str, str]]:
    """Every shell text in what Argo CD applies."""
    for item in synced(cluster):
        for key, text in (item.get("data", {}) if item["kind"] == "ConfigMap" else {}).items():
            if key.endswith(".sh") or text.startswith("#!"):
                yield f"{item['metadata']['name']}/{key}", text


@pytest.mark.parametrize("name", NAMES)
def test_shell_in_config_maps(built: dict[str, Path], tool: Tool, tmp_path: Path, name: str) -> None:
    """Images differ in their shell: it is POSIX, and the shells that are there parse it."""
    found = dict(scripts(built[name]))
    assert found
    for where, text in found.items():
        path = tmp_path / where.replace("/", "-")
        path.write_text(text)
        tool_output([tool("shellcheck"), "--shell=sh", "--exclude=SC2016", str(path)])  # go-templates
        tool_output([tool("shfmt"), "-i", "2", "-ci", "-d", "-ln", "posix", str(path)])
        for shell in (words for words in SHELLS if shutil.which(words[0])):
            done = subprocess.run([*shell, str(path)], capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, ""), where


@pytest.mark.parametrize("name", NAMES)
def test_hooks_come_after_what_they_read(built: dict[str, Path], name: str) -> None:
    """A Sync hook of the first wave may be skipped; a PreSync hook needs its own inputs before the sync."""
    for item in synced(built[name]):
        annotations = item["metadata"].get("annotations", {})
        if annotations.get("argocd.argoproj.io/hook") == "Sync":
            assert int(annotations["argocd.argoproj.io/sync-wave"]) >= 1


@pytest.mark.parametrize(
    ("revision", "kind"),
    [
        ("main", "branch"),
        ("release-1.2", "branch"),
        ("v1.2.3", "tag"),
        ("v2.0.0-rc.1", "tag"),
        ("refs/heads/main", "name"),
        ("0123456789abcdef0123456789abcdef01234567", "commit"),
    ],
)
def test_flux_is_told_which_kind_of_reference_a_revision_is(tmp_path: Path, revision: str, kind: str) -> None:
    engine = f"hybrid-out.git\n    engine: flux\n    revision: {revision}"
    path = written(tmp_path, replaced={"hybrid-out.git": engine})
    assert call("build", path, "-o", tmp_path / "out").code == 0
    made = [load(file) for file in (tmp_path / "out" / "idc-hangzhou" / "flux").iterdir()]
    (repository,) = [item for item in made if item.get("kind") == "GitRepository"]
    assert repository["spec"]["ref"] == {kind: revision}


def test_a_project_of_several_clusters_allows_what_each_of_them_needs(tmp_path: Path) -> None:
    specs = [
        written(tmp_path, name, number, {"hybrid-out.git": f"{name}.git\n    destination: {{name: {name}}}"})
        for number, name in enumerate(("one", "two"))
    ]
    assert call("build", *specs, "-o", tmp_path / "out").code == 0
    (shared,) = [
        item for item in map(load, (tmp_path / "out" / "argocd").iterdir()) if item.get("kind") == "AppProject"
    ]
    for name in ("one", "two"):
        (own,) = of_kind(tmp_path / "out" / name, "AppProject")
        assert own["metadata"]["name"] == shared["metadata"]["name"]
        for key, allowed in own["spec"].items():
            if isinstance(allowed, list):
                assert [entry for entry in allowed if entry not in shared["spec"][key]] == []
