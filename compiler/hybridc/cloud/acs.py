"""Requests to the APIs of Alibaba Cloud that are signed with ACS3: RAM, STS, CS (ACK), VPC, ECS.

Through the clients of the official packages (alibabacloud_ram20150501 1.3.0, alibabacloud_cs20151215 7.2.3, and their
ground alibabacloud_tea_openapi 0.4.6): their endpoints, their signature, their transport. Not through their models:
those of CS send an empty list for every list that is not set, and an answer is plain data here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from hybridc.catalog.api import SERVICES
from hybridc.cloud import trouble
from hybridc.cloud.endpoints import Endpoint, of
from hybridc.cloud.identity import Identity, missing_extra
from hybridc.cloud.patience import Deadline, patient
from hybridc.cloud.trouble import Trouble

Answer = dict[str, Any]


class Request(NamedTuple):
    """A call: its name, ``RPC`` or ``ROA``, method, path and query; ``body`` is sent as JSON, as it stands."""

    call: str
    style: str
    method: str
    path: str
    query: Mapping[str, str] = {}
    body: Any = None


def ack(call: str, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None) -> Request:
    """A call of ACK (CS) by method and path."""
    return Request(call, "ROA", method, path, query or {}, body)


class Acs:
    """Calls of one identity in one region, within one deadline."""

    def __init__(
        self, identity: Identity, region: str, deadline: Deadline, endpoints: Mapping[str, Endpoint] | None = None
    ) -> None:
        self.identity = identity
        self.region = region
        self.deadline = deadline
        self._endpoints = endpoints or {}
        self._clients: dict[str, Any] = {}

    def rpc(self, service: str, call: str, parameters: Mapping[str, str], *, again: bool = True) -> Answer:
        """A call by name, with parameters as the API spells them.

        ``again``: it may be sent twice without a look between. Raises :class:`Trouble`.
        """
        found: Answer = self._call(service, Request(call, "RPC", "POST", "/", dict(parameters)), again=again)
        return found

    def roa(self, request: Request, *, again: bool = True) -> Any:
        """A call of ACK (CS); ``again`` as with :meth:`rpc`. Raises :class:`Trouble`."""
        return self._call("cs", request, again=again)

    def _call(self, service: str, request: Request, *, again: bool) -> Any:
        try:
            from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
        except ImportError:
            raise missing_extra() from None
        params = Params(
            action=request.call,
            version=SERVICES[service].version,
            protocol=self._protocol(service).upper(),
            pathname=request.path,
            method=request.method,
            auth_type="AK",
            style=request.style,
            req_body_type="json",
            body_type="string",
        )
        sent = OpenApiRequest(query=dict(request.query), body=request.body)
        return patient(lambda: self._once(service, request.call, params, sent), self.deadline, again=again)

    def _protocol(self, service: str) -> str:
        given = of(self._endpoints, service)
        return "https" if given is None else given.protocol

    def _once(self, service: str, call: str, params: Any, request: Any) -> Any:
        from darabonba.runtime import RuntimeOptions

        connect, read = self.deadline.timeouts(service, call)
        runtime = RuntimeOptions(connect_timeout=max(1, int(connect * 1000)), read_timeout=max(1, int(read * 1000)))
        try:
            client = self._client(service)
            with _without_proxy(f"{params.protocol.lower()}://{client._endpoint}"):
                answer = client.call_api(params, request, runtime)
        except Trouble:
            raise
        except Exception as error:
            raise self._in_words(service, call, error) from None
        return self._data(service, call, answer)

    def _data(self, service: str, call: str, answer: Any) -> Any:
        status, text = int(answer["statusCode"]), answer["body"] or ""
        if status >= 300:
            raise trouble.strange(service, call, f"{status}, another address", status)
        if not text.strip():
            return {}
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise trouble.strange(service, call, "no JSON", status) from None

    def _in_words(self, service: str, call: str, error: Exception) -> Trouble:
        """The trouble of an exception of the packages, whose texts hold URLs and answers."""
        inner = getattr(error, "inner_exception", None) or error
        status, code = getattr(inner, "status_code", None) or 0, str(getattr(inner, "code", None) or "")
        if status:
            clean = self.identity.clean(_message(inner))
            return trouble.refused(service, call, int(status), code, clean, action=_missing_action(inner))
        if type(inner).__name__ in ("RetryError", "RequiredArgumentException") or isinstance(inner, OSError):
            return trouble.broken(service, call, self.identity.clean(trouble.reason(str(inner))))
        if isinstance(inner, ValueError):
            return trouble.strange(service, call, "no JSON")
        return trouble.broken(service, call, f"{type(inner).__name__}")

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = _made(service, self.identity, self.region, of(self._endpoints, service))
        return self._clients[service]


def _made(service: str, identity: Identity, region: str, endpoint: Endpoint | None) -> Any:
    from importlib import import_module

    api = SERVICES[service]
    try:
        from alibabacloud_tea_openapi.utils_models import Config

        client = import_module(f"{api.client or 'alibabacloud_tea_openapi'}.client").Client
    except ImportError:
        raise missing_extra() from None
    host = endpoint.host if endpoint is not None else api.host.format(region) or None
    return client(Config(credential=identity.chain, region_id=region, endpoint=host, user_agent="hybridc"))


@contextmanager
def _without_proxy(url: str) -> Iterator[None]:
    """NO_PROXY obeyed: the transport of the packages reads HTTP_PROXY and HTTPS_PROXY only (darabonba-core 1.0.9)."""
    from requests.utils import should_bypass_proxies

    names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")
    hidden = (
        {name: os.environ.pop(name) for name in names if name in os.environ} if should_bypass_proxies(url, None) else {}
    )
    try:
        yield
    finally:
        os.environ.update(hidden)


def _message(error: Any) -> str:
    """What the service says: without the number and the request id that the package puts around it."""
    data = error.data if isinstance(error.data, Mapping) else {}
    return str(data.get("Message") or data.get("message") or error.message)


def _missing_action(error: Any) -> str:
    detail = getattr(error, "access_denied_detail", None) or {}
    return str(detail.get("AuthAction") or "") if isinstance(detail, Mapping) else ""
