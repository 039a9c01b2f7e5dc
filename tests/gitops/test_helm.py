"""The chart and the kustomize tree are one truth, under both lines of Helm."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.gitops.variants import build, example, objects, run

Tool = Callable[[str], str]
HELMS = ("helm3", "helm4")
EXAMPLES = ("guide", "two-zone", "everything")


def template(helm: str, chart: Path, *options: str) -> str:
    return run(helm, "template", "x", str(chart), "--kube-version", "1.34.0", "--namespace", "kube-system", *options)


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_chart_renders_the_objects_of_the_kustomize_tree(name: str, helm: str, tool: Tool, tmp_path: Path) -> None:
    folder = build(example(name), tmp_path)
    by_kustomize = objects(run(tool("kustomize"), "build", str(folder / "kustomize")))
    assert objects(template(tool(helm), folder / "chart")) == by_kustomize


@pytest.mark.parametrize("helm", HELMS)
def test_template_syntax_in_a_spec_is_data(helm: str, tool: Tool, tmp_path: Path) -> None:
    hostile = "{{ .Values.x }} {{- end }} {{`{{`}} }}"
    raw = example("guide", terway__eniTags={"team": hostile}, terway__extraEniConf={"note": hostile})
    folder = build(raw, tmp_path)
    by_kustomize = objects(run(tool("kustomize"), "build", str(folder / "kustomize")))
    assert objects(template(tool(helm), folder / "chart")) == by_kustomize
    conf = json.loads(by_kustomize["ConfigMap", "kube-system", "eni-config"]["data"]["eni_conf"])
    assert conf["eni_tags"]["team"] == conf["note"] == hostile


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_lint_finds_nothing(name: str, helm: str, tool: Tool, tmp_path: Path) -> None:
    folder = build(example(name), tmp_path)
    run(tool(helm), "lint", "--strict", str(folder / "chart"))


@pytest.mark.parametrize("helm", HELMS)
def test_a_value_that_the_chart_does_not_know_is_refused(helm: str, tool: Tool, tmp_path: Path) -> None:
    folder = build(example("guide"), tmp_path)
    for option in ("--set=guard.enable=true", "--set=jobImage=", "--set-string=guard.enabled=yes"):
        with pytest.raises(AssertionError, match=r"values don't meet the specifications"):
            template(tool(helm), folder / "chart", option)


@pytest.mark.parametrize("helm", HELMS)
def test_values_switch_parts_off_and_change_the_image(helm: str, tool: Tool, tmp_path: Path) -> None:
    folder = build(example("guide"), tmp_path)
    image = "registry.example.com/kubectl:1"
    options = ("--set=cniExclusion.enabled=false", f"--set=jobImage={image}")
    found = objects(template(tool(helm), folder / "chart", *options))
    assert not [name for _, _, name in found if name == "hybridc-cni-exclusion"]
    assert found["Pod", "kube-system", "hybridc-guard"]["spec"]["containers"][0]["image"] == image
    # Argo CD compares this object and not the hook, so it must change with the image.
    assert found["ConfigMap", "kube-system", "hybridc"]["data"]["guard.image"] == image


def test_a_package_is_the_same_every_time(tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = build(example("two-zone"), tmp_path)
    monkeypatch.setitem(os.environ, "SOURCE_DATE_EPOCH", "0")
    archives = []
    for number in ("1", "2"):
        run(tool("helm4"), "package", str(folder / "chart"), "--destination", str(tmp_path / number))
        (archive,) = (tmp_path / number).iterdir()
        archives.append(archive.read_bytes())
    assert archives[0] == archives[1]
    with tarfile.open(archive) as opened:
        assert "idc-shanghai/templates/configmap-eni-config.yaml" in opened.getnames()


def test_one_path_never_holds_the_markers_of_two_tools(tmp_path: Path) -> None:
    folder = build(example("everything"), tmp_path)
    for path in folder.rglob("*"):
        if path.is_dir():
            names = {child.name for child in path.iterdir()}
            assert not {"Chart.yaml", "kustomization.yaml"} <= names, path
