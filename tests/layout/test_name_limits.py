"""Whatever name the schema takes fits: into a file name, a key of a ConfigMap and the name of an object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from tests.gitops.variants import example

from hybridc.compile import Compiled, compile_spec
from hybridc.layout.tree import Tree
from hybridc.schema import load

# ext4, xfs and overlayfs: 255 bytes. .<cluster>.hybridc-next-<inode> has room of its own: a cluster has 40 letters.
FILE = 255
KEY = NAME = 253


def limit(definition: str) -> int:
    found: int = load.schema()["$defs"][definition]["maxLength"]
    return found


def long(characters: int, end: str = "z") -> str:
    """A name of labels of 63 letters, joined by dots, which differs from others in its end."""
    whole = ".".join(["a" * 63] * (characters // 64 + 1))[: characters - 1].rstrip(".")
    return whole.ljust(characters - 1, "b") + end


def compiled(spec: dict[str, Any]) -> Tree:
    found = compile_spec("hybrid.yaml", yaml.safe_dump(spec).encode(), "2026-11-30", "both")
    assert isinstance(found, Compiled), found.found
    return found.tree


def objects(tree: Tree) -> Iterator[dict[str, Any]]:
    for path, data in tree.items():
        if path.startswith(("kustomize/", "argocd/", "flux/")):
            yield from (found for found in yaml.safe_load_all(data) if found)


@pytest.mark.parametrize("engine", ["argocd", "flux"])
@pytest.mark.parametrize("delivery", ["hook", "component", "manual"])
def test_every_name_at_its_limit(delivery: str, engine: str) -> None:
    spec = yaml.safe_load(example("guide"))
    spec["metadata"]["name"] = "c" * 40
    workloads: list[dict[str, Any]] = [
        {
            "kind": kind,
            "namespace": f"{'n' * 62}{space}",
            "name": long(limit("fileName")),
            "existingNodeSelectorTerms": [],
        }
        for kind in ("DaemonSet", "Deployment", "StatefulSet")
        for space in "12"
    ]
    cni = {**spec["spec"]["cluster"].get("cni", {}), "delivery": delivery, "excludeAlso": workloads}
    cni["daemonSet"] = {"namespace": "n" * 63, "name": long(limit("fileName"), "x")}
    spec["spec"]["cluster"]["cni"] = cni
    spec["spec"]["gitops"] |= {"engine": engine, "project": long(limit("fileName"))}
    tree = compiled(spec)
    assert max(len(part.encode()) for path in tree for part in path.split("/")) <= FILE
    keys = [key for found in objects(tree) if found["kind"] == "ConfigMap" for key in found.get("data", {})]
    assert max(map(len, keys)) <= KEY
    assert max(len(found["metadata"]["name"]) for found in objects(tree) if "metadata" in found) <= NAME


@pytest.mark.parametrize("extra", [1, 93])
def test_a_name_beyond_it_is_said_at_its_place(extra: int) -> None:
    spec = yaml.safe_load(example("guide"))
    spec["spec"]["gitops"]["project"] = long(limit("fileName") + extra)
    found = compile_spec("hybrid.yaml", yaml.safe_dump(spec).encode(), "2026-11-30")
    assert [(each.code, each.pointer) for each in found.found if each.severity == "error"] == [
        ("SPEC005", "/spec/gitops/project")
    ]
