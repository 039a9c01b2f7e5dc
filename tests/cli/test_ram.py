"""``hybridc ram show`` says of every right of the documents who has it and why, and of no other."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from tests.build.cli import EXAMPLES, call, written

from hybridc.catalog.publish import asked

Data = dict[str, Any]


def documents(out: Path, cluster: str) -> dict[str, set[tuple[str, str]]]:
    """Policy → ``(action, resource)``, as the build wrote them."""
    return {
        path.stem: {
            (action, resource)
            for statement in json.loads(path.read_text("utf-8"))["Statement"]
            for action in statement["Action"]
            for resource in statement["Resource"]
        }
        for path in (out / cluster / "cloud" / "ram").glob("*.json")
    }


def shown(spec: Path) -> Data:
    done = call("ram", "show", spec, "--format", "json")
    assert done.code == 0, done.err
    found: Data = json.loads(done.out)
    return found


def product(policy: Data) -> str:
    return Path(policy["file"]).stem


def check(spec: Path, out: Path) -> Data:
    """Every right is shown once, with a reason for each policy that has it; no right is shown that none has."""
    assert call("build", spec, "-o", out).code == 0
    found = shown(spec)
    given = documents(out, found["cluster"])
    assert sorted(product(p) for each in found["identities"] for p in each["policies"]) == sorted(given)
    for identity in found["identities"]:
        names = {policy["name"]: product(policy) for policy in identity["policies"]}
        rights = {right for name in names.values() for right in given[name]}
        pairs = [(one["action"], one["resource"]) for one in identity["permissions"]]
        assert len(set(pairs)) == len(pairs)
        assert set(pairs) <= rights
        for action, resource in rights:
            (wide,) = [one for one in identity["permissions"] if one["action"] == action and covers(one, resource)]
            having = {name for name in names if (action, resource) in given[names[name]]}
            assert having <= {why["policy"] for why in wide["why"]}
        assert all(why["reason"] and why["source"] for one in identity["permissions"] for why in one["why"])
    return found


def covers(permission: Data, resource: str) -> bool:
    return fnmatchcase(resource, permission["resource"])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_what_is_shown_is_what_the_documents_grant(path: Path, tmp_path: Path) -> None:
    check(path, tmp_path / "out")


def test_two_roles_have_what_each_is_for(tmp_path: Path) -> None:
    checks = "\n  checks: {ignore: [{code: NODE009, reason: an image with a role}]}\n"
    token = "  nodeInit:\n    join: {token: {from: ramRole, role: hybridc-node}}\n"
    path = written(tmp_path, replaced={"  nodeInit:\n": token, "hybrid-out.git": f"hybrid-out.git{checks}"})
    found = check(path, tmp_path / "out")
    (node,) = [each for each in found["identities"] if each["kind"] == "role"]
    assert node["name"] == "hybridc-node"
    (right,) = node["permissions"]
    assert (right["action"], right["why"][0]["reason"][:21]) == ("oss:GetObject", "nodes read the token ")


def test_a_right_of_two_add_ons_names_both_and_its_widest_resource(tmp_path: Path) -> None:
    addons = "hybrid-out.git\n  addons: [{name: csi-provisioner}, {name: cloud-node-controller}]"
    found = check(written(tmp_path, replaced={"hybrid-out.git": addons}), tmp_path / "out")
    rights = {one["action"]: one for one in found["identities"][0]["permissions"]}
    tags, instances = rights["ecs:TagResources"], rights["ecs:DescribeInstances"]
    assert tags["resource"] == "*"
    assert [why["policy"].partition("idc-hangzhou-")[2] for why in tags["why"]] == ["csi-provisioner", "terway-eniip"]
    assert {why["reason"] for why in instances["why"]} >= {
        "the add-on csi-provisioner needs it",
        "the add-on cloud-node-controller needs it",
    }


def test_a_reason_of_a_holder_names_the_steps_of_this_spec() -> None:
    (guide,) = [path for path in EXAMPLES if path.parent.name == "guide"]
    steps = {step["id"] for step in json.loads(call("steps", guide, "--format", "json").out)["steps"]}
    lists = {name for part in asked() if part.holder == "operator" for name in part.steps}
    for identity in shown(guide)["identities"]:
        if identity["kind"] in ("publisher", "setup", "operator"):
            for one in identity["permissions"]:
                named = one["why"][0]["reason"].split(" ", 1)[1].split(", ")
                assert set(named) <= (lists if identity["kind"] == "operator" else steps)


def test_the_text_has_every_action_resource_and_reason() -> None:
    for path in EXAMPLES:
        text = call("ram", "show", path).out
        for identity in shown(path)["identities"]:
            for one in identity["permissions"]:
                assert f"\n  {one['action']}\n" in text
                assert f"\n    on {one['resource']}\n" in text
                assert all(f"why: {why['reason']}\n" in text for why in one["why"])


def test_a_wrong_spec_shows_nothing(tmp_path: Path) -> None:
    done = call("ram", "show", tmp_path / "none.yaml")
    assert (done.code, done.out) == (2, "")
