"""What Argo CD applies is what the real tools accept, in both layouts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings
from tests.build.cli import EXAMPLES, call, spec, tree
from tests.layout.readers import Object, by_name, kubeconform, objects, tool_output
from tests.strategies import Spec, specs, terway_versions, text_of

from hybridc.catalog.kubernetes import known_minors

Tool = Callable[[str], str]
NAMES = [path.parent.name for path in EXAMPLES]


def minor_of(path: Path) -> int:
    version = yaml.load(path.read_text(), yaml.CSafeLoader)["spec"]["cluster"]["kubernetesVersion"]
    return int(version.split(".")[1])


@pytest.mark.parametrize("name", NAMES)
def test_kustomize_builds_and_kubernetes_knows_every_field(
    built: dict[str, Path], tool: Tool, kubernetes_schemas: str, name: str
) -> None:
    text = tool_output([tool("kustomize"), "build", str(built[name] / "kustomize")])
    minor = minor_of(next(path for path in EXAMPLES if path.parent.name == name))
    summary = kubeconform(tool("kubeconform"), kubernetes_schemas, minor, text)
    listed = yaml.load((built[name] / "kustomize" / "kustomization.yaml").read_text(), yaml.CSafeLoader)
    assert f"Valid: {len(listed['resources'])}, Invalid: 0, Errors: 0, Skipped: 0" in summary


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("name", NAMES)
def test_the_chart_gives_the_same_objects(built: dict[str, Path], tool: Tool, name: str, helm: str) -> None:
    assert chart_objects(tool, helm, built[name]) == kustomize_objects(tool, built[name])


def kustomize_objects(tool: Tool, cluster: Path) -> dict[tuple[str, str, str], Object]:
    text = tool_output([tool("kustomize"), "build", str(cluster / "kustomize")])
    return by_name(objects(tool("kubectl"), text))


def chart_objects(tool: Tool, helm: str, cluster: Path) -> dict[tuple[str, str, str], Object]:
    command = [tool(helm), "template", "x", str(cluster / "chart"), "--kube-version", "1.34.2"]
    return by_name(objects(tool("kubectl"), tool_output(command)))


@pytest.mark.parametrize("name", NAMES)
def test_helm_finds_nothing_to_complain_about(built: dict[str, Path], tool: Tool, name: str) -> None:
    for helm in ("helm3", "helm4"):
        tool_output([tool(helm), "lint", "--strict", str(built[name] / "chart"), "--kube-version", "1.34.2"])


@pytest.mark.parametrize("name", NAMES)
def test_one_object_a_file_named_after_it(built: dict[str, Path], name: str) -> None:
    folder = built[name] / "kustomize"
    listed = yaml.load((folder / "kustomization.yaml").read_text(), yaml.CSafeLoader)
    assert sorted(listed["resources"]) == sorted(p.name for p in folder.iterdir() if p.name != "kustomization.yaml")
    for path in folder.iterdir():
        (item,) = yaml.load_all(path.read_text(), yaml.CSafeLoader)
        if path.name != "kustomization.yaml":
            metadata = item["metadata"]
            assert path.stem in (
                f"{item['kind']}-{metadata['name']}".lower(),
                f"{item['kind']}-{metadata['namespace']}-{metadata['name']}".lower(),
            )


@pytest.mark.parametrize("name", NAMES)
def test_no_folder_holds_the_marker_files_of_two_tools(built: dict[str, Path], name: str) -> None:
    for folder in [built[name], *(path for path in built[name].rglob("*") if path.is_dir())]:
        assert not ((folder / "Chart.yaml").exists() and (folder / "kustomization.yaml").exists())


@pytest.mark.parametrize("minor", known_minors())
def test_every_kubernetes_that_the_catalog_knows(
    tmp_path: Path, tool: Tool, kubernetes_schemas: str, minor: int
) -> None:
    path = tmp_path / "hybrid.yaml"
    text = spec().replace("kubernetesVersion: 1.24.3", f"kubernetesVersion: 1.{minor}.1")
    text = text.replace("version: 1.8.18", f"version: {terway_versions(minor)[0]}")
    text = re.sub(r"version: 3\.24\.5", "version: 3.31.2", text).replace("os: alinux3", "os: ubuntu-24.04")
    path.write_text(text.replace("{type: AliyunLinux3}", "{id: m-bp1u2404b7k3c9v5n1q8}"))
    done = call("build", path, "-o", tmp_path / "out", "--layout", "kustomize")
    assert done.code == 0, done.err
    built_tree = tool_output([tool("kustomize"), "build", str(tmp_path / "out" / "idc-hangzhou" / "kustomize")])
    assert "Invalid: 0, Errors: 0, Skipped: 0" in kubeconform(
        tool("kubeconform"), kubernetes_schemas, minor, built_tree
    )


def test_generated_specs(tool: Tool, kubernetes_schemas: str, tmp_path: Path) -> None:
    """Whatever validates builds, twice the same, and the real tools accept and agree on it."""
    path, out = tmp_path / "hybrid.yaml", tmp_path / "out"

    @settings(
        max_examples=12, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(specs())
    def check(made: Spec) -> None:
        path.write_text(text_of(made), encoding="utf-8")
        valid = call("validate", path)
        done = call("build", path, "-o", out, "--layout", "both")
        assert done.code == valid.code
        assert valid.code in (0, 2), valid.err
        assume(done.code == 0)
        look_at(out / "idc-generated", int(made["spec"]["cluster"]["kubernetesVersion"].split(".")[1]))

    def look_at(cluster: Path, minor: int) -> None:
        before = tree(cluster)
        assert call("build", path, "-o", out, "--layout", "both", "--force").code == 0
        assert tree(cluster) == before
        text = tool_output([tool("kustomize"), "build", str(cluster / "kustomize")])
        summary = kubeconform(tool("kubeconform"), kubernetes_schemas, minor, text)
        assert "Invalid: 0, Errors: 0" in summary
        found = kustomize_objects(tool, cluster)
        assert chart_objects(tool, "helm4", cluster) == found

    check()
