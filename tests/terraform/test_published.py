"""The configurations have what the provider publishes, and nothing else; so has the catalog."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.catalog import sdk
from tests.terraform import published
from tests.terraform.conftest import Read

from hybridc.catalog import terraform

FOLDERS = (".", "addons", "pools")


def test_every_resource_has_arguments_of_the_provider(cluster: Path, read: Read) -> None:
    found = {
        block.name: wrong
        for folder in FOLDERS
        for block in read(cluster / "cloud" / "terraform" / folder)
        if block.kind == "resource"
        and (wrong := published.wrong(block.name.partition(".")[0], _without_null(block.arguments)))
    }
    assert found == {}


def _without_null(arguments: dict[str, object]) -> dict[str, object]:
    """References are text once the cloud has told them."""
    return {name: "told" if value is None else value for name, value in arguments.items()}


@pytest.mark.parametrize(
    ("block", "wrong"),
    [
        ({"policy_name": "a", "policy_document": "{}", "policy_dokument": "{}"}, ["unknown: policy_dokument"]),
        ({"policy_name": 1}, ["policy_name is no str: 1"]),
    ],
)
def test_another_argument_or_type_is_seen(block: dict[str, object], wrong: list[str]) -> None:
    assert published.wrong("alicloud_ram_policy", block) == wrong


def test_what_is_required_and_what_is_in_a_block_is_seen() -> None:
    pool = {"scaling_config": {"enabled": True}, "labels": [{"value": "a"}]}
    wrong = ["no cluster_id", "unknown: scaling_config.enabled", "no labels[].key"]
    assert published.wrong("alicloud_cs_kubernetes_node_pool", pool) == wrong


@pytest.mark.parametrize("path", terraform.ARGUMENTS)
def test_an_argument_of_a_pool_is_published_and_its_key_is_one_of_the_request(path: str) -> None:
    assert published.named("alicloud_cs_kubernetes_node_pool", terraform.ARGUMENTS[path]) is not None
    kind: str | None = "CreateClusterNodePoolRequest"
    for key in path.split("."):
        assert kind is not None
        keys = sdk.model("alibabacloud-cs", kind).keys
        assert key in keys, path
        kind = keys[key]


def test_no_block_of_a_request_is_taken_for_an_argument() -> None:
    """A map that the request has as one is a block of its own in Terraform, or nothing."""
    maps = {path.rpartition(".")[0] for path in terraform.ARGUMENTS}
    assert maps & terraform.ARGUMENTS.keys() == set()
