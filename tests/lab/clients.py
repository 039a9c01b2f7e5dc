"""Clients of the verifying servers: the official SDK, and a signer of our own for what the SDK would never send."""

from __future__ import annotations

import hmac
import http.client
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions
from tests.lab.servers.account import Key
from tests.lab.servers.acs import Acs


class Refused(NamedTuple):
    """What the SDK raised."""

    status: int
    code: str
    data: Mapping[str, Any]


def config(server: Acs, key: Key) -> Any:
    """The configuration of an official client."""
    return Config(
        access_key_id=key.id,
        access_key_secret=key.secret,
        security_token=key.token or None,
        endpoint=server.endpoint,
        protocol="HTTP",
        region_id=server.region,
    )


def sdk(server: Acs, key: Key) -> Callable[..., Any]:
    """Calls by name through the SDK's generic client: ``call("GetUser", UserName="x")``."""
    client = Client(config(server, key))

    def call(action: str, **parameters: str) -> Any:
        params = Params(action, server.api.version, "HTTP", "/", "POST", "AK", "json", "formData", "RPC")
        return client.call_api(params, OpenApiRequest(query=parameters), RuntimeOptions())["body"]

    return call


def roa(server: Acs, key: Key) -> Callable[..., Any]:
    """Calls by path with a body as it stands, which the SDK's models would not send."""
    client = Client(config(server, key))

    def call(action: str, method: str, path: str, body: object = None) -> Any:
        params = Params(action, server.api.version, "HTTP", path, method, "AK", "json", "json", "ROA")
        return client.call_api(params, OpenApiRequest(body=body), RuntimeOptions())["body"]

    return call


def refused(call: Callable[[], object]) -> Refused:
    """What the SDK raises in place of an answer."""
    try:
        call()
    except AlibabaCloudException as error:
        return Refused(error.status_code, error.code, error.data)
    raise AssertionError("the call was answered")


class Signed(NamedTuple):
    """A request that may be changed after it was signed."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    def send(self, server: Acs) -> tuple[int, Any]:
        """Status, and the JSON that came."""
        connection = http.client.HTTPConnection(server.endpoint, timeout=10)
        try:
            connection.request(self.method, self.target, self.body, self.headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()


def signed(
    server: Acs,
    key: Key,
    action: str,
    parameters: Mapping[str, str] = MappingProxyType({}),
    *,
    when: datetime | None = None,
    form: bool = False,
) -> Signed:
    """A request by name, its parameters in the query or as a form, signed with nothing but the standard library."""
    body = urlencode(parameters).encode() if form else b""
    headers = {
        "host": server.endpoint,
        "x-acs-action": action,
        "x-acs-version": server.api.version,
        "x-acs-date": (when or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-content-sha256": sha256(body).hexdigest(),
    }
    headers |= {"x-acs-security-token": key.token} if key.token else {}
    headers |= {"content-type": "application/x-www-form-urlencoded"} if form else {}
    query = "&".join(f"{_quote(name)}={_quote(value)}" for name, value in sorted(parameters.items()) if not form)
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    text = "\n".join(["POST", "/", query, lines, ";".join(names), sha256(body).hexdigest()])
    text = f"ACS3-HMAC-SHA256\n{sha256(text.encode()).hexdigest()}"
    signature = hmac.new(key.secret.encode(), text.encode(), "sha256").hexdigest()
    credential = f"Credential={key.id},SignedHeaders={';'.join(names)},Signature={signature}"
    return Signed("POST", f"/?{query}", {**headers, "Authorization": f"ACS3-HMAC-SHA256 {credential}"}, body)


def _quote(text: str) -> str:
    return quote(text, safe="-_.~")
