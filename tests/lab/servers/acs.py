"""An API of Alibaba Cloud on loopback, behind the gateway that they share: signature, nonce, clock, and RAM's rights.

An API is a table: operations, what each does, and which resources RAM is asked about. ``with acs(api, account) as
server``: ``server.url``; ``server.requests``, a line each, without secrets; ``server.fault(...)`` for the next
requests; ``server.hook``, around every request. Used by ``ram.py``, ``sts.py``, ``cs.py``, ``vpc.py`` and ``ecs.py``.
"""

from __future__ import annotations

import json
import re
import string
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.lab.servers.account import Account, Key, Principal
from tests.lab.servers.acs_signature import authenticate
from tests.lab.servers.acs_words import Json, RefusedError, error, reply
from tests.lab.servers.exchange import Reply, Request, Seen
from tests.lab.servers.loopback import Running, loopback

_SECRET = re.compile(r"secret|password|(?<!next)token|kubeconfig", re.IGNORECASE)


@dataclass
class Line(Seen):
    """A request. ``operation`` is the name in the API; ``parameters`` those of query, form, path and JSON body."""

    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A call that is allowed. ``body`` is that of an API with paths."""

    account: Account
    principal: Principal
    key: Key
    parameters: Mapping[str, str]
    body: Any
    request_id: str

    def flag(self, name: str) -> bool:
        """A parameter that is true; the SDK writes ``True``."""
        return self.parameters.get(name, "").lower() == "true"


@dataclass(frozen=True)
class Operation:
    """What is done, and which resources RAM is asked about; without one everybody may. ``{Name}`` is a parameter."""

    do: Callable[[Call], Any]
    resources: tuple[str, ...] = ()
    action: str = ""
    """Of RAM, where it is not the operation's name."""


@dataclass(frozen=True)
class Api:
    """A service. An operation of an API with paths is found by ``paths``: ``("GET", "/clusters/{ClusterId}")``."""

    name: str
    host: str
    version: str
    operations: Mapping[str, Operation]
    denied: Callable[[str, str, Principal], RefusedError]
    """Of the action, the resource, and who asked."""
    paths: Mapping[tuple[str, str], str] = field(default_factory=dict)
    error: Callable[[RefusedError, str, str], Json] = error


class Acs(Running[Line]):
    """The running server."""

    def __init__(self, api: Api, account: Account, region: str) -> None:
        self.api, self.account, self.region = api, account, region

    @property
    def endpoint(self) -> str:
        """As the SDK takes it, which knows the protocol by itself."""
        return self.url.removeprefix("http://")

    @property
    def written(self) -> list[Line]:
        """The requests that changed something, or were to."""
        return [line for line in self.requests if not line.operation.startswith(("Get", "List", "Describe"))]

    def describe(self, request: Request) -> Line:
        operation, parameters = self._asked(request)
        body = _body(request)
        seen = {**parameters, **(body if isinstance(body, dict) else {} if body is None else {"body": body})}
        return Line(request.method, operation, parameters=_public(seen))

    def answer(self, request: Request, seen: Line) -> Reply:
        request_id = str(uuid.uuid4()).upper()
        try:
            content = self._do(request, seen, request_id)
        except RefusedError as refused:
            seen.code = refused.code
            answered = reply(refused.status, self.api.error(refused, self.api.host, request_id))
        else:
            content = content if self.api.paths else {"RequestId": request_id, **content}
            answered = reply(200, content) if content is not None else Reply(200)
        return Reply(answered.status, {**answered.headers, "x-acs-request-id": request_id}, answered.body)

    def _do(self, request: Request, seen: Line, request_id: str) -> Any:
        key = authenticate(request, self.account)
        seen.principal = str(key.principal)
        if request.headers.get("x-acs-version") != self.api.version:
            raise RefusedError(400, "InvalidVersion", "Specified parameter Version is not valid.")
        operation = self.api.operations.get(seen.operation)
        if operation is None:
            message = "Specified api is not found, please check your url and method."
            raise RefusedError(404, "InvalidAction.NotFound", message)
        _, parameters = self._asked(request)
        action = f"{self.api.name}:{operation.action or seen.operation}"
        for resource in operation.resources:
            self._allow(key.principal, action, self._arn(resource, parameters))
        return operation.do(Call(self.account, key.principal, key, parameters, _body(request), request_id))

    def _asked(self, request: Request) -> tuple[str, dict[str, str]]:
        """The operation and its parameters: by a header and in query and form, or by the path."""
        url = urlsplit(request.target)
        parameters = dict(parse_qsl(url.query, keep_blank_values=True))
        if not self.api.paths:
            if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
                parameters |= dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
            return request.headers.get("x-acs-action", ""), parameters
        for (method, path), operation in self.api.paths.items():
            found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path), url.path)
            if found and method == request.method:
                return operation, {**parameters, **{name: unquote(value) for name, value in found.groupdict().items()}}
        return f"{request.method} {url.path}", parameters

    def _arn(self, resource: str, parameters: Mapping[str, str]) -> str:
        values = {"account": self.account.id, "region": self.region}
        names = [name for _, name, _, _ in string.Formatter().parse(resource) if name]
        return resource.format_map({name: values.get(name) or parameters.get(name) or "*" for name in names})

    def _allow(self, principal: Principal, action: str, resource: str) -> None:
        verdict = self.account.verdict(principal, action, resource)
        if verdict != "Allow":
            refused = self.api.denied(action, resource, principal)
            refused.more["AccessDeniedDetail"] = self._detail(principal, action, verdict)
            raise refused

    def _detail(self, principal: Principal, action: str, verdict: str | None) -> Json:
        """https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-decodediagnosticmessage."""
        user = self.account.users.get(principal.name) if principal.kind == "User" else None
        return {
            "AuthAction": action,
            "AuthPrincipalDisplayName": user.id if user else f"{principal.name}:hybridc",
            "AuthPrincipalOwnerId": self.account.id,
            "AuthPrincipalType": "SubUser" if user else "AssumedRoleUser",
            "EncodedDiagnosticMessage": "AQEAAAAA",
            "NoPermissionType": "ExplicitDeny" if verdict == "Deny" else "ImplicitDeny",
            "PolicyType": "AccountLevelIdentityBasedPolicy",
        }


def forbidden(action: str, resource: str, principal: Principal) -> RefusedError:
    """Of ECS and VPC: acmesh-official/acme.sh#1898, and for ECS what ``ecs.py`` names."""
    message = "User not authorized to operate on the specified resource, or this API doesn't support RAM."
    return RefusedError(403, "Forbidden.RAM", message)


def _body(request: Request) -> Any:
    if not request.body or not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        return json.loads(request.body)
    except ValueError:
        return None


def _public(value: Any) -> Any:
    """The same without the values of names that are secret."""
    if isinstance(value, dict):
        return {name: "***" if _SECRET.search(name) else _public(item) for name, item in value.items()}
    return [_public(item) for item in value] if isinstance(value, list) else value


@contextmanager
def acs(api: Api, account: Account, region: str = "cn-hangzhou") -> Iterator[Acs]:
    """Run it until the block ends; raise LabError when the server itself made a mistake."""
    server = Acs(api, account, region)
    with loopback(server) as server.running:
        yield server
