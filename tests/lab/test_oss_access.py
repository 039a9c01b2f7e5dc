"""Who may do what in the OSS server of the lab: RAM, bucket policies, ACLs, Block Public Access."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import alibabacloud_oss_v2 as sdk
import pytest
from tests.lab.oss_client import ACCOUNT, ALL, OWNER, USER, VPC, client, fetch, get, put, refused
from tests.lab.servers.oss import Bucket, Oss, oss
from tests.pinned import ROOT

ONE_KEY = f"acs:oss:*:{ACCOUNT}:scripts/init.sh"


@pytest.fixture
def server() -> Iterator[Oss]:
    with oss(keys=[OWNER, USER], buckets={"scripts": Bucket()}) as running:
        yield running


def policy(*statements: dict[str, Any]) -> bytes:
    return json.dumps({"Version": "1", "Statement": list(statements)}).encode()


def read(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": ["oss:GetObject"], "Principal": ["*"], "Resource": [ONE_KEY]} | more


FROM_VPC = {"StringEquals": {"acs:SourceVpc": [VPC]}}


def put_policy(server: Oss, body: bytes) -> Any:
    return client(server).put_bucket_policy(sdk.PutBucketPolicyRequest(bucket="scripts", body=body))


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([], False),
        ([{"Effect": "Allow", "Action": ["oss:Put*"], "Resource": [ONE_KEY]}], True),
        ([{"Effect": "Allow", "Action": ["oss:PutObject"], "Resource": ["acs:oss:*:*:scripts/*"]}], True),
        ([{"Effect": "Allow", "Action": ["oss:PutObject"], "Resource": ["acs:oss:*:*:scripts"]}], False),
        ([{"Effect": "Allow", "Action": ["oss:GetObject"], "Resource": ["acs:oss:*:*:scripts/*"]}], False),
        ([{"Effect": "Allow", "Action": ["oss:PutObject"], "Resource": ["acs:oss:*:99:scripts/*"]}], False),
        ([*ALL, {"Effect": "Deny", "Action": ["oss:PutObject"], "Resource": ["acs:oss:*:*:*/init.sh"]}], False),
    ],
)
def test_ram_decides_for_a_user(server: Oss, statements: list[Any], allowed: bool) -> None:
    server.keys[USER.id] = replace(USER, policy=statements)
    if allowed:
        put(client(server, USER))
        assert server.requests[-1].principal == f"{ACCOUNT}/{USER.user}"
    else:
        error = refused(put, client(server, USER))
        assert (error.status_code, error.code) == (403, "AccessDenied")
        assert b"<AuthAction>oss:PutObject</AuthAction>" in error.snapshot
        assert (b"ExplicitDeny" in error.snapshot) is bool(statements and statements[-1]["Effect"] == "Deny")
        assert not server.buckets["scripts"].objects


def test_tags_need_a_permission_of_their_own(server: Oss) -> None:
    only_put = [{"Effect": "Allow", "Action": ["oss:PutObject"], "Resource": ["acs:oss:*:*:scripts/*"]}]
    server.keys[USER.id] = replace(USER, policy=only_put)
    put(client(server, USER))
    assert (
        b"<AuthAction>oss:PutObjectTagging</AuthAction>" in refused(put, client(server, USER), tagging="a=b").snapshot
    )


def test_a_function_may_decide(server: Oss) -> None:
    asked = []

    def grants(action: str, resource: str) -> bool:
        asked.append((action, resource))
        return False

    server.keys[USER.id] = replace(USER, policy=grants)
    refused(put, client(server, USER))
    assert asked == [("oss:PutObject", f"acs:oss:oss-cn-hangzhou:{ACCOUNT}:scripts/init.sh")]


def test_a_policy_is_replaced(server: Oss) -> None:
    put_policy(server, policy(read(), read(Effect="Deny", Principal=["200000000000000001"])))
    put_policy(server, policy(read(Condition=FROM_VPC)))
    answer = client(server).get_bucket_policy(sdk.GetBucketPolicyRequest(bucket="scripts"))
    assert json.loads(answer.body) == {"Version": "1", "Statement": [read(Condition=FROM_VPC)]}
    client(server).delete_bucket_policy(sdk.DeleteBucketPolicyRequest(bucket="scripts"))
    assert server.buckets["scripts"].policy is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        policy(read(Sid="a")),
        policy(read()).replace(b'"1"', b"1"),
        policy(read()).replace(b'"1"', b'"2"'),
        policy(read(Effect="allow")),
        policy(read(Principal="*")),
        policy(read(Principal=["acs:ram::1:user/a"])),
        policy({name: value for name, value in read().items() if name != "Principal"}),
        policy(read(Action=["s3:GetObject"])),
        policy(read(Resource=["scripts/init.sh"])),
        policy(read(Condition={"StringEqual": {"acs:SourceVpc": [VPC]}})),
        policy(read(Condition={"StringEquals": {"acs:SourceVPC": [VPC]}})),
        policy(read(Condition={"IpAddress": {"acs:SourceIp": ["10.0.0.0/8"]}})),
        policy(),
    ],
)
def test_a_policy_that_does_not_follow_the_grammar(server: Oss, body: bytes) -> None:
    error = refused(put_policy, server, body)
    assert (error.status_code, error.code) == (400, "InvalidPolicyDocument")
    assert server.buckets["scripts"].policy is None


@pytest.mark.parametrize(
    ("statement", "public"),
    [
        (read(), True),
        (read(Principal=[]), True),
        (read(Principal=["2*", "1"]), None),
        (read(Principal=["200000000000000001"]), False),
        (read(Effect="Deny"), False),
        (read(Condition=FROM_VPC), False),
        (read(Condition={"StringLike": {"acs:SourceVpc": ["vpc-*"]}}), True),
        (read(Condition={"StringNotEquals": {"acs:SourceVpc": [VPC]}}), True),
    ],
)
def test_what_is_public(server: Oss, statement: dict[str, Any], public: bool | None) -> None:
    if public is None:
        assert refused(put_policy, server, policy(statement)).code == "InvalidPolicyDocument"
        return
    put_policy(server, policy(statement))
    status = client(server).get_bucket_policy_status(sdk.GetBucketPolicyStatusRequest(bucket="scripts")).policy_status
    assert status.is_public is public
    _block(server)
    if public:
        error = refused(put_policy, server, policy(statement))
        assert (error.status_code, error.code) == (403, "AccessDenied")
    else:
        put_policy(server, policy(statement))


def _block(server: Oss) -> None:
    block = sdk.PublicAccessBlockConfiguration(block_public_access=True)
    request = sdk.PutBucketPublicAccessBlockRequest(bucket="scripts", public_access_block_configuration=block)
    client(server).put_bucket_public_access_block(request)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "out").glob("*/cloud/oss/bucket-policy.json")), ids=lambda path: path.parts[-4]
)
def test_what_hybridc_compiles_follows_the_grammar_and_is_not_public(server: Oss, path: Path) -> None:
    _block(server)
    put_policy(server, path.read_bytes())
    assert server.buckets["scripts"].policy == json.loads(path.read_text())


def test_anybody_in_the_vpc_reads_one_key(server: Oss) -> None:
    put(client(server))
    put(client(server), "other.sh")
    put_policy(server, policy(read(Condition=FROM_VPC)))
    _block(server)
    for vpc, key, status in ((VPC, "init.sh", 200), (VPC, "other.sh", 403), ("vpc-other", "init.sh", 403)):
        server.vpc = vpc
        assert fetch(server, "GET", f"/scripts/{key}")[0] == status
    server.vpc = None
    status, body = fetch(server, "GET", "/scripts/init.sh")
    assert status == 403
    assert b"AccessDenied" in body
    server.vpc = VPC
    assert fetch(server, "PUT", "/scripts/init.sh", body=b"no")[0] == 403
    assert get(client(server, None)) == b"echo"


def test_deny_wins_also_over_the_owner(server: Oss) -> None:
    put(client(server))
    put_policy(server, policy(read(Effect="Deny", Condition={"StringNotEquals": {"acs:SourceVpc": [VPC]}})))
    assert refused(get, client(server)).message == "Access denied by bucket policy."
    server.vpc = VPC
    assert get(client(server)) == b"echo"
    put_policy(server, policy(read(Effect="Deny")))  # without a condition the owner is not meant
    assert get(client(server)) == b"echo"


def test_public_acls(server: Oss) -> None:
    put(client(server), acl="public-read")
    assert fetch(server, "GET", "/scripts/init.sh")[0] == 200
    _block(server)
    assert fetch(server, "GET", "/scripts/init.sh")[0] == 403
    assert refused(put, client(server), acl="public-read").code == "AccessDenied"
    acl = sdk.PutBucketAclRequest(bucket="scripts", acl="public-read")
    assert refused(client(server).put_bucket_acl, acl).message == "Put public bucket acl is not allowed"
