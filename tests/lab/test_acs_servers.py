"""The gateway of the lab's Alibaba Cloud: what it accepts, what it refuses, and how it fails when it is told to."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from darabonba.exceptions import UnretryableException
from tests.lab.clients import refused, sdk, signed
from tests.lab.servers.account import ALL, Account
from tests.lab.servers.acs import Acs
from tests.lab.servers.acs_words import refusal, throttled
from tests.lab.servers.exchange import Fault, Reset, Silence, Truncate, html
from tests.lab.servers.ram import ram
from tests.lab.servers.sts import sts

ODD = {"DisplayName": "a b+c%2F d~e*f", "Comments": "云 节点 &=?"}


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def server(account: Account) -> Iterator[Acs]:
    with ram(account) as running:
        yield running


def test_the_sdk_and_a_signer_of_our_own_are_the_same_to_it(server: Acs, account: Account) -> None:
    key = account.user("ci", ALL)
    assert sdk(server, key)("CreateUser", UserName="one", **ODD)["User"]["Comments"] == ODD["Comments"]
    assert signed(server, key, "CreateUser", {"UserName": "two", **ODD}).send(server)[0] == 200
    assert signed(server, key, "CreateUser", {"UserName": "three", **ODD}, form=True).send(server)[0] == 200
    assert [account.users[name].fields["DisplayName"] for name in ("one", "two", "three")] == [ODD["DisplayName"]] * 3


def test_a_key_that_is_not_there_or_not_active(server: Acs, account: Account) -> None:
    key = account.user("ci", ALL)
    there = refused(lambda: sdk(server, replace(key, id="LTAInothere"))("ListUsers"))
    assert there[:2] == (404, "InvalidAccessKeyId.NotFound")
    assert refused(lambda: sdk(server, replace(key, secret="other"))("ListUsers"))[:2] == (400, "SignatureDoesNotMatch")
    key.active = False
    assert refused(lambda: sdk(server, key)("ListUsers"))[:2] == (400, "InvalidAccessKeyId.Inactive")


@pytest.mark.parametrize(
    "change",
    [
        {"target": "/?UserName=other"},
        {"target": "/?UserName=new&Comments=x"},
        {"method": "GET"},
        {"body": b"x"},
        {"headers": {"x-acs-action": "DeleteUser"}},
        {"headers": {"x-acs-extra": "1"}},
        {"headers": {"x-acs-version": "2014-05-26"}},
        {"headers": {"host": "localhost"}},
    ],
    ids=str,
)
def test_a_request_that_was_changed_after_it_was_signed(server: Acs, account: Account, change: dict[str, Any]) -> None:
    sent = signed(server, account.user("ci", ALL), "CreateUser", {"UserName": "new"})
    changed = sent._replace(**change)
    status, body = changed._replace(headers={**sent.headers, **changed.headers}).send(server)
    assert (status, body["Code"]) == (400, "SignatureDoesNotMatch")
    assert set(account.users) == {"ci"}


def test_a_digest_that_is_not_that_of_the_body(server: Acs, account: Account) -> None:
    sent = signed(server, account.user("ci", ALL), "CreateUser", {"UserName": "new"}, form=True)
    status, body = sent._replace(body=sent.body.replace(b"new", b"old")).send(server)
    assert (status, body["Code"]) == (400, "SignatureDoesNotMatch")


def test_the_same_request_twice(server: Acs, account: Account) -> None:
    sent = signed(server, account.user("ci", ALL), "ListUsers")
    assert sent.send(server)[0] == 200
    status, body = sent.send(server)
    assert (status, body["Code"]) == (400, "SignatureNonceUsed")


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_that_is_wrong(server: Acs, account: Account, minutes: int) -> None:
    key = account.user("ci", ALL)
    now = datetime.now(UTC)
    status, body = signed(server, key, "ListUsers", when=now + timedelta(minutes=minutes)).send(server)
    assert (status, body["Code"]) == (400, "InvalidTimeStamp.Expired")
    account.clock = lambda: now - timedelta(minutes=minutes)
    assert refused(lambda: sdk(server, key)("ListUsers")).code == "InvalidTimeStamp.Expired"


def test_a_key_of_sts(server: Acs, account: Account) -> None:
    key = account.session("deployer", ALL)
    assert "Users" in sdk(server, key)("ListUsers")
    bare, strange = (sdk(server, replace(key, token=token)) for token in ("", "strange"))
    assert refused(lambda: bare("ListUsers"))[:2] == (400, "MissingSecurityToken")
    assert refused(lambda: strange("ListUsers"))[:2] == (400, "InvalidSecurityToken.MismatchWithAccessKey")
    old = account.session("deployer", lasts=timedelta(seconds=-1))
    assert refused(lambda: sdk(server, old)("ListUsers"))[:2] == (400, "InvalidSecurityToken.Expired")


def test_nothing_is_answered_without_a_signature(server: Acs) -> None:
    connection = http.client.HTTPConnection(server.endpoint)
    connection.request("GET", "/?Action=ListUsers")
    assert connection.getresponse().status == 400
    connection.close()


def test_a_call_or_a_version_that_does_not_exist(server: Acs, account: Account) -> None:
    key = account.root()
    assert refused(lambda: sdk(server, key)("MakeCoffee"))[:2] == (404, "InvalidAction.NotFound")
    sent = signed(server, key, "ListUsers")
    with sts(account) as other:
        assert (
            sent._replace(headers={**sent.headers, "host": server.endpoint}).send(other)[1]["Code"] == "InvalidVersion"
        )


def test_who_may_is_said_by_policies(server: Acs, account: Account) -> None:
    key = account.user("ci", {"Effect": "Allow", "Action": "ram:Get*", "Resource": "acs:ram:*:*:user/ci"})
    assert sdk(server, key)("GetUser", UserName="ci")["User"]["UserName"] == "ci"
    denied = refused(lambda: sdk(server, key)("CreateUser", UserName="x"))
    assert denied[:2] == (403, "NoPermission")
    assert denied.data["AccessDeniedDetail"]["AuthAction"] == "ram:CreateUser"
    assert denied.data["AccessDeniedDetail"]["NoPermissionType"] == "ImplicitDeny"
    account.user("ci", {"Effect": "Deny", "NotAction": "ram:ListUsers", "Resource": "*"})
    denied = refused(lambda: sdk(server, key)("GetUser", UserName="ci"))
    assert denied.data["AccessDeniedDetail"]["NoPermissionType"] == "ExplicitDeny"


def test_the_log_has_parameters_and_no_secret(server: Acs, account: Account) -> None:
    key = account.user("ci", ALL)
    made = sdk(server, key)("CreateAccessKey", UserName="ci")["AccessKey"]
    refused(lambda: sdk(server, key)("CreateAccessKey", UserName="nobody"))
    first, second = server.requests
    assert (first.number, first.operation, first.parameters) == (1, "CreateAccessKey", {"UserName": "ci"})
    assert (first.principal, first.status, second.status, second.code) == ("user/ci", 200, 404, "EntityNotExist.User")
    assert not any(secret in str(server.requests) for secret in (key.secret, made["AccessKeySecret"]))


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (refusal(403, "NoPermission"), 403, "NoPermission"),
        (refusal(404, "EntityNotExist.User"), 404, "EntityNotExist.User"),
        (refusal(409, "EntityAlreadyExists.User"), 409, "EntityAlreadyExists.User"),
        (throttled(), 429, "Throttling.User"),
        (throttled(2), 429, "Throttling.User"),
        (refusal(500, "InternalError"), 500, "InternalError"),
        (refusal(503, "ServiceUnavailable"), 503, "ServiceUnavailable"),
    ],
)
def test_a_fault_with_a_code(server: Acs, account: Account, fault: Fault, status: int, code: str) -> None:
    call = sdk(server, account.root())
    server.fault(fault, operation="CreateUser")
    call("ListUsers")
    assert refused(lambda: call("CreateUser", UserName="new"))[:2] == (status, code)
    assert not account.users
    call("CreateUser", UserName="new")


@pytest.mark.parametrize(
    "fault", [html(), Reset(), Reset(after=True), Truncate()], ids=["html", "before", "after", "cut"]
)
def test_a_fault_without_words(server: Acs, account: Account, fault: Fault) -> None:
    server.fault(fault)
    with pytest.raises(UnretryableException):
        sdk(server, account.root())("CreateUser", UserName="new")
    assert bool(account.users) == (fault in (Reset(after=True), Truncate()))


def test_a_server_that_never_answers(server: Acs, account: Account) -> None:
    server.fault(Silence())
    connection = http.client.HTTPConnection(server.endpoint, timeout=0.2)
    sent = signed(server, account.root(), "ListUsers")
    connection.request(sent.method, sent.target, sent.body, sent.headers)
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()


def test_a_hook_between_two_requests(server: Acs, account: Account) -> None:
    call = sdk(server, account.root())
    server.hook = lambda when, line: (when, line.number) == ("after", 2)
    call("CreateUser", UserName="one")
    with pytest.raises(UnretryableException):
        call("CreateUser", UserName="two")
    assert set(account.users) == {"one", "two"}
    server.hook = lambda when, line: when == "before"
    with pytest.raises(UnretryableException):
        call("CreateUser", UserName="three")
    assert "three" not in account.users


def test_two_clients_at_once(server: Acs, account: Account) -> None:
    key = account.root()
    threads = [threading.Thread(target=lambda n=n: sdk(server, key)("CreateUser", UserName=f"u{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(account.users) == 8


def test_who_am_i(account: Account) -> None:
    with sts(account) as server:
        user, role = account.user("ci"), account.session("deployer")
        found = [sdk(server, key)("GetCallerIdentity") for key in (account.root(), user, role)]
    assert [item["IdentityType"] for item in found] == ["Account", "RAMUser", "AssumedRoleUser"]
    assert {item["AccountId"] for item in found} == {account.id}
    assert found[1]["Arn"] == f"acs:ram::{account.id}:user/ci"
    assert found[1]["UserId"] == account.users["ci"].id
    assert "UserId" not in found[2]
