"""The official SDK as the client of the lab's OSS server, and a request without any SDK."""

from __future__ import annotations

import http.client
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import alibabacloud_oss_v2 as sdk
import pytest
from alibabacloud_oss_v2.exceptions import OperationError, ServiceError
from tests.lab.servers.oss import Key, Oss

ACCOUNT = "1234567890123456"
OWNER = Key("LTAIowner", "owner-secret", ACCOUNT)
FOREIGN = Key("LTAIforeign", "foreign-secret", "9999999999999999")
USER = Key("LTAIuser", "user-secret", ACCOUNT, user="200000000000000001")
ROLE = replace(USER, id="STS.role", secret="role-secret", token="token-of-the-role")
VPC = "vpc-bp1aevy8sofi8mh1q0001"
ALL = [{"Effect": "Allow", "Action": "oss:*", "Resource": "*"}]
"""A policy of RAM that grants everything."""


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


def fetch(server: Oss, method: str, url: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Any:
    split = urlsplit(url)
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
    connection.request(method, f"{split.path}?{split.query}".rstrip("?"), body, headers or {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content
