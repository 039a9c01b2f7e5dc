"""Who publishes: the account is compared before anything else, and what is wrong with credentials is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.lab.servers.account import Account
from tests.lab.servers.exchange import Change, Reply
from tests.publish.cloud import FAULTS, Cloud

STEP = "addon"


def test_credentials_of_another_account_reach_nothing(cloud: Cloud) -> None:
    cloud.write(spec={"alibabaCloud": {"accountID": "9999999999999999"}})
    ran = cloud.publish(STEP, "--yes")
    assert ran.code == 2
    assert "of account 1234567890123456" in ran.err
    assert "the spec says 9999999999999999" in ran.err
    assert cloud.asked() == ["sts:GetCallerIdentity"]


def test_a_process_that_was_started_for_it_says_the_same(cloud: Cloud) -> None:
    cloud.write(spec={"alibabaCloud": {"accountID": "9999999999999999"}})
    ran = cloud.publish(STEP, "--yes")
    assert cloud.fresh(STEP, "--yes") == ran


def test_a_key_that_nobody_knows(cloud: Cloud) -> None:
    ran = cloud.publish(STEP, "--yes", key=Account().root())
    assert (ran.code, cloud.writes()) == (3, [])
    assert "the AccessKey is wrong, inactive or deleted" in ran.err


def test_a_secret_that_is_wrong(cloud: Cloud) -> None:
    ran = cloud.publish(STEP, "--yes", key=replace(cloud.root, secret="x" * 30))
    assert (ran.code, cloud.writes()) == (3, [])
    assert "the AccessKey is wrong, inactive or deleted" in ran.err


def test_temporary_credentials_that_have_expired(cloud: Cloud) -> None:
    ran = cloud.publish(STEP, "--yes", key=cloud.account.session("ci", lasts=-timedelta(minutes=1)))
    assert (ran.code, cloud.writes()) == (3, [])
    assert "the temporary credentials have expired" in ran.err


def test_a_clock_that_is_wrong(cloud: Cloud) -> None:
    cloud.account.clock = lambda: datetime.now(UTC) + timedelta(hours=1)
    ran = cloud.publish(STEP, "--yes")
    assert (ran.code, cloud.writes()) == (3, [])
    assert "the clock of this machine is wrong by more than 15 minutes" in ran.err


def test_no_credentials_at_all(cloud: Cloud) -> None:
    env = {"PATH": "/usr/bin", "HOME": str(cloud.folder), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    ran = cloud.publish(STEP, "--yes", env=env)
    assert (ran.code, cloud.asked()) == (3, [])
    assert "no credentials of Alibaba Cloud" in ran.err
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in ran.err


@pytest.mark.parametrize("name", ["html", "html 200", "truncated", "silence before", "500"])
def test_a_service_that_does_not_answer_stops_it_in_time(cloud: Cloud, name: str) -> None:
    cloud.sts.fault(FAULTS[name]("sts"), times=99)
    ran = cloud.publish(STEP, "--yes", "--deadline", "1")
    assert (ran.code, cloud.writes()) == (3, [])
    assert "GetCallerIdentity" in ran.err
    assert "help:" in ran.err


@pytest.mark.parametrize("body", ["null", "[]", "{}", '{"addons": {}, "nodepools": 1}'])
@pytest.mark.parametrize("call", ["GetCallerIdentity", "ListClusterAddonInstances"])
def test_an_answer_that_says_nothing_is_not_believed(cloud: Cloud, call: str, body: str) -> None:
    """Of a proxy, say: an add-on that it does not list is not installed a second time."""
    server = cloud.sts if call == "GetCallerIdentity" else cloud.cs
    answer = Change(lambda reply: Reply(200, {"content-type": "application/json"}, body.encode()))
    server.fault(answer, times=99, operation=call)
    ran = cloud.publish(STEP, "--yes", "--deadline", "2")
    assert (ran.code, cloud.writes()) == (3, [])
    assert f"answers {call} with no" in ran.said


def test_no_credentials_at_all_are_said_in_a_sentence(cloud: Cloud) -> None:
    env = {"PATH": "/usr/bin", "HOME": str(cloud.folder), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    ran = cloud.publish(STEP, "--yes", env=env)
    assert (ran.code, cloud.asked()) == (3, [])
    assert "no credentials of Alibaba Cloud: nothing in the chain of providers has any\n  help: set ALIBABA" in ran.err
    assert ran.out == ""


def test_warnings_of_the_spec_are_not_repeated(cloud: Cloud) -> None:
    cloud.write(spec={"checks": None})
    ran = cloud.publish(STEP)
    assert (ran.code, "warning" in ran.said) == (1, False), ran.said
