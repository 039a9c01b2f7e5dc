"""What hybridc says of Alibaba Cloud's APIs, held against the models of Alibaba's own SDKs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import pinned
from tests.catalog import sdk
from tests.catalog.fields import schema_field
from tests.gitops.variants import build, example
from tests.steps import cover

from hybridc.catalog import ack, api, publish, ram, rows

CS, RAM = "alibabacloud-cs", "alibabacloud-ram"
SDKS = {service: f"alibabacloud-{service}" for service in ("cs", "ram", "ecs", "vpc", "ess", "eci")}
POOL = "CreateClusterNodePoolRequest"
EXAMPLES = ("guide", "two-zone", "everything")
# Fields that no example has together.
EVERYTHING: dict[str, Any] = {
    "autoScaling": True,
    "labels": {"workload": "cpu"},
    "taints": ["workload=ack:NoSchedule"],
    "tags": {"team": "platform"},
    "dataDisks": [{"category": "cloud_essd", "sizeGiB": 200}],
    "spot": {"strategy": "SpotWithPriceLimit", "limits": [{"instanceType": "ecs.g6.xlarge", "priceLimit": "0.98"}]},
}
# Alibaba's page of 2021 grants them to virtual nodes. A right to a call that is no more gives nothing.
WITHDRAWN = {"UpdateContainerGroupByTemplate", "CreateContainerGroupFromTemplate", "ExportContainerGroupTemplate"}
COMMANDS = {
    text
    for spec in map(cover.spec, cover.rows())
    for steps in (cover.steps_of(spec), *cover.day_two(spec).values())
    for step in steps
    for text in (step.command, step.undo, step.sentence)
}


@pytest.fixture(scope="module", params=[*EXAMPLES, "a pool with everything"])
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder ``cloud`` of a cluster."""
    raw = example(request.param) if request.param in EXAMPLES else _full()
    return build(raw, tmp_path_factory.mktemp("sdk")) / "cloud"


def _full() -> bytes:
    pool: dict[str, Any] = {"name": "full", "vSwitches": ["vsw-bp1nodea7c3e9g5i1k"], "instanceTypes": ["ecs.g6.xlarge"]}
    pool |= {"image": {"type": "AliyunLinux3"}, "keyPair": "idc-ops", "size": {"max": 3}}
    return example("guide", nodePools=[pool | EVERYTHING], alibabaCloud__resourceGroupID="rg-acfm3k5n7q9s1u")


def test_a_node_pool_has_only_keys_that_the_request_has(cloud: Path) -> None:
    bodies = [json.loads(path.read_text("utf-8")) for path in (cloud / "node-pools").iterdir()]
    assert bodies
    assert [key for body in bodies for key in sdk.unknown(CS, POOL, body)] == []


def test_an_add_on_has_only_keys_that_the_request_has(cloud: Path) -> None:
    bodies = [json.loads(path.read_text("utf-8")) for path in (cloud / "addons").iterdir()]
    assert bodies
    assert [key for body in bodies for key in sdk.unknown(CS, "InstallClusterAddonsRequestBody", body)] == []


def test_requests_have_every_key_that_is_required(cloud: Path) -> None:
    for path in (cloud / "node-pools").iterdir():
        assert list(sdk.missing(CS, POOL, json.loads(path.read_text("utf-8")))) == []
    # An add-on without a version in the spec gets the one that ACK offers, in the command.
    bodies = [json.loads(path.read_text("utf-8")) for path in (cloud / "addons").iterdir()]
    assert {key for body in bodies for key in sdk.missing(CS, "InstallClusterAddonsRequestBody", body)} <= {"version"}


def test_a_key_that_is_required_and_not_there_is_seen() -> None:
    body: dict[str, Any] = {"nodepool_info": {}, "scaling_group": {"instance_types": [], "vswitch_ids": []}}
    assert list(sdk.missing(CS, POOL, body)) == ["nodepool_info.name", "scaling_group.instance_charge_type"]


def test_a_key_that_the_request_lacks_is_seen() -> None:
    body = {"scaling_group": {"data_disks": [{"size": 20, "sizes": 20}]}, "scaling": {}}
    assert list(sdk.unknown(CS, POOL, body)) == ["scaling_group.data_disks.sizes", "scaling"]


@pytest.mark.parametrize("call", ["CreateClusterNodePool", "ModifyClusterNodePool"])
def test_image_types_are_those_of_the_request(call: str) -> None:
    words = sdk.model(CS, f"{call}RequestScalingGroup").words["image_type"]
    assert sorted(words) == sorted(ack.IMAGE_TYPES)


def test_what_is_known_of_image_types_is_of_documented_ones() -> None:
    assert {*ack.LEGACY_IMAGES, *ack.CLOSED_IMAGES} <= set(ack.IMAGE_TYPES)
    assert set(schema_field("nodePools", "[]", "image", "type")["examples"]) <= set(ack.IMAGE_TYPES)


def test_pools_scale_by_types_of_the_request(cloud: Path) -> None:
    words = sdk.model(CS, f"{POOL}AutoScaling").words["type"]
    bodies = [json.loads(path.read_text("utf-8")) for path in (cloud / "node-pools").iterdir()]
    assert {body["auto_scaling"].get("type", words[0]) for body in bodies} <= set(words)
    assert words == ("cpu", "gpu", "gpushare", "spot")


@pytest.mark.parametrize(
    ("field", "kind", "key"),
    [
        ("systemDisk.category", f"{POOL}ScalingGroup", "system_disk_category"),
        ("spot.strategy", f"{POOL}ScalingGroup", "spot_strategy"),
    ],
)
def test_choices_of_the_schema_are_those_of_the_request(field: str, kind: str, key: str) -> None:
    choices = schema_field("nodePools", "[]", *field.split("."))["enum"]
    assert sorted(choices) == sorted(sdk.model(CS, kind).words[key])


def test_words_that_are_always_the_same_are_those_of_the_request(cloud: Path) -> None:
    for path in (cloud / "node-pools").iterdir():
        body = json.loads(path.read_text("utf-8"))
        group, words = body["scaling_group"], sdk.model(CS, f"{POOL}ScalingGroup").words
        assert group["instance_charge_type"] in words["instance_charge_type"]
        assert group["multi_az_policy"] in words["multi_az_policy"]
        assert body["nodepool_info"]["type"] in sdk.model(CS, f"{POOL}NodepoolInfo").words["type"]
        taints = body["kubernetes_config"]["taints"]
        assert {taint["effect"] for taint in taints} <= set(sdk.model(CS, "Taint").words["effect"])


def test_the_limit_of_a_policy_is_that_of_the_request() -> None:
    text = (pinned.folder(RAM) / "models" / "_create_policy_request.py").read_text("utf-8")
    assert f"# The document must be 1 to {ram.DOCUMENT_LIMIT:,} characters in length." in text


def test_a_service_has_the_version_of_its_sdk() -> None:
    pinned_too = set(api.SERVICES) & set(SDKS)
    assert pinned_too == {"ram", "cs", "vpc", "ecs"}
    for name in pinned_too:
        text = (pinned.folder(SDKS[name]) / "client.py").read_text("utf-8")
        assert set(re.findall(r"version ?= ?'([^']*)'", text)) == {api.SERVICES[name].version}


def test_what_the_steps_ask_for_are_calls() -> None:
    """OSS has no client with a method a call; its rights are read on a page."""
    asked = {call for part in publish.asked() for call in (*part.reads, *part.writes)}
    named = [call.split(":") for call in asked]
    assert {service for service, _ in named} == {"oss", "ram", "cs", "ecs", "vpc"}
    assert [name for name in named if name[0] != "oss" and name[1] not in sdk.calls(SDKS[name[0]])] == []


def test_rights_of_terway_and_add_ons_are_calls() -> None:
    named = {action.name for action in ram.terway_actions()}
    named |= {action for addon in ram.addons() for action in ram.addon_actions(addon) or ()}
    by_service = [action.split(":") for action in named]
    assert {service for service, _ in by_service} - set(SDKS) == {"log", "cr", "bssapi", "eflo"}
    gone = {call for service, call in by_service if service in SDKS and call not in sdk.calls(SDKS[service])}
    assert gone == WITHDRAWN


def cs_calls() -> Iterator[tuple[str, str]]:
    """``(method, path)`` of every call of ACK's API in a step; a shell variable stands for a part of it."""
    for text in COMMANDS:
        for method, path in re.findall(r"aliyun cs ([A-Z]+) (\S+)", text):
            yield method, re.sub(r'"\$\w+"', "x", path).strip("'")


def test_every_path_of_a_step_is_that_of_a_call() -> None:
    known = set(sdk.calls(CS).values())
    asked = set(cs_calls())
    assert {method for method, _ in asked} >= {"GET", "POST", "PUT"}
    assert [call for call in asked if not any(call[0] == m and path.fullmatch(call[1]) for m, path in known)] == []


def test_parameters_of_a_path_of_ack_are_those_of_the_call() -> None:
    """The CLI looks up the call by method and path, and refuses a parameter that it does not have."""
    asked = {found for text in COMMANDS for found in re.findall(r"aliyun cs GET (\S+)((?: --\w+ \S+)+)", text)}
    flags = {(path.strip("'"), flag) for path, more in asked for flag in re.findall(r"--(\w+)", more)}
    found = set()
    for path, flag in flags:
        (call,) = [name for name, (verb, form) in sdk.calls(CS).items() if verb == "GET" and form.fullmatch(path)]
        if flag != "region":
            assert flag in sdk.model(CS, f"{call}Request").keys, call
            found.add(call)
    assert found == {"ListAddons", "DescribeExternalAgent"}


def test_the_upgrade_of_an_add_on_has_the_keys_of_its_request() -> None:
    bodies = {body for text in COMMANDS for body in re.findall(r"/components/upgrade \S+ \S+ --body '([^']+)'", text)}
    assert any("terway-eniip" in body for body in bodies)
    for body in bodies:
        assert list(sdk.unknown(CS, "UpgradeClusterAddonsRequestBody", json.loads(body))) == []
        assert all(item.keys() == {"component_name", "next_version"} for item in json.loads(body))


@pytest.mark.parametrize("service", ["ram", "ecs", "vpc"])
def test_every_call_of_a_step_has_these_parameters(service: str) -> None:
    asked = {found for text in COMMANDS for found in re.findall(rf"aliyun {service} (\w+)([^|\n]*?)--region", text)}
    assert asked
    for call, parameters in asked:
        keys = sdk.model(SDKS[service], f"{call}Request").keys
        assert set(re.findall(r"--(\w+)", parameters)) <= set(keys), call


def test_regions_are_those_that_an_sdk_names() -> None:
    """Their names in OSS and their zones are read from pages."""
    named = {region for name in SDKS.values() for region in sdk.regions(name)}
    known = {row[0] for row in rows("regions")}
    assert known - named == {"ap-southeast-8", "eu-west-2", "sa-east-1"}  # newer than the SDK's list
    assert {row[0] for row in rows("zones")} <= known
