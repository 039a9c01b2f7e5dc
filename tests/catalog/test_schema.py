"""Where a field of the schema is a choice among things of the catalog, both know the same ones, in both directions."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.catalog.fields import schema_field

from hybridc.catalog import kubernetes, load, systems, terway

REPOSITORIES: dict[str, Any] = load("kubernetes")["repositories"]
MIRRORS = {mirror for repository in REPOSITORIES.values() for mirror in repository["base"]}
FAMILIES = {family for repository in REPOSITORIES.values() for family in repository["family"]}
SYSTEMS = ["auto", *(system.id for system in systems.known_systems())]


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("nodeInit.os", SYSTEMS),
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


def test_every_system_is_of_a_family_that_the_repositories_have() -> None:
    assert {system.family for system in systems.known_systems()} == FAMILIES
    assert all(set(names) >= FAMILIES for names in load("systems")["package_names"].values())


def test_every_repository_has_every_mirror_and_family() -> None:
    for name in REPOSITORIES:
        for family in FAMILIES:
            for mirror in MIRRORS:
                assert kubernetes.package_repository(name, family, mirror, 34).url.startswith("http")


def test_what_is_known_of_join_methods_is_of_methods_that_there_are() -> None:
    methods = set(schema_field("nodeInit", "join", "method")["enum"])
    assert {*load("kubernetes")["agents"], *load("cni")["bundled"]} <= methods
