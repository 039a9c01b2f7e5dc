"""A layout is a value in a registry: what the schema and the command line offer, and a new one, fit in."""

from __future__ import annotations

import pytest
import yaml
from tests.gitops.variants import example

from hybridc.compile import Compiled, compile_spec
from hybridc.layout.registry import LAYOUTS, Files, Layout, chosen, layout
from hybridc.layout.tree import lay_out
from hybridc.lower.bundle import Bundle, Synced
from hybridc.lower.lower import lower
from hybridc.schema import load


def test_the_schema_offers_what_the_registry_has() -> None:
    gitops = load.follow(load.follow(load.schema()["properties"]["spec"])["properties"]["gitops"])
    assert gitops["properties"]["format"]["enum"] == list(LAYOUTS)


def test_each_has_a_folder_of_its_own() -> None:
    assert len({layout(name).synced.folder for name in LAYOUTS}) == len(LAYOUTS)


@pytest.mark.parametrize(
    ("wanted", "own", "folders"),
    [
        ("", "helm", ["chart"]),
        ("kustomize", "helm", ["kustomize"]),
        ("both", "helm", ["chart", "kustomize"]),
        ("both", "kustomize", ["kustomize", "chart"]),
    ],
)
def test_the_first_is_the_one_that_is_synced(wanted: str, own: str, folders: list[str]) -> None:
    assert [found.synced.folder for found in chosen(wanted, own)] == folders


def test_a_new_one_is_a_value() -> None:
    def names(bundle: Bundle) -> Files:
        return Files({"names.yaml": [item["metadata"]["name"] for item in bundle.objects]}, {"README.md": "Names.\n"})

    compiled = compile_spec("hybrid.yaml", example("guide"), "2026-01-01")
    assert isinstance(compiled, Compiled)
    new = Layout(Synced("names"), names)
    bundle = lower(compiled.spec, new.synced)
    tree = lay_out(bundle, [new])
    assert "eni-config" in yaml.safe_load(tree["names/names.yaml"])
    assert tree["names/README.md"] == b"Names.\n"
    application = yaml.safe_load(tree["argocd/application-idc-hangzhou.yaml"])
    assert application["spec"]["source"]["path"].endswith("idc-hangzhou/names")
    assert not [path for path in tree if path.startswith(("kustomize/", "chart/"))]
