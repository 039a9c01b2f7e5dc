"""What Argo CD is given, by the definitions and the words of the oldest, an older and the newest line that reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests import pinned
from tests.build.cli import call
from tests.gitops.crd_schemas import convert
from tests.gitops.test_kubeconform import EXAMPLES, check
from tests.gitops.variants import build, example

from hybridc.catalog import argocd
from hybridc.lower.objects import SYNC_OPTIONS

Tool = Callable[[str], str]
VERSIONS = {"2.10.0": "-2.10", "3.1.9": "-3.1", "3.4.2": ""}
OURS = "argocd.argoproj.io/"
ACCEPTED = {"code": "GIT007", "reason": "applied server-side"}
# 2.10 has no such migration to switch off; 3.1 has the option (gitops-engine e48120133eec, pkg/sync/common/types.go),
# and its guide calls it DisableClientSideApplyMigration.
UNNAMED: dict[str, set[str]] = {
    "2.10.0": {"ClientSideApplyMigration"},
    "3.1.9": {"ClientSideApplyMigration"},
    "3.4.2": set(),
}


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By version: where kubeconform finds Application, AppProject and ApplicationSet."""
    folders = {version: pinned.folder(f"argocd-crds{suffix}") for version, suffix in VERSIONS.items()}
    return {
        version: convert(sorted(folder.glob("*-crd.yaml")), tmp_path_factory.mktemp("argocd"))
        for version, folder in folders.items()
    }


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders with all that Argo CD is given: single clusters, and two that share a repository."""
    folder = tmp_path_factory.mktemp("given")
    found = {name: build(example(name), folder) for name in EXAMPLES}
    found["by hand"] = build(example("guide", gitops__autoSync=False), folder / "hand")
    specs = []
    for name in ("one", "two"):
        spec = yaml.safe_load(example("guide", nodePools=None, ram__namePrefix=f"h-{name}"))
        spec["metadata"]["name"] = name
        spec["spec"]["nodeInit"]["oss"]["bucket"] = f"kubelet-{name}"
        spec["spec"]["alibabaCloud"]["registeredClusterID"] = "c" + name[0] * 32
        specs.append(folder / f"{name}.yaml")
        specs[-1].write_text(yaml.safe_dump(spec), encoding="utf-8")
    done = call("build", *specs, "-o", folder / "fleet")
    assert done.code == 0, done.err
    return {**found, "fleet": folder / "fleet"}


def texts(folder: Path) -> Iterator[str]:
    """Every YAML file in a folder ``argocd``."""
    for path in sorted(folder.rglob("argocd/*.yaml")):
        yield path.read_text("utf-8")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_field_is_known(
    version: str, given: dict[str, Path], schemas: dict[str, str], tool: Tool, kubernetes_schemas: str
) -> None:
    files = [text for folder in given.values() for text in texts(folder)]
    kinds = {item["kind"] for text in files for item in yaml.safe_load_all(text)}
    assert kinds >= {"Application", "AppProject", "ApplicationSet"}
    check(tool, kubernetes_schemas, 34, "\n---\n".join(files), schemas[version])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_field_of_a_newer_line_is_seen(
    version: str, given: dict[str, Path], schemas: dict[str, str], tool: Tool, kubernetes_schemas: str
) -> None:
    application = yaml.safe_load((given["guide"] / "argocd" / "application-idc-hangzhou.yaml").read_text("utf-8"))
    application["spec"]["syncPolicy"]["retry"]["refresh"] = True
    text = yaml.safe_dump(application)
    if version == "3.4.2":
        check(tool, kubernetes_schemas, 34, text, schemas[version])
    else:
        with pytest.raises(AssertionError, match="refresh"):
            check(tool, kubernetes_schemas, 34, text, schemas[version])


def said(version: str) -> str:
    """The user guide of a version."""
    folder = pinned.folder(f"argocd-docs{VERSIONS[version]}")
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.rglob("*.md")))


def known(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def options(folder: Path) -> Iterator[str]:
    """Names of sync and compare options, and of annotations, in every object that Argo CD reads."""
    for path in folder.rglob("*.yaml"):
        if {"kustomize", "argocd", "terway"} & set(path.relative_to(folder).parts):
            for item in yaml.safe_load_all(path.read_text("utf-8")):
                yield from _options(item)


def _options(item: Any) -> Iterator[str]:
    if not isinstance(item, dict) or "metadata" not in item:
        return
    for key, value in (item["metadata"].get("annotations") or {}).items():
        if key.startswith(OURS):
            yield key
        if key in (SYNC_OPTIONS, f"{OURS}compare-options"):
            yield from (option.partition("=")[0] for option in value.split(","))
    policy = (item.get("spec") or {}).get("syncPolicy") or {}
    yield from (option.partition("=")[0] for option in policy.get("syncOptions", ()))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_option_is_one_that_argo_cd_has(version: str, given: dict[str, Path], tmp_path: Path) -> None:
    text = said(version)
    ssa = build(example("guide", cluster__cni__delivery="ssa", checks={"ignore": [ACCEPTED]}), tmp_path)
    used = {name for folder in [*given.values(), ssa] for name in options(folder)}
    assert {"ServerSideDiff", "FailOnSharedResource", "Prune", "ClientSideApplyMigration"} <= used
    assert {name for name in used if not known(name, text)} == UNNAMED[version]


def test_the_catalog_names_sync_options_that_argo_cd_has() -> None:
    text = said("3.4.2")
    assert {name for name in argocd.SYNC_OPTIONS if not known(name, text)} == set()
