"""Who has a RAM policy of the build does its steps, against servers that obey it; each right of it is asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.build.cli import call
from tests.lab.servers.account import Key
from tests.publish.cloud import Cloud
from tests.publish.test_ram import NAME, NARROW, ROLE

from hybridc.catalog.publish import asked, rights

STEPS = {"setup": ("oss.bucket", "ram.user", "ram.policies", "addon"), "publisher": ("oss.policy", "oss.script")}
"""By holder, steps that a cloud alone shows; pools need a cluster as well."""


def statements(cloud: Cloud, holder: str) -> list[dict[str, Any]]:
    """What the build gives a holder."""
    out = cloud.folder / "out"
    assert call("build", "--force", cloud.folder / "hybrid.yaml", "-o", out).code == 0
    (file,) = out.glob(f"*/cloud/ram/{holder}.json")
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["Statement"]
    return found


def key(cloud: Cloud, holder: str) -> Key:
    return cloud.account.user(holder, *statements(cloud, holder))


def taken(cloud: Cloud) -> set[str]:
    """The rights that the requests so far have taken."""
    return {right for request in cloud.asked() for right in rights(request)}


def granted(cloud: Cloud, holder: str) -> set[str]:
    return {action for statement in statements(cloud, holder) for action in statement["Action"]}


def test_each_does_his_steps_with_his_policy_alone(cloud: Cloud) -> None:
    cloud.cluster.offered["terway-eniip"].append("v1.8.18")
    for holder, steps in STEPS.items():
        cloud.forget()
        for step in steps:
            ran = cloud.publish(step, "--yes", "-o", str(cloud.folder / "out"), key=key(cloud, holder))
            assert ran.code == 0, (holder, step, ran.said)
        assert cloud.writes()
        assert taken(cloud) <= granted(cloud, holder)


def test_a_right_is_asked_for_by_the_step_that_is_said_to_need_it(cloud: Cloud) -> None:
    """What the table says of these steps is what they ask, no more and no less."""
    setup, publisher = key(cloud, "setup"), key(cloud, "publisher")
    for step, mine in (("oss.bucket", setup), ("oss.policy", publisher), ("oss.script", publisher)):
        cloud.forget()
        assert cloud.publish(step, "--yes", "-o", str(cloud.folder / "out"), key=mine).code == 0
        told = {name for part in asked() if part.is_of(step) for name in (*part.reads, *part.writes)}
        assert set(cloud.asked()) - {"sts:GetCallerIdentity"} == told, step


def test_all_that_is_said_of_ram_is_asked_and_no_more(cloud: Cloud) -> None:
    """Made, changed, set back, adopted, with a role for nodes: each with the policy of its spec."""
    changes: tuple[dict[str, Any], ...] = ({}, NARROW, {}, ROLE)
    for change in changes:
        cloud.write(spec=change)
        assert cloud.publish("ram", "--yes", key=key(cloud, "setup")).code == 0
    cloud.account.policies[NAME].description = ""
    assert cloud.publish("ram", "--yes", "--adopt", key=key(cloud, "setup")).code == 0
    parts = [part for part in asked() if part.is_of("ram.user") or part.is_of("ram.policies")]
    told = {name for part in parts for name in (*part.reads, *part.writes)}
    assert set(cloud.asked()) - {"sts:GetCallerIdentity"} == told


@pytest.mark.parametrize("holder", sorted(STEPS))
def test_nobody_does_the_steps_of_another(cloud: Cloud, holder: str) -> None:
    other = next(name for name in STEPS if name != holder)
    if other == "publisher":
        assert cloud.publish("oss.bucket", "--yes").code == 0
    ran = cloud.publish(STEPS[other][0], "--yes", "-o", str(cloud.folder / "out"), key=key(cloud, holder))
    assert ran.code == 3
    assert "lacks oss:" in ran.said
