"""The OSS server of the lab, judged by the official SDK: what it accepts, refuses and keeps."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import alibabacloud_oss_v2 as sdk
import pytest
from alibabacloud_oss_v2.exceptions import OperationError, ServiceError
from tests.lab.servers.oss import Bucket, Key, Oss, Stored, oss

ACCOUNT = "1234567890123456"
OWNER = Key("LTAIowner", "owner-secret", ACCOUNT)
FOREIGN = Key("LTAIforeign", "foreign-secret", "9999999999999999")
USER = Key("LTAIuser", "user-secret", ACCOUNT, user="200000000000000001")
ROLE = replace(USER, id="STS.role", secret="role-secret", token="token-of-the-role")
VPC = "vpc-bp1aevy8sofi8mh1q0001"


@pytest.fixture
def server() -> Iterator[Oss]:
    buckets = {"scripts": Bucket(), "beijing": Bucket(region="cn-beijing")}
    with oss(keys=[OWNER, FOREIGN, USER, ROLE], buckets=buckets) as running:
        yield running


def client(server: Oss, key: Key | None = OWNER, region: str = "cn-hangzhou", **options: Any) -> sdk.Client:
    """The SDK; it tries once, where a test does not want its retries."""
    config = sdk.config.load_default()
    config.credentials_provider = (
        sdk.credentials.StaticCredentialsProvider(key.id, key.secret, key.token or None)
        if key
        else sdk.credentials.AnonymousCredentialsProvider()
    )
    config.region, config.endpoint, config.use_path_style = region, server.url, True
    config.retry_max_attempts = 1
    for name, value in options.items():
        setattr(config, name, value)
    return sdk.Client(config)


def put(by: sdk.Client, key: str = "init.sh", body: bytes = b"echo", bucket: str = "scripts", **more: Any) -> Any:
    return by.put_object(sdk.PutObjectRequest(bucket=bucket, key=key, body=body, **more))


def get(by: sdk.Client, key: str = "init.sh", bucket: str = "scripts") -> bytes:
    content: bytes = by.get_object(sdk.GetObjectRequest(bucket=bucket, key=key)).body.read()
    return content


def refused(call: Any, *arguments: Any, **named: Any) -> ServiceError:
    with pytest.raises(OperationError) as caught:
        call(*arguments, **named)
    error = caught.value.unwrap()
    assert isinstance(error, ServiceError), error
    return error


# Signatures


def test_an_object_comes_back_as_it_was_put(server: Oss) -> None:
    body = bytes(range(256)) * 300
    result = put(client(server), body=body, content_type="text/x-shellscript", metadata={"sha256": "abc"})
    assert get(client(server)) == body
    head = client(server).head_object(sdk.HeadObjectRequest(bucket="scripts", key="init.sh"))
    assert (head.content_length, head.content_type, head.metadata) == (76800, "text/x-shellscript", {"sha256": "abc"})
    assert head.object_type == "Normal"
    assert head.hash_crc64 == result.hash_crc64 == server.buckets["scripts"].objects["init.sh"].checksum
    assert [(line.operation, line.key, line.principal, line.status) for line in server.requests] == [
        ("PutObject", "init.sh", ACCOUNT, 200),
        ("GetObject", "init.sh", ACCOUNT, 200),
        ("HeadObject", "init.sh", ACCOUNT, 200),
    ]
    assert [line.operation for line in server.written] == ["PutObject"]


@pytest.mark.parametrize("key", ["a b", "a+b", "a?b", "a#b", "100%", "%2F", "节点.sh", "a//b", "~a'b(c)*:@&=,;!$"])
def test_odd_names_are_signed_alike(server: Oss, key: str) -> None:
    put(client(server), key, key.encode())
    assert get(client(server), key) == key.encode()
    assert list(server.buckets["scripts"].objects) == [key]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (replace(OWNER, secret="another"), "SignatureDoesNotMatch"),
        (replace(OWNER, id="LTAInobody"), "InvalidAccessKeyId"),
        (replace(OWNER, token="a-token"), "InvalidAccessKeyId"),
        (replace(ROLE, token=""), "InvalidAccessKeyId"),
        (replace(ROLE, token="another"), "InvalidSecurityToken"),
    ],
)
def test_wrong_keys_are_refused(server: Oss, key: Key, code: str) -> None:
    error = refused(put, client(server, key))
    assert (error.status_code, error.code) == (403, code)
    assert not server.buckets["scripts"].objects
    assert [(line.code, line.status, line.principal) for line in server.requests] == [(code, 403, "")]


def test_a_token_of_sts_ends(server: Oss) -> None:
    server.keys[ROLE.id] = replace(ROLE, policy=ALL, expires=datetime.now(UTC) + timedelta(hours=1))
    put(client(server, ROLE))
    server.keys[ROLE.id] = replace(ROLE, policy=ALL, expires=datetime.now(UTC))
    error = refused(put, client(server, ROLE))
    assert (error.status_code, error.code, error.ec) == (403, "SecurityTokenExpired", "0002-00000007")


@pytest.mark.parametrize(("minutes", "accepted"), [(14, True), (-14, True), (16, False), (-16, False)])
def test_a_clock_may_be_a_quarter_of_an_hour_off(server: Oss, minutes: int, accepted: bool) -> None:
    server.clock = lambda: datetime.now(UTC) + timedelta(minutes=minutes)
    if accepted:
        put(client(server))
    else:
        error = refused(put, client(server))
        assert (error.status_code, error.code) == (403, "RequestTimeTooSkewed")


def test_a_region_that_is_not_the_endpoints_is_refused(server: Oss) -> None:
    error = refused(put, client(server, region="cn-beijing"))
    assert (error.status_code, error.code, error.ec) == (400, "InvalidArgument", "0002-00000226")


def test_a_bucket_of_another_region_names_its_endpoint(server: Oss) -> None:
    error = refused(put, client(server), bucket="beijing")
    assert (error.status_code, error.code) == (403, "AccessDenied")
    assert error.error_fileds["Endpoint"] == "oss-cn-beijing.aliyuncs.com"
    info = client(server).get_bucket_info(sdk.GetBucketInfoRequest(bucket="beijing")).bucket_info
    assert (info.location, info.acl, info.owner.id) == ("oss-cn-beijing", "private", ACCOUNT)


def test_signed_urls(server: Oss) -> None:
    put(client(server))
    url = client(server).presign(sdk.GetObjectRequest(bucket="scripts", key="init.sh"), expires=timedelta(hours=1)).url
    assert _fetch(server, "GET", url) == (200, b"echo")
    assert _fetch(server, "PUT", url)[0] == 403
    assert _fetch(server, "GET", url.replace("init.sh", "other.sh"))[0] == 403
    assert _fetch(server, "GET", re.sub(r"x-oss-expires=\d+", "x-oss-expires=604801", url))[0] == 400
    server.clock = lambda: datetime.now(UTC) + timedelta(minutes=61)
    status, body = _fetch(server, "GET", url)
    assert status == 403
    assert b"Request has expired" in body
    assert not {"x-oss-signature", "x-oss-credential"} & {name for line in server.requests for name in line.query}


def test_signed_urls_of_a_role(server: Oss) -> None:
    server.keys[ROLE.id] = replace(ROLE, policy=ALL)
    put(client(server))
    request = sdk.GetObjectRequest(bucket="scripts", key="init.sh")
    url = client(server, ROLE).presign(request, expires=timedelta(hours=1)).url
    assert _fetch(server, "GET", url) == (200, b"echo")
    assert ROLE.token in url
    assert ROLE.token not in repr(server.requests)


def _fetch(server: Oss, method: str, url: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Any:
    split = urlsplit(url)
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
    connection.request(method, f"{split.path}?{split.query}".rstrip("?"), body, headers or {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


# The recipe of Alibaba's documents, written independently of the server: both sides must agree with the SDK


def signed(
    key: Key, method: str, path: str, headers: dict[str, str], additional: tuple[str, ...] = ()
) -> dict[str, str]:
    """``headers``, in lower case, with the signature V4 of the resource ``path``."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/cn-hangzhou/oss/aliyun_v4_request"
    headers = headers | {"x-oss-date": stamp, "x-oss-content-sha256": "UNSIGNED-PAYLOAD"}
    names = sorted(n for n in headers if n.startswith("x-oss-") or n in ("content-type", "content-md5", *additional))
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    canonical = f"{method}\n{quote(path)}\n\n{lines}\n{';'.join(additional)}\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    secret = f"aliyun_v4{key.secret}".encode()
    for part in scope.split("/"):
        secret = hmac.new(secret, part.encode(), "sha256").digest()
    text = f"OSS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    signature = hmac.new(secret, text.encode(), "sha256").hexdigest()
    extra = f",AdditionalHeaders={';'.join(additional)}" if additional else ""
    value = f"OSS4-HMAC-SHA256 Credential={key.id}/{scope}{extra},Signature={signature}"
    return headers | {"authorization": value}


def test_the_recipe_is_accepted_and_no_changed_header(server: Oss) -> None:
    headers = signed(OWNER, "PUT", "/scripts/a b.sh", {"content-type": "text/plain", "x-oss-meta-sha256": "1"})
    assert _fetch(server, "PUT", "/scripts/a%20b.sh", headers, b"echo")[0] == 200
    assert get(client(server), "a b.sh") == b"echo"
    for name, value in (("x-oss-meta-sha256", "2"), ("x-oss-meta-more", "1"), ("content-type", "text/html")):
        assert _fetch(server, "PUT", "/scripts/a%20b.sh", headers | {name: value}, b"no")[0] == 403
    assert _fetch(server, "DELETE", "/scripts/a%20b.sh", headers)[0] == 403
    assert get(client(server), "a b.sh") == b"echo"


def test_additional_headers_are_signed(server: Oss) -> None:
    headers = signed(
        OWNER, "PUT", "/scripts/a", {"host": "oss.lab", "cache-control": "no-cache"}, ("cache-control", "host")
    )
    assert _fetch(server, "PUT", "/scripts/a", headers)[0] == 200
    assert _fetch(server, "PUT", "/scripts/a", headers | {"cache-control": "max-age=1"})[0] == 403


def test_virtual_hosts(server: Oss) -> None:
    host = {"host": "scripts.oss-cn-hangzhou-internal.aliyuncs.com"}
    assert _fetch(server, "PUT", "/init.sh", signed(OWNER, "PUT", "/scripts/init.sh", host), b"echo")[0] == 200
    assert get(client(server)) == b"echo"
    behind_a_proxy = "http://scripts.oss-cn-hangzhou.aliyuncs.com/init.sh"
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    connection.request("GET", behind_a_proxy, headers=signed(OWNER, "GET", "/scripts/init.sh", {}))
    assert connection.getresponse().read() == b"echo"
    connection.close()


def test_tampered_bodies_are_refused(server: Oss) -> None:
    digest = "1B2M2Y8AsgTpgAmY7PhCfg=="  # of nothing
    for claimed in (digest, "dG9vIHNob3J0"):
        error = refused(put, client(server), content_md5=claimed)
        assert (error.status_code, error.code) == (400, "InvalidDigest")
    put(client(server), body=b"", content_md5=digest)


# What it keeps


def test_no_overwrite_when_it_is_forbidden(server: Oss) -> None:
    put(client(server), forbid_overwrite=True)
    error = refused(put, client(server), body=b"other", forbid_overwrite=True)
    assert (error.status_code, error.code) == (409, "FileAlreadyExists")
    assert get(client(server)) == b"echo"


def test_what_is_not_there(server: Oss) -> None:
    assert refused(get, client(server)).code == "NoSuchKey"
    head = sdk.HeadObjectRequest(bucket="scripts", key="init.sh")
    error = refused(client(server).head_object, head)
    assert (error.status_code, error.code) == (404, "NoSuchKey")
    assert refused(get, client(server), bucket="nowhere").code == "NoSuchBucket"
    assert refused(client(server).get_bucket_policy, sdk.GetBucketPolicyRequest(bucket="scripts")).code == (
        "NoSuchBucketPolicy"
    )


def test_encryption_and_acl_are_kept(server: Oss) -> None:
    put(client(server), server_side_encryption="KMS", server_side_encryption_key_id="key-1", acl="private")
    stored = server.buckets["scripts"].objects["init.sh"]
    assert stored.acl == "private"
    head = client(server).head_object(sdk.HeadObjectRequest(bucket="scripts", key="init.sh"))
    assert (head.server_side_encryption, head.server_side_encryption_key_id) == ("KMS", "key-1")


def test_lists_come_in_pages(server: Oss) -> None:
    keys = ["a.sh", "nodes/a", "nodes/b", "nodes/old/1", "nodes/old/2", "nodes/z 节点", "z"]
    server.buckets["scripts"].objects = {key: Stored(b"x") for key in keys}
    pages = client(server).list_objects_v2_paginator()

    def listed(**query: Any) -> list[Any]:
        request = sdk.ListObjectsV2Request(bucket="scripts", **query)
        found = list(pages.iter_page(request))
        return [
            [[item.key for item in page.contents or []], [item.prefix for item in page.common_prefixes or []]]
            for page in found
        ]

    assert listed(max_keys=3) == [[keys[:3], []], [keys[3:6], []], [keys[6:], []]]
    assert listed(prefix="nodes/", delimiter="/", max_keys=2) == [
        [["nodes/a", "nodes/b"], []],
        [["nodes/z 节点"], ["nodes/old/"]],
    ]


def test_a_bucket_and_who_owns_it(server: Oss) -> None:
    client(server).put_bucket(sdk.PutBucketRequest(bucket="new"))
    info = client(server).get_bucket_info(sdk.GetBucketInfoRequest(bucket="new")).bucket_info
    assert (info.owner.id, info.block_public_access, info.location) == (ACCOUNT, True, "oss-cn-hangzhou")
    error = refused(client(server, FOREIGN).put_bucket, sdk.PutBucketRequest(bucket="new"))
    assert (error.status_code, error.code) == (409, "BucketAlreadyExists")
    assert refused(put, client(server, FOREIGN), bucket="new").code == "AccessDenied"


# Who may

ALL = [{"Effect": "Allow", "Action": "oss:*", "Resource": "*"}]
ONE_KEY = f"acs:oss:*:{ACCOUNT}:scripts/init.sh"


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


def test_anybody_in_the_vpc_reads_one_key(server: Oss) -> None:
    put(client(server))
    put(client(server), "other.sh")
    put_policy(server, policy(read(Condition=FROM_VPC)))
    _block(server)
    for vpc, key, status in ((VPC, "init.sh", 200), (VPC, "other.sh", 403), ("vpc-other", "init.sh", 403)):
        server.vpc = vpc
        assert _fetch(server, "GET", f"/scripts/{key}")[0] == status
    server.vpc = None
    status, body = _fetch(server, "GET", "/scripts/init.sh")
    assert status == 403
    assert b"AccessDenied" in body
    server.vpc = VPC
    assert _fetch(server, "PUT", "/scripts/init.sh", body=b"no")[0] == 403
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
    assert _fetch(server, "GET", "/scripts/init.sh")[0] == 200
    _block(server)
    assert _fetch(server, "GET", "/scripts/init.sh")[0] == 403
    assert refused(put, client(server), acl="public-read").code == "AccessDenied"
    acl = sdk.PutBucketAclRequest(bucket="scripts", acl="public-read")
    assert refused(client(server).put_bucket_acl, acl).message == "Put public bucket acl is not allowed"


def test_the_log_holds_no_secret(server: Oss) -> None:
    server.keys[ROLE.id] = replace(ROLE, policy=ALL)
    put(client(server, ROLE))
    assert server.requests[0].headers["x-oss-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert "Signature" not in repr(server.requests)
    assert ROLE.token not in repr(server.requests)
