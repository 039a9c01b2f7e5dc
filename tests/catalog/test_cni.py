"""What a CNI is stands in the catalog: the schema knows the same ones, and no code asks for one by its name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.catalog.fields import schema_field
from tests.gitops.variants import Object, build, errors, example

from hybridc.catalog import cni, load
from hybridc.schema.validate import validate
from hybridc.source.reader import read

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = cni.plugins()
WAYS = [(kind, how) for kind, plugin in PLUGINS.items() for how in plugin.installs]
HOWS = ("manifest", "operator", "helm")


def spec(kind: str, how: str, **more: Any) -> bytes:
    fields: Object = {"type": kind, "install": how, "version": None, "existingNodeSelectorTerms": None, **more}
    return example("guide", cluster__cni=fields)


def is_valid(raw: bytes) -> bool:
    document, _ = read("hybrid.yaml", raw)
    return not validate(document)


def test_schema_and_catalog_know_the_same_plugins() -> None:
    accepted = {kind for kind in (*PLUGINS, "weave") if is_valid(spec(kind, "manifest", **routed(kind)))}
    assert accepted == set(PLUGINS)
    field = schema_field("cluster", "cni", "type")
    assert field["enum"] == list(PLUGINS)
    assert re.split(", | or ", field["x-expected"]) == list(PLUGINS)


def routed(kind: str) -> Object:
    return {} if PLUGINS.get(kind, PLUGINS["calico"]).installs else {"routing": "host"}


@pytest.mark.parametrize("kind", [kind for kind, plugin in PLUGINS.items() if plugin.installs])
@pytest.mark.parametrize("how", HOWS)
def test_schema_and_catalog_know_the_same_ways_of_installing(kind: str, how: str) -> None:
    assert is_valid(spec(kind, how)) == (how in PLUGINS[kind].installs)


@pytest.mark.parametrize(("kind", "how"), WAYS)
def test_a_schedule_is_refused_exactly_where_the_default_is_values(kind: str, how: str) -> None:
    assert is_valid(spec(kind, how, recheck="*/10 * * * *")) == (not cni.install(kind, how).values)


@pytest.mark.parametrize(("kind", "how"), WAYS)
def test_every_plugin_has_a_daemon_set(kind: str, how: str) -> None:
    assert cni.daemon_set(kind, how, None).name


@pytest.mark.parametrize(("kind", "how"), WAYS)
def test_the_exclusion_reaches_something_that_reads_it(kind: str, how: str, tmp_path: Path) -> None:
    """Without a word about delivery: values for an owner that takes them, else the hook; for a chart on a schedule."""
    folder = build(spec(kind, how), tmp_path)
    by_values = bool(cni.install(kind, how).values)
    assert (folder / "cni").exists() == by_values
    assert (folder / "kustomize" / "pod-hybridc-cni-exclusion.yaml").exists() != by_values
    again = (folder / "kustomize" / "cronjob-hybridc-cni-exclusion.yaml").exists()
    assert again == (how == "helm" and not by_values)


@pytest.mark.parametrize(("kind", "how"), WAYS)
def test_values_that_no_chart_reads_are_an_error(kind: str, how: str) -> None:
    assert ("CNI026" in errors(spec(kind, how, delivery="values"))) == (not cni.install(kind, how).values)


@pytest.mark.parametrize("kind", ["canal", "flannel"])
def test_by_hand_a_chart_without_a_value_is_patched(kind: str, tmp_path: Path) -> None:
    folder = build(spec(kind, "helm", delivery="manual"), tmp_path)
    workload = cni.daemon_set(kind, "helm", None)
    assert [path.name for path in (folder / "cni").iterdir()] == [f"daemonset-{workload.name}.patch.yaml"]
    command = f"kubectl -n {workload.namespace} patch daemonset {workload.name} --patch-file"
    assert command in (folder / "SUMMARY.md").read_text("utf-8")


def test_values_stand_where_the_chart_reads_them(tmp_path: Path) -> None:
    folder = build(spec("calico", "helm", version="3.31.2"), tmp_path)
    values = yaml.safe_load((folder / "cni" / "values.yaml").read_text("utf-8"))
    assert list(values) == ["installation"]
    assert list(values["installation"]) == [
        "calicoNodeDaemonSet",
        "csiNodeDriverDaemonSet",
        "typhaDeployment",
        "calicoKubeControllersDeployment",
    ]


def of_rke2(kind: str, **more: Any) -> bytes:
    join = {"method": "rke2", "server": "https://10.200.1.253:9345", "token": {"from": "file"}}
    fields: Object = {"type": kind, "install": "helm", "version": None, "existingNodeSelectorTerms": None, **more}
    return example("guide", cluster__cni=fields, cluster__caCertHashes=None, nodeInit__join=join)


@pytest.mark.parametrize("delivery", [None, "manual"])
@pytest.mark.parametrize("kind", ["calico", "cilium"])
def test_a_chart_of_rke2_takes_its_values_from_a_helm_chart_config(
    kind: str, delivery: str | None, tmp_path: Path
) -> None:
    more = {} if delivery is None else {"delivery": delivery}
    folder = build(of_rke2(kind, **more), tmp_path / "rke2")
    (path,) = (folder / "cni").iterdir()
    assert path.name == f"helmchartconfig-rke2-{kind}.yaml"
    config = yaml.safe_load(path.read_text("utf-8"))
    assert (config["apiVersion"], config["kind"]) == ("helm.cattle.io/v1", "HelmChartConfig")
    assert config["metadata"] == {"namespace": "kube-system", "name": f"rke2-{kind}"}
    other = build(spec(kind, "helm"), tmp_path / "kubeadm")
    values = yaml.safe_load((other / "cni" / "values.yaml").read_text("utf-8"))
    assert yaml.safe_load(config["spec"]["valuesContent"]) == values
    assert f"kubectl create -f cni/{path.name}" in (folder / "SUMMARY.md").read_text("utf-8")


def test_a_chart_of_rke2_without_such_a_value_is_patched_and_looked_at_again(tmp_path: Path) -> None:
    folder = build(of_rke2("canal"), tmp_path)
    assert not (folder / "cni").exists()
    assert (folder / "kustomize" / "cronjob-hybridc-cni-exclusion.yaml").exists()
    hook = (folder / "kustomize" / "configmap-hybridc-cni-exclusion.yaml").read_text("utf-8")
    assert "kube-system" in hook
    assert "rke2-canal" in hook


def names_asked_for(path: Path) -> Iterator[str]:
    """The plugins that a module compares something with."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Compare):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and part.value in set(PLUGINS) - {"none"}:
                    yield f"{path.name}:{part.lineno}: {part.value}"


def test_no_code_asks_for_a_plugin_by_name() -> None:
    """It asks the catalog what the plugin does."""
    modules = sorted((ROOT / "compiler" / "hybridc").rglob("*.py"))
    assert [name for path in modules for name in names_asked_for(path)] == []
    templates = [path.read_text("utf-8") for path in (ROOT / "chart-templates").rglob("*.j2")]
    assert not any(re.search(r"cni\.type\s*(==|!=|in )", text) for text in templates)


def test_every_entry_names_its_source_and_its_day() -> None:
    data = load("cni")
    entries = [*data["plugin"].values()]
    entries += [way for plugin in data["plugin"].values() for way in plugin.get("install", {}).values()]
    entries += [place for places in data["values"].values() for place in places]
    assert all(entry["source"] and entry["seen"] for entry in entries)
