"""Every fact of the catalog is read by something: one that nobody reads is a check that nobody makes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hybridc.catalog import load

COMPILER = Path(__file__).resolve().parents[2] / "compiler" / "hybridc"
CATALOG = COMPILER / "catalog"
FILES = sorted(path.stem for path in CATALOG.glob("*.toml"))
FOR_PEOPLE = re.compile(r"source|seen|state|tested|\w+_source")
# Tables whose keys are names of the outside, not of ours; `*` is any such name.
NAMES = {
    "api.service",
    "ack.closed_images",
    "ack.legacy_images",
    "ack.terway_addon.node_selector",
    "ack.pool_request.fields",
    "cni.plugin",
    "cni.plugin.*.install",
    "cni.values",
    "containerd.ended",
    "joins.method",
    "kubernetes.repositories",
    "kubernetes.repositories.*.base",
    "kubernetes.repositories.*.family",
    "network.special.ranges",
    "ram.addons",
    "support.path",
    "systems.family",
    "systems.package_names",
    "systems.package_names.*",
    "terraform.node_pool.arguments",
    "terway.cni_conf",
    "terway.eni_conf",
}
# Parts of Kubernetes objects, which are written out as they are.
OBJECTS = {
    "argocd.job_tolerations.value",
    "cni.daemon_set.terms",
    "cni.plugin.*.install.*.object",
    "cni.values.*.keep",
    "cni.values.*.terms",
    "joins.method.*.charts.config",
}


def paths(data: Any, path: str) -> Iterator[tuple[str, str | None]]:
    """``(path, key)`` of every key that is ours; lists count once, names as ``*``. The key is None for a name."""
    if isinstance(data, list):
        for item in data:
            yield from paths(item, path)
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        if FOR_PEOPLE.fullmatch(key):
            continue
        named = path in NAMES
        below = f"{path}.{'*' if named else key}"
        yield below, None if named else key
        if below not in OBJECTS:
            yield from paths(value, below)


def words(module: Path) -> set[str]:
    """What a module asks by: its texts, and the fields of its records."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_module_asks_for_every_key_of_its_file(name: str) -> None:
    assert unread(name, load(name)) == set()


def unread(name: str, data: Any) -> set[str]:
    asked = words(CATALOG / f"{name}.py")
    return {path for path, key in paths(data, name) if key is not None and key not in asked}


def test_a_fact_that_nobody_asks_for_is_seen() -> None:
    assert unread("terway", {"datapathv9": {"since": "1.8.0"}}) == {"terway.datapathv9"}


def test_what_this_test_knows_of_the_files_is_there() -> None:
    there = {path for name in FILES for path, _ in paths(load(name), name)}
    assert there >= NAMES | OBJECTS


def public(module: Path) -> Iterator[str]:
    """The constants, functions and fields that a module of the catalog has for others."""
    tree = ast.parse(module.read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            parts: list[ast.stmt] = [*node.body]
        else:
            parts = [node]
        for part in parts:
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                yield part.target.id
            elif isinstance(part, (ast.FunctionDef, ast.ClassDef)):
                yield part.name


def used(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id


def test_everything_that_the_catalog_offers_is_used() -> None:
    somewhere = {name for path in COMPILER.rglob("*.py") for name in used(path)}
    for template in (COMPILER.parents[1] / "chart-templates").rglob("*.j2"):
        somewhere |= set(re.findall(r"\.([a-z_]+)", template.read_text("utf-8")))
    for module in sorted(CATALOG.glob("*.py")):
        assert [name for name in public(module) if name not in somewhere] == [], module.name
