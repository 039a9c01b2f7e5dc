"""Where a field of the schema is a choice among things of the catalog, both know the same ones, in both directions."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.catalog.fields import ROOT, schema_field

from hybridc.catalog import joins, kubernetes, load, systems, terway

REPOSITORIES: dict[str, Any] = load("kubernetes")["repositories"]
MIRRORS = {mirror for repository in REPOSITORIES.values() for mirror in repository["base"]}
FAMILIES = {family for repository in REPOSITORIES.values() for family in repository["family"]}
SYSTEMS = ["auto", *(system.id for system in systems.known_systems())]


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("nodeInit.os", SYSTEMS),
        ("nodeInit.join.method", joins.joins()),
        ("nodeInit.packages.mirror", MIRRORS),
        ("nodeInit.packages.repositories.[].name", REPOSITORIES),
        ("nodeInit.packages.repositories.[].family", FAMILIES),
        ("terway.ipStack", terway.keys()["ip_stack"].values),
        ("terway.vSwitchSelection", terway.keys()["vswitch_selection_policy"].values),
        ("terway.datapath", set(terway.keys("cni_conf")["eniip_virtual_type"].values) - {"ipvlan"}),
    ],
)
def test_schema_and_catalog_know_the_same(path: str, known: Any) -> None:
    field = schema_field(*path.split("."))
    assert sorted(field["enum"]) == sorted(known)
    assert re.split(", | or ", field["x-expected"]) == field["enum"]


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("examples/everything/hybrid.yaml", "cluster.cni.type"),
        ("examples/everything/hybrid.yaml", "nodeInit.os"),
        ("chart-templates/init/hybrid.yaml", "cluster.cni.type"),
        ("chart-templates/init/hybrid.yaml", "nodeInit.os"),
    ],
)
def test_a_comment_that_lists_the_choices_lists_them_all(file: str, path: str) -> None:
    choices = set(schema_field(*path.split("."))["enum"])
    lines = re.findall(rf"^ +{path.split('.')[-1]}: .*#.*", (ROOT / file).read_text("utf-8"), re.M)
    named = max((set(re.findall(r"[\w.-]+", line)) for line in lines), key=lambda words: len(words & choices))
    assert choices - named == set()


def test_every_system_is_of_a_family_that_the_repositories_have() -> None:
    assert {system.family for system in systems.known_systems()} == FAMILIES
    assert all(set(names) >= FAMILIES for names in load("systems")["package_names"].values())


def test_every_repository_has_every_mirror_and_family() -> None:
    for name in REPOSITORIES:
        for family in FAMILIES:
            for mirror in MIRRORS:
                assert kubernetes.package_repository(name, family, mirror, 34).url.startswith("http")


def test_code_asks_what_a_way_to_join_brings_and_not_for_a_pair_of_names() -> None:
    """``method in ("k3s", "rke2")`` says nothing of what the two have in common; the catalog does."""
    pair = re.compile(r"""\(["'](k3s|rke2)["'], ["'](k3s|rke2)["']\)""")
    modules = (ROOT / "compiler" / "hybridc").rglob("*.py")
    assert [path.name for path in modules if pair.search(path.read_text("utf-8"))] == []


def test_no_template_asks_for_a_family_by_name() -> None:
    """It asks the catalog what the family has."""
    templates = {path.name: path.read_text("utf-8") for path in (ROOT / "chart-templates" / "node").iterdir()}
    asked = re.compile(rf"\$FAMILY *[!=]=+ *(?:{'|'.join(FAMILIES)})\b|family\.id *[!=]= *[\"']")
    assert {name for name, text in templates.items() if asked.search(text)} == set()
