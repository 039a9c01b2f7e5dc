"""What passes between a client and a service of the lab, what is logged of it, and what can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Literal, Protocol, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit


@dataclass(frozen=True)
class Request:
    """What arrived. ``target`` is as it was sent, names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def host(self) -> str:
        """The host that the client meant, without the port; behind a proxy it stands in the target."""
        host = self.headers.get("host", "") if self.target.startswith("/") else self._split.netloc
        return (urlsplit(f"//{host}").hostname or "").lower()

    @property
    def path(self) -> str:
        return unquote(self._split.path) or "/"

    @property
    def query(self) -> dict[str, str]:
        """Parameters, decoded: a plus is a plus here, as in every signature of Alibaba Cloud."""
        pairs = (pair.partition("=") for pair in self._split.query.split("&") if pair)
        return {unquote(name): unquote(value) for name, _, value in pairs}

    @property
    def _split(self) -> SplitResult:
        # A path may start with two slashes, and is no host then.
        return urlsplit(f"http://host{self.target}" if self.target.startswith("/") else self.target)


@dataclass(frozen=True)
class Reply:
    """An answer; Content-Length is added."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def wire(self, method: str) -> bytes:
        """All of it, to be sent in one write: two cost 40 ms, since the client's kernel delays its acknowledgement."""
        length = {} if self.status in (204, 304) else {"content-length": str(len(self.body))}
        lines = [f"{name}: {value}" for name, value in {**length, **self.headers}.items()]
        phrase = next((item.phrase for item in HTTPStatus if item == self.status), "")
        head = "\r\n".join([f"HTTP/1.1 {self.status} {phrase}", *lines, "", ""]).encode("latin-1")
        return head if method == "HEAD" else head + self.body


@dataclass
class Seen:
    """A line of the log, without secrets. ``status`` is what the service decided, 0 when it was never asked."""

    method: str
    operation: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    number: int = 0
    """From 1."""
    principal: str = ""
    status: int = 0
    code: str = ""
    fault: str = ""
    """The fault that the client met instead of, or after, the answer."""


Line = TypeVar("Line", bound=Seen)


class Service(Protocol[Line]):
    """What stands behind the socket."""

    def describe(self, request: Request) -> Line:
        """What is asked for; nothing is checked yet."""

    def answer(self, request: Request, seen: Line) -> Reply:
        """Do it, and complete ``seen``. Called by one thread at a time."""


@dataclass(frozen=True)
class Answer:
    """This instead of the service, which never sees the request."""

    make: Callable[[Request], Reply]


@dataclass(frozen=True)
class Change:
    """The service does its work, and the client gets another answer."""

    make: Callable[[Reply], Reply]


@dataclass(frozen=True)
class Reset:
    """The connection is reset: before the service sees the request, or after it did its work."""

    after: bool = False


@dataclass(frozen=True)
class Silence:
    """No answer until the client gives up; with ``after``, the work was done."""

    after: bool = False


@dataclass(frozen=True)
class Truncate:
    """The work is done, and the connection ends in the middle of the answer."""


Fault = Answer | Change | Reset | Silence | Truncate
Hook = Callable[[Literal["before", "after"], Line], bool]
"""Called around every request. True drops the connection: a client that was killed before this request sent none."""


def html(status: int = 502) -> Answer:
    """What a load balancer says for itself."""
    body = f"<html><head><title>{status}</title></head><body><center>Tengine</center></body></html>".encode()
    headers = {"server": "Tengine", "content-type": "text/html"}
    return Answer(lambda request: Reply(status, headers | {"date": formatdate(usegmt=True)}, body))
