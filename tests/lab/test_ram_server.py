"""RAM on loopback, by the official SDK with its own models."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alibabacloud_ram20150501 import models
from alibabacloud_ram20150501.client import Client
from tests.lab.clients import config, refused, sdk
from tests.lab.servers.account import ALL, Account, Principal
from tests.lab.servers.acs import Acs
from tests.lab.servers.ram import ram

ROTATE = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
TRUST = '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": ["*"]}}]}'


def document(action: str = "ecs:DescribeInstances", **more: object) -> str:
    return json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*", **more}]})


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def server(account: Account) -> Iterator[Acs]:
    with ram(account) as running:
        yield running


@pytest.fixture
def client(server: Acs, account: Account) -> Any:
    return Client(config(server, account.root()))


@pytest.fixture
def call(server: Acs, account: Account) -> Callable[..., Any]:
    return sdk(server, account.root())


def publish(client: Any, text: str, *, default: bool = True, rotate: str | None = None) -> Any:
    request = models.CreatePolicyVersionRequest(
        policy_name="p", policy_document=text, rotate_strategy=rotate, set_as_default=default
    )
    return client.create_policy_version(request).body.policy_version


def versions(client: Any) -> list[str]:
    found = client.list_policy_versions(models.ListPolicyVersionsRequest(policy_name="p", policy_type="Custom"))
    return [version.version_id for version in found.body.policy_versions.policy_version]


@pytest.fixture
def policy(client: Any) -> None:
    client.create_policy(models.CreatePolicyRequest(policy_name="p", policy_document=document(), description="d"))


def test_a_policy_that_is_made(client: Any, policy: None) -> None:
    found = client.get_policy(models.GetPolicyRequest(policy_name="p", policy_type="Custom")).body
    assert (found.policy.default_version, found.policy.attachment_count, found.policy.description) == ("v1", 0, "d")
    assert found.default_policy_version.policy_document == document()
    made = models.CreatePolicyRequest(policy_name="p", policy_document=document())
    assert refused(lambda: client.create_policy(made))[:2] == (409, "EntityAlreadyExists.Policy")


def test_five_versions_and_the_oldest_makes_way(client: Any, policy: None) -> None:
    for number in range(2, 6):
        assert publish(client, document(f"ecs:Describe{number}")).version_id == f"v{number}"
    assert refused(lambda: publish(client, document("ecs:X")))[:2] == (409, "LimitExceeded.Policy.Version")
    assert versions(client) == ["v1", "v2", "v3", "v4", "v5"]
    client.set_default_policy_version(models.SetDefaultPolicyVersionRequest(policy_name="p", version_id="v1"))
    assert publish(client, document("ecs:X"), default=False, rotate=ROTATE).version_id == "v6"
    assert versions(client) == ["v1", "v3", "v4", "v5", "v6"]
    found = client.get_policy(models.GetPolicyRequest(policy_name="p", policy_type="Custom")).body
    assert found.policy.default_version == "v1"


def test_the_default_version_stays(client: Any, policy: None) -> None:
    publish(client, document("ecs:X"))
    gone = models.DeletePolicyVersionRequest(policy_name="p", version_id="v2")
    assert refused(lambda: client.delete_policy_version(gone))[:2] == (409, "DeleteConflict.Policy.Version.Default")
    client.delete_policy_version(models.DeletePolicyVersionRequest(policy_name="p", version_id="v1"))
    missing = models.GetPolicyVersionRequest(policy_name="p", policy_type="Custom", version_id="v1")
    assert refused(lambda: client.get_policy_version(missing))[:2] == (404, "EntityNotExist.Policy.Version")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "MalformedPolicyDocument"),
        ('{"Version": "2012-10-17", "Statement": []}', "MalformedPolicyDocument"),
        ('{"Version": "1", "Statement": []}', "MalformedPolicyDocument"),
        (document(Effect="Permit"), "MalformedPolicyDocument"),
        (document(NotAction="ecs:X"), "MalformedPolicyDocument"),
        (document(Resource="arn:aws:s3:::b"), "MalformedPolicyDocument"),
        (document(Principal="*"), "MalformedPolicyDocument"),
        (document(Condition={"StringIs": {"acs:SourceVpc": "vpc-1"}}), "MalformedPolicyDocument"),
        (document("ecs:" + "X" * 6144), "InvalidParameter.PolicyDocument.Length"),
    ],
)
def test_a_document_that_is_no_policy(client: Any, policy: None, text: str, code: str) -> None:
    assert refused(lambda: publish(client, text))[:2] == (400, code)
    made = models.CreatePolicyRequest(policy_name="q", policy_document=text)
    assert refused(lambda: client.create_policy(made))[:2] == (400, code)
    assert versions(client) == ["v1"]


def test_a_condition_and_a_list_are_a_policy(client: Any, policy: None) -> None:
    publish(client, document(Action=["ecs:*", "*"], Condition={"StringEquals": {"acs:SourceVpc": ["vpc-1"]}}))


def test_a_right_comes_with_the_policy_and_goes_with_it(
    server: Acs, account: Account, client: Any, call: Callable[..., Any]
) -> None:
    call("CreateUser", UserName="ci")
    mine = sdk(server, account.user("ci"))
    assert refused(lambda: mine("ListUsers")).code == "NoPermission"
    made = models.CreatePolicyRequest(policy_name="p", policy_document=document("ram:ListUsers"))
    client.create_policy(made)
    what = {"PolicyName": "p", "PolicyType": "Custom", "UserName": "ci"}
    call("AttachPolicyToUser", **what)
    assert refused(lambda: call("AttachPolicyToUser", **what))[:2] == (409, "EntityAlreadyExists.User.Policy")
    mine("ListUsers")
    publish(client, document("ram:GetUser"))
    assert refused(lambda: mine("ListUsers")).code == "NoPermission"
    call("DetachPolicyFromUser", **what)
    assert refused(lambda: call("DetachPolicyFromUser", **what))[:2] == (404, "EntityNotExist.User.Policy")
    assert refused(lambda: mine("GetUser", UserName="ci")).code == "NoPermission"


def test_attaching_asks_for_policy_and_user(server: Acs, account: Account, client: Any, policy: None) -> None:
    own = {"Effect": "Allow", "Action": "ram:AttachPolicyToUser", "Resource": f"acs:ram:*:{account.id}:policy/p"}
    mine = sdk(server, account.user("ci", own))
    what = {"PolicyName": "p", "PolicyType": "Custom", "UserName": "ci"}
    assert refused(lambda: mine("AttachPolicyToUser", **what)).code == "NoPermission"
    account.user("ci", {**own, "Resource": f"acs:ram:*:{account.id}:user/ci"})
    mine("AttachPolicyToUser", **what)


def test_who_has_a_policy(client: Any, policy: None, call: Callable[..., Any]) -> None:
    call("CreateUser", UserName="ci")
    call("CreateRole", RoleName="nodes", AssumeRolePolicyDocument=TRUST)
    for kind, name in (("User", "ci"), ("Role", "nodes")):
        call(f"AttachPolicyTo{kind}", PolicyName="p", PolicyType="Custom", **{f"{kind}Name": name})
        found = call(f"ListPoliciesFor{kind}", **{f"{kind}Name": name})["Policies"]["Policy"]
        assert [(item["PolicyName"], item["PolicyType"]) for item in found] == [("p", "Custom")]
    asked = models.ListEntitiesForPolicyRequest(policy_name="p", policy_type="Custom")
    found = client.list_entities_for_policy(asked).body
    assert [user.user_name for user in found.users.user] == ["ci"]
    assert [role.role_name for role in found.roles.role] == ["nodes"]


def test_what_is_attached_is_not_deleted(call: Callable[..., Any], account: Account, policy: None) -> None:
    call("CreateUser", UserName="ci")
    call("AttachPolicyToUser", PolicyName="p", PolicyType="Custom", UserName="ci")
    assert refused(lambda: call("DeletePolicy", PolicyName="p"))[:2] == (409, "DeleteConflict.Policy.User")
    assert refused(lambda: call("DeleteUser", UserName="ci"))[:2] == (409, "DeleteConflict.User.Policy")
    call("DeletePolicy", PolicyName="p", CascadingDelete="true")
    assert not account.attached[Principal("User", "ci")]
    call("DeleteUser", UserName="ci")
    assert refused(lambda: call("GetUser", UserName="ci"))[:2] == (404, "EntityNotExist.User")


def test_two_keys_a_user(client: Any, server: Acs, account: Account, call: Callable[..., Any]) -> None:
    call("CreateUser", UserName="ci")
    asked = models.CreateAccessKeyRequest(user_name="ci")
    first, second = (client.create_access_key(asked).body.access_key for _ in range(2))
    assert refused(lambda: client.create_access_key(asked))[:2] == (409, "LimitExceeded.User.AccessKey")
    listed = call("ListAccessKeys", UserName="ci")["AccessKeys"]["AccessKey"]
    assert [item["AccessKeyId"] for item in listed] == [first.access_key_id, second.access_key_id]
    assert first.access_key_secret not in json.dumps(listed)
    call("UpdateAccessKey", UserName="ci", UserAccessKeyId=first.access_key_id, Status="Inactive")
    assert [item["Status"] for item in call("ListAccessKeys", UserName="ci")["AccessKeys"]["AccessKey"]] == [
        "Inactive",
        "Active",
    ]
    call("DeleteAccessKey", UserName="ci", UserAccessKeyId=first.access_key_id)
    client.create_access_key(asked)
    gone = {"UserName": "ci", "UserAccessKeyId": first.access_key_id}
    assert refused(lambda: call("DeleteAccessKey", **gone))[:2] == (404, "EntityNotExist.User.AccessKey")


def test_a_key_that_was_made_signs(client: Any, server: Acs, account: Account) -> None:
    account.user("ci", ALL)
    made = client.create_access_key(models.CreateAccessKeyRequest(user_name="ci")).body.access_key
    key = account.keys[made.access_key_id]
    asked = models.GetAccessKeyLastUsedRequest(user_name="ci", user_access_key_id=key.id)
    assert client.get_access_key_last_used(asked).body.access_key_last_used.last_used_date == ""
    sdk(server, key)("ListUsers")
    assert client.get_access_key_last_used(asked).body.access_key_last_used.last_used_date != ""


def test_a_role(call: Callable[..., Any]) -> None:
    made = call("CreateRole", RoleName="nodes", AssumeRolePolicyDocument=TRUST)["Role"]
    assert made == call("GetRole", RoleName="nodes")["Role"]
    assert made["AssumeRolePolicyDocument"] == TRUST
    again = {"RoleName": "nodes", "AssumeRolePolicyDocument": TRUST}
    assert refused(lambda: call("CreateRole", **again))[:2] == (409, "EntityAlreadyExists.Role")
    wrong = {"RoleName": "other", "AssumeRolePolicyDocument": document()}
    assert refused(lambda: call("CreateRole", **wrong))[:2] == (400, "MalformedPolicyDocument")
    assert refused(lambda: call("GetRole", RoleName="other"))[:2] == (404, "EntityNotExist.Role")


def test_names_that_are_none(call: Callable[..., Any]) -> None:
    assert refused(lambda: call("CreateUser", UserName="a b")).code == "InvalidParameter.UserName.InvalidChars"
    assert refused(lambda: call("CreateUser", UserName="a" * 65)).code == "InvalidParameter.UserName.Length"
    assert refused(lambda: call("CreateUser")).code == "MissingUserName"
    wrong = {"PolicyName": "a_b", "PolicyDocument": document()}
    assert refused(lambda: call("CreatePolicy", **wrong)).code == "InvalidParameter.PolicyName.InvalidChars"


def test_a_system_policy(call: Callable[..., Any], server: Acs, account: Account) -> None:
    mine = sdk(server, account.user("ci"))
    what = {"PolicyName": "AdministratorAccess", "PolicyType": "System", "UserName": "ci"}
    call("AttachPolicyToUser", **what)
    mine("ListUsers")
    other = what | {"PolicyName": "NotThere"}
    assert refused(lambda: call("AttachPolicyToUser", **other))[:2] == (404, "EntityNotExist.Policy")
