"""The OSS server of the lab, judged by the official SDK: whom it believes, and what it keeps."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import alibabacloud_oss_v2 as sdk
import pytest
from tests.lab.oss_client import ACCOUNT, ALL, FOREIGN, OWNER, ROLE, USER, client, fetch, get, put, refused
from tests.lab.servers.oss import Bucket, Key, Oss, Stored, oss


@pytest.fixture
def server() -> Iterator[Oss]:
    buckets = {"scripts": Bucket(), "beijing": Bucket(region="cn-beijing")}
    with oss(keys=[OWNER, FOREIGN, USER, ROLE], buckets=buckets) as running:
        yield running


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
    assert fetch(server, "GET", url) == (200, b"echo")
    assert fetch(server, "PUT", url)[0] == 403
    assert fetch(server, "GET", url.replace("init.sh", "other.sh"))[0] == 403
    assert fetch(server, "GET", re.sub(r"x-oss-expires=\d+", "x-oss-expires=604801", url))[0] == 400
    server.clock = lambda: datetime.now(UTC) + timedelta(minutes=61)
    status, body = fetch(server, "GET", url)
    assert status == 403
    assert b"Request has expired" in body
    assert not {"x-oss-signature", "x-oss-credential"} & {name for line in server.requests for name in line.query}


def test_signed_urls_of_a_role(server: Oss) -> None:
    server.keys[ROLE.id] = replace(ROLE, policy=ALL)
    put(client(server))
    request = sdk.GetObjectRequest(bucket="scripts", key="init.sh")
    url = client(server, ROLE).presign(request, expires=timedelta(hours=1)).url
    assert fetch(server, "GET", url) == (200, b"echo")
    assert ROLE.token in url
    assert ROLE.token not in repr(server.requests)


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
    assert fetch(server, "PUT", "/scripts/a%20b.sh", headers, b"echo")[0] == 200
    assert get(client(server), "a b.sh") == b"echo"
    for name, value in (("x-oss-meta-sha256", "2"), ("x-oss-meta-more", "1"), ("content-type", "text/html")):
        assert fetch(server, "PUT", "/scripts/a%20b.sh", headers | {name: value}, b"no")[0] == 403
    assert fetch(server, "DELETE", "/scripts/a%20b.sh", headers)[0] == 403
    assert get(client(server), "a b.sh") == b"echo"
    # V4 has no nonce: the same request again, even with another body, is one of the same client.
    assert fetch(server, "PUT", "/scripts/a%20b.sh", headers, b"replayed")[0] == 200


def test_additional_headers_are_signed(server: Oss) -> None:
    headers = signed(
        OWNER, "PUT", "/scripts/a", {"host": "oss.lab", "cache-control": "no-cache"}, ("cache-control", "host")
    )
    assert fetch(server, "PUT", "/scripts/a", headers)[0] == 200
    assert fetch(server, "PUT", "/scripts/a", headers | {"cache-control": "max-age=1"})[0] == 403


def test_virtual_hosts(server: Oss) -> None:
    host = {"host": "scripts.oss-cn-hangzhou-internal.aliyuncs.com"}
    assert fetch(server, "PUT", "/init.sh", signed(OWNER, "PUT", "/scripts/init.sh", host), b"echo")[0] == 200
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


def test_the_log_holds_no_secret(server: Oss) -> None:
    server.keys[ROLE.id] = replace(ROLE, policy=ALL)
    put(client(server, ROLE))
    assert server.requests[0].headers["x-oss-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert "Signature" not in repr(server.requests)
    assert ROLE.token not in repr(server.requests)
