"""The steps of the network are seen done in the cloud, or it is said what is missing: nobody has to say ``--done``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.lab.servers.account import ALL, Key
from tests.lab.servers.acs_words import refusal
from tests.preflight.cases import BASE
from tests.preflight.clouds import Cloud, cloud_for, identity
from tests.preflight.clusters import compiled

from hybridc.cloud.endpoints import parse
from hybridc.cloud.patience import Deadline
from hybridc.publish.context import context
from hybridc.publish.plan import Result
from hybridc.publish.seen import see

FOUND = compiled(BASE.read_text("utf-8"))
TABLE = f"rtb-{FOUND.spec.alibaba_cloud.vpc.id}"
ROUTES, GROUPS = "network.routes", "network.security-groups"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with cloud_for(FOUND) as running:
        yield running


def seen(cloud: Cloud, step: str, key: Key | None = None, seconds: float = 30) -> Result:
    known = parse(word for word in cloud.endpoints if word != "--endpoint")
    return see(context(FOUND, identity(key or cloud.account.root()), Deadline(seconds), known), step)


@pytest.mark.parametrize(
    ("step", "calls"),
    [
        (ROUTES, {"vpc:DescribeVpcs", "vpc:DescribeRouteTableList", "vpc:DescribeRouteEntryList"}),
        (GROUPS, {"ecs:DescribeSecurityGroupAttribute"}),
    ],
)
def test_a_step_is_seen_done(cloud: Cloud, step: str, calls: set[str]) -> None:
    found = seen(cloud, step)
    assert found.status == "same"
    assert "not seen" in found.notes[0], "the half that is the IDC's"
    assert set(cloud.asked) == calls


def test_a_route_that_is_missing_is_said(cloud: Cloud) -> None:
    cloud.network.entries[TABLE].pop()
    found = seen(cloud, ROUTES)
    assert found.status == "yours"
    assert "has no route to 172.28.0.0/14" in found.said
    assert f"--done {ROUTES}" in found.help


def test_a_group_that_keeps_the_idc_out_is_said(cloud: Cloud) -> None:
    for rules in cloud.machines.rules.values():
        rules.clear()
    found = seen(cloud, GROUPS)
    assert found.status == "yours"
    assert "allows nothing inbound from 192.168.10.0/27" in found.said


def test_a_right_that_is_missing_is_named(cloud: Cloud) -> None:
    key = cloud.account.user("less", ALL, {"Effect": "Deny", "Action": "vpc:*", "Resource": "*"})
    found = seen(cloud, ROUTES, key)
    assert found.status == "yours"
    assert "needs vpc:DescribeRouteTableList" in found.said


def test_a_cloud_that_is_ill_is_no_answer(cloud: Cloud) -> None:
    cloud.servers["vpc"].fault(refusal(500, "InternalError"), times=99)
    assert seen(cloud, ROUTES, seconds=1).status == "failed"
