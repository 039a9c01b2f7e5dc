"""Everything that is emitted fits the schemas of Kubernetes 1.24 to 1.37, and of the projects whose objects it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from tests import pinned
from tests.cni.manifests import NAMES, PROJECTS, Project
from tests.gitops.crd_schemas import convert
from tests.gitops.test_delivery import spec
from tests.gitops.variants import build, example, run

Tool = Callable[[str], str]
EXAMPLES = ("guide", "two-zone", "everything")
MINORS = (24, 28, 31, 34, 37)


@pytest.fixture(scope="module")
def crds(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Schemas of Application, AppProject and ApplicationSet, and of the Tigera operator's Installation and IPPool."""
    sources = [path for path in pinned.folder("argocd-crds").iterdir() if path.name.endswith("-crd.yaml")]
    folder = tmp_path_factory.mktemp("crds")
    location = convert([*sources, pinned.folder("calico-manifests") / "operator-crds.yaml"], folder)
    # calicoctl's IPPool has the same spec as the object that it is stored as.
    stored = folder / "crd.projectcalico.org" / "ippool_v1.json"
    served = folder / "projectcalico.org" / "ippool_v3.json"
    served.parent.mkdir()
    served.write_text(stored.read_text())
    return location


def check(tool: Tool, schemas: str, minor: int, text: str, *more: str) -> None:
    options = [part for location in (schemas, *more) for part in ("-schema-location", location)]
    command = (tool("kubeconform"), "-strict", "-summary", "-kubernetes-version", f"1.{minor}.0", *options, "-")
    summary = run(*command, stdin=text)
    assert "Skipped: 0" in summary
    assert "Valid: 0" not in summary


@pytest.mark.parametrize("minor", MINORS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_synced(name: str, minor: int, tool: Tool, kubernetes_schemas: str, tmp_path: Path) -> None:
    folder = build(example(name), tmp_path)
    check(tool, kubernetes_schemas, minor, run(tool("kustomize"), "build", str(folder / "kustomize")))


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_argo_cd_is_given(name: str, tool: Tool, kubernetes_schemas: str, crds: str, tmp_path: Path) -> None:
    folder = build(example(name), tmp_path)
    for path in (folder / "argocd").iterdir():
        check(tool, kubernetes_schemas, 34, path.read_text(), crds)


def test_a_field_that_the_definition_does_not_know_is_noticed(
    tool: Tool, kubernetes_schemas: str, crds: str, tmp_path: Path
) -> None:
    folder = build(example("guide"), tmp_path)
    application = yaml.safe_load((folder / "argocd" / "application-idc-hangzhou.yaml").read_text())
    application["spec"]["syncPolicy"]["syncOption"] = []
    with pytest.raises(AssertionError):
        check(tool, kubernetes_schemas, 34, yaml.safe_dump(application), crds)


@pytest.mark.walks("ippools")
def test_what_calico_is_given(tool: Tool, kubernetes_schemas: str, crds: str, tmp_path: Path) -> None:
    folder = build(example("two-zone"), tmp_path)
    for path in (folder / "cni" / "installation-default.patch.yaml", folder / "calico" / "ippools.yaml"):
        check(tool, kubernetes_schemas, 34, path.read_text(), crds)


@pytest.mark.parametrize("minor", MINORS)
@pytest.mark.parametrize("project", PROJECTS, ids=NAMES)
def test_what_the_patch_makes_of_the_project(
    project: Project, minor: int, tool: Tool, kubernetes_schemas: str, tmp_path: Path
) -> None:
    folder = build(spec(project.spec, delivery="component"), tmp_path)
    owner = tmp_path / "owner"
    owner.mkdir()
    (owner / "cni.yaml").write_text(project.text)
    component = "../" + str((folder / "components" / "cni-exclusion").relative_to(tmp_path))
    (owner / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["cni.yaml"], "components": [component]}))
    merged = [
        item
        for item in yaml.safe_load_all(run(tool("kustomize"), "build", str(owner)))
        if item["kind"] in ("DaemonSet", "Deployment")
    ]
    check(tool, kubernetes_schemas, minor, yaml.safe_dump_all(merged))


@pytest.mark.parametrize("delivery", ["hook", "component", "manual"])
@pytest.mark.parametrize("kind", ["calico", "canal", "flannel", "cilium"])
def test_every_plugin_in_every_way(
    kind: str, delivery: str, tool: Tool, kubernetes_schemas: str, tmp_path: Path
) -> None:
    raw = spec({"type": kind, "version": None}, delivery=delivery)
    folder = build(raw, tmp_path)
    check(tool, kubernetes_schemas, 28, run(tool("kustomize"), "build", str(folder / "kustomize")))
