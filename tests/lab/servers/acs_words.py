"""How these APIs write: JSON, and refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.lab.servers.exchange import Answer, Reply, Request

Json = dict[str, Any]


class RefusedError(Exception):
    """The service says no: status, code, message, and more that the body holds."""

    def __init__(self, status: int, code: str, message: str, **more: object) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message, self.more = status, code, message, more


def reply(status: int, content: object, **headers: str) -> Reply:
    """An answer in JSON."""
    return Reply(status, {"content-type": "application/json;charset=utf-8", **headers}, json.dumps(content).encode())


def error(refused: RefusedError, host: str, request_id: str) -> Json:
    """The body that the gateway and most services give: NewFuture/DDNS#57, acmesh-official/acme.sh#1898."""
    return {
        "RequestId": request_id,
        "HostId": host,
        "Code": refused.code,
        "Message": refused.message,
        "Recommend": f"https://api.aliyun.com/troubleshoot?q={refused.code}&requestId={request_id}",
        **refused.more,
    }


def error_of_cs(refused: RefusedError, host: str, request_id: str) -> Json:
    """The body of CS: https://www.alibabacloud.com/help/doc-detail/356611.html, a demo without the right."""
    more = {name[0].lower() + name[1:]: value for name, value in refused.more.items()}
    return {
        "code": refused.code,
        "message": refused.message,
        "requestId": request_id,
        "status": refused.status,
        **more,
    }


def refusal(status: int, code: str, message: str = "as the test wants it", **headers: str) -> Answer:
    """The fault of an error, in place of an answer: ``refusal(503, "ServiceUnavailable")``; only CS has paths."""
    refused = RefusedError(status, code, message)

    def make(request: Request) -> Reply:
        words = error if request.path == "/" else error_of_cs
        return reply(status, words(refused, request.host, "0" * 8), **headers)

    return Answer(make)


def throttled(seconds: int | None = None) -> Answer:
    """The fault of too many calls.

    With ``seconds`` the header that alibabacloud-tea-openapi 0.4.6 reads (utils.py, get_throttling_time_left).
    """
    headers = {} if seconds is None else {"x-acs-retry-after": str(seconds)}
    return refusal(429, "Throttling.User", "Request was denied due to user flow control.", **headers)


def wanted(parameters: Mapping[str, Any], name: str) -> str:
    """A parameter that must be there; raise RefusedError."""
    value = parameters.get(name)
    if value in (None, ""):
        # As the gateway has it of every parameter: MissingSecurityToken, MissingRegionId.
        raise RefusedError(400, f"Missing{name}", f"{name} is mandatory for this action.")
    return str(value)


def strings(parameters: Mapping[str, Any], name: str) -> list[str]:
    """A parameter that is a list of strings in JSON; raise RefusedError."""
    try:
        found = json.loads(parameters.get(name) or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise RefusedError(400, f"InvalidParameter.{name}", f"The specified value of {name} is not valid.")
    return found
