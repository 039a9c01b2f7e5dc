"""``publish ram`` and what goes wrong: nothing half-done is reported as done, a re-run converges, nothing is lost."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from tests.lab.servers.account import Principal
from tests.lab.servers.acs_words import refusal
from tests.lab.servers.exchange import Change, Reply
from tests.publish.cloud import FAULTS, Cloud, Kill
from tests.publish.test_ram import MARK, NAME, NARROW, OLD, USER, attach, attached, document, give

KEPT = (OLD.replace("*", f"x{number}", 1) for number in range(5))


def is_done(cloud: Cloud) -> bool:
    """Whether the user is there, and has a policy of Terway's actions."""
    policy = cloud.account.policies.get(NAME)
    return (
        USER in cloud.account.users
        and policy is not None
        and "vpc:DescribeVSwitches" in {name for item in document(cloud) for name in item["Action"]}
        and NAME in attached(cloud)
    )


def converges(cloud: Cloud) -> None:
    """A run without faults makes what is left."""
    ran = cloud.publish("ram", "--yes")
    assert (ran.code, is_done(cloud)) == (0, True), ran.said


NAMES = [name for name in FAULTS if name != "503" and not name.startswith("silence")]


@pytest.mark.parametrize(
    ("name", "call"),
    [
        *((name, call) for name in NAMES for call in ("GetPolicy", "CreatePolicy")),
        *(("reset after", call) for call in ("CreateUser", "AttachPolicyToUser")),
    ],
)
def test_a_fault(cloud: Cloud, name: str, call: str) -> None:
    cloud.ram.fault(FAULTS[name]("ram"), operation=call)
    ran = cloud.publish("ram", "--yes")
    assert ran.code == (0 if is_done(cloud) else 3), ran.said
    assert "help:" in ran.said or is_done(cloud)
    order = [line.operation for line in cloud.ram.requests]
    sent = [at for at, operation in enumerate(order) if operation == call == "CreatePolicy"]
    assert name == "429" or all("GetPolicy" in order[one:two] for one, two in pairwise(sent)), "sent again unseen"
    converges(cloud)
    assert len(cloud.account.policies[NAME].versions) == 1


@pytest.mark.parametrize("name", ["silence before", "silence after"])
def test_a_service_that_hangs(cloud: Cloud, name: str) -> None:
    cloud.ram.fault(FAULTS[name]("ram"), operation="CreatePolicy")
    ran = cloud.publish("ram", "--yes", "--deadline", "1")
    assert ran.code == 3
    assert "help:" in ran.out
    converges(cloud)


@pytest.mark.parametrize("body", ["null", "[]", "{}", '{"User": 1, "Policy": [], "Policies": {"Policy": {}}}'])
@pytest.mark.parametrize("call", ["GetUser", "ListPoliciesForUser", "GetPolicy", "ListPolicyVersions"])
def test_an_answer_that_says_nothing_is_not_believed(cloud: Cloud, call: str, body: str) -> None:
    """Of a proxy, say: what is there is neither made again nor taken to be as it should."""
    cloud.account.user(USER)
    policy = give(cloud, OLD, description=MARK)
    attach(cloud, NAME)
    answer = Change(lambda reply: Reply(200, {"content-type": "application/json"}, body.encode()))
    cloud.ram.fault(answer, times=99, operation=call)
    ran = cloud.publish("ram", "--yes", "--deadline", "2")
    assert (ran.code, cloud.writes(), policy.default) == (3, [], "v1")
    assert f"ram answers {call} with" in ran.out


def test_a_burst_of_errors_is_waited_for(cloud: Cloud) -> None:
    cloud.ram.fault(FAULTS["500"]("ram"), times=2, operation="ListPoliciesForUser")
    cloud.ram.fault(FAULTS["429"]("ram"), operation="AttachPolicyToUser")
    assert cloud.publish("ram", "--yes").code == 0
    converges(cloud)


def test_an_error_that_does_not_pass_is_said_once(cloud: Cloud) -> None:
    cloud.ram.fault(FAULTS["500"]("ram"), times=99, operation="CreatePolicy")
    ran = cloud.publish("ram", "--yes", "--deadline", "2")
    assert ran.code == 3
    assert "ram answers CreatePolicy with 500 InternalError" in ran.out
    assert ran.out.count("ram.user: is done") == 1
    assert NAME not in cloud.account.policies


def test_a_limit_of_the_account_is_said(cloud: Cloud) -> None:
    cloud.ram.fault(refusal(409, "LimitExceeded.User.Policy"), operation="AttachPolicyToUser")
    ran = cloud.publish("ram", "--yes")
    assert ran.code == 3
    assert "a limit of the service is reached: take away what is not needed, or ask Alibaba Cloud for more" in ran.out
    converges(cloud)


def test_a_policy_that_shows_late_is_not_made_twice(cloud: Cloud) -> None:
    """Somebody made it between the look and the request: then it is whose it is."""
    cloud.account.user(USER)

    def hook(when: str, line: Any) -> bool:
        if (when, line.operation) == ("before", "CreatePolicy") and NAME not in cloud.account.policies:
            give(cloud, OLD, description=MARK)
        return False

    cloud.ram.hook = hook
    assert cloud.publish("ram", "--yes").code == 0
    assert cloud.account.policies[NAME].default == "v2"


def gaps(cloud: Cloud, *words: str) -> list[Kill]:
    """Every place between two requests of a run, and after the last one."""
    cloud.forget()
    assert cloud.publish(*words).code == 0
    return [Kill(number, "after") for number in range(1, len(cloud.requests()) + 1)]


def test_killed_between_any_two_requests_of_the_first_run(cloud: Cloud) -> None:
    places = gaps(cloud, "ram", "--yes")
    for at in places:
        cloud.account.policies.clear()
        cloud.account.attached.clear()
        cloud.account.users.clear()
        assert cloud.publish("ram", "--yes", kill=at).code == -9
        assert cloud.publish("ram", "--yes").code == 0, at
        assert is_done(cloud), at
        assert len(cloud.account.policies[NAME].versions) == 1, at


def test_killed_in_a_rotation_the_default_is_the_old_or_the_new(cloud: Cloud) -> None:
    documents = list(KEPT)
    cloud.account.user(USER)
    give(cloud, *documents, description=MARK, default=2)
    places = gaps(cloud, "ram.policies", "--yes")
    new = document(cloud)
    for at in places:
        cloud.account.attached.clear()
        policy = give(cloud, *documents, description=MARK, default=2)
        attach(cloud, "other-team")
        assert cloud.publish("ram.policies", "--yes", kill=at).code == -9
        assert document(cloud) in (json.loads(documents[1])["Statement"], new), at
        assert cloud.publish("ram.policies", "--yes").code == 0, at
        assert (document(cloud), set(attached(cloud))) == (new, {"other-team", NAME}), at
        assert list(policy.versions) == ["v2", "v3", "v4", "v5", "v6"], at


def test_a_change_that_fails_leaves_the_old_version(cloud: Cloud) -> None:
    assert cloud.publish("ram", "--yes").code == 0
    old = document(cloud)
    cloud.write(spec=NARROW)
    cloud.ram.fault(refusal(400, "MalformedPolicyDocument"), operation="CreatePolicyVersion")
    ran = cloud.publish("ram", "--yes")
    assert (ran.code, document(cloud)) == (3, old)
    assert "MalformedPolicyDocument" in ran.out
    assert cloud.account.attached[Principal("User", USER)]
