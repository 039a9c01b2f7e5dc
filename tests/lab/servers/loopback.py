"""A service on 127.0.0.1 that a test looks into: it logs every request, and fails as it is told.

Whoever writes a service gives two functions: what a request asks for, and the answer to it. A fault stands between
them and the client: one before the service sees the request, or one after it did its work.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Generic, Literal

from tests.lab.servers.exchange import (
    Answer,
    Change,
    Fault,
    Hook,
    Line,
    Reply,
    Request,
    Reset,
    Seen,
    Service,
    Silence,
    Truncate,
)
from tests.lab.servers.ports import free_ports
from tests.lab.servers.process import LabError


@dataclass(frozen=True)
class _Outcome:
    """What is sent, and whether the connection ends then."""

    data: bytes = b""
    ends: Literal["", "close", "reset"] = ""


@dataclass
class _Due(Generic[Line]):
    fault: Fault
    times: int
    when: Callable[[Line], bool]


class Loopback(Generic[Line]):
    """A running service: ``url``, ``requests``, and the faults to come."""

    def __init__(self, service: Service[Line], port: int) -> None:
        self.service = service
        self.url = f"http://127.0.0.1:{port}"
        self.requests: list[Line] = []
        self.hook: Hook[Line] | None = None
        self.errors: list[str] = []
        self.stopping = threading.Event()
        self._due: list[_Due[Line]] = []
        self._lock = threading.RLock()

    def fault(self, fault: Fault, times: int = 1, when: Callable[[Line], bool] | None = None, **equal: object) -> None:
        """The next ``times`` requests meet it whose line has these values (``operation=…``) and fits ``when``."""

        def fits(seen: Line) -> bool:
            return all(getattr(seen, name) == value for name, value in equal.items()) and (not when or when(seen))

        self._due.append(_Due(fault, times, fits))

    def serve(self, request: Request, connection: socket.socket) -> _Outcome:
        """What becomes of a request; blocks as long as a client is to wait."""
        with self._lock:
            seen = self.service.describe(request)
            seen.number = len(self.requests) + 1
            self.requests.append(seen)
        if self.hook and self.hook("before", seen):
            return _dropped(seen)
        fault = self._take(seen)
        if isinstance(fault, Answer):
            reply = fault.make(request)
            seen.status, seen.fault = reply.status, "answered"
            return _Outcome(reply.wire(request.method))
        if isinstance(fault, Reset | Silence) and not fault.after:
            return self._end(fault, seen, connection)
        with self._lock:
            reply = self.service.answer(request, seen)
            seen.status = reply.status
        if self.hook and self.hook("after", seen):
            return _dropped(seen)
        return self._after(fault, request, reply, seen, connection)

    def _take(self, seen: Line) -> Fault | None:
        with self._lock:
            for due in self._due:
                if due.times > 0 and due.when(seen):
                    due.times -= 1
                    return due.fault
        return None

    def _after(
        self, fault: Fault | None, request: Request, reply: Reply, seen: Line, connection: socket.socket
    ) -> _Outcome:
        if isinstance(fault, Reset | Silence):
            return self._end(fault, seen, connection)
        if isinstance(fault, Truncate):
            seen.fault = "truncated"
            whole = reply.wire(request.method)
            # An answer without a body must end in its first line: clients take half a head for a whole one.
            return _Outcome(whole[: -(len(reply.body) + 1) // 2] if reply.body else whole[:8], "close")
        if isinstance(fault, Change):
            seen.fault = "changed"
            reply = fault.make(reply)
        return _Outcome(reply.wire(request.method))

    def _end(self, fault: Reset | Silence, seen: Line, connection: socket.socket) -> _Outcome:
        seen.fault = type(fault).__name__.lower()
        while isinstance(fault, Silence) and not self.stopping.is_set() and not _hung_up(connection):
            pass
        return _Outcome(ends="reset")


class Running(Generic[Line]):
    """What a test sees of a service that is running."""

    running: Loopback[Line]

    @property
    def url(self) -> str:
        return self.running.url

    @property
    def requests(self) -> list[Line]:
        return self.running.requests

    @property
    def hook(self) -> Hook[Line] | None:
        """Asked before and after each request; true drops the connection."""
        return self.running.hook

    @hook.setter
    def hook(self, hook: Hook[Line] | None) -> None:
        self.running.hook = hook

    def fault(self, fault: Fault, times: int = 1, when: Callable[[Line], bool] | None = None, **equal: object) -> None:
        """The next ``times`` requests meet ``fault`` whose lines fit: ``operation="CreatePolicy"``, ``method=``, …"""
        self.running.fault(fault, times, when, **equal)


def _dropped(seen: Seen) -> _Outcome:
    seen.fault = "dropped"
    return _Outcome(ends="reset")


def _hung_up(connection: socket.socket) -> bool:
    """Whether the client closed; waits a little for it."""
    readable, _, _ = select.select([connection], [], [], 0.05)
    with suppress(OSError):
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    return True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _any(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self._body(headers)
        if body is None:
            self.close_connection = True
            return
        request = Request(self.command, self.path, headers, body)
        outcome = self.server.loopback.serve(request, self.connection)
        self.connection.sendall(outcome.data)
        self.close_connection |= bool(outcome.ends)
        if outcome.ends == "reset":
            # Closing is a reset then, and not the end of a stream.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_OPTIONS = _any  # noqa: N815

    def _body(self, headers: Mapping[str, str]) -> bytes | None:
        """All of it, or None when the client ended first: half a body is no request."""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks()
        length = int(headers.get("content-length") or 0)
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def _chunks(self) -> bytes | None:
        body = b""
        while line := self.rfile.readline():
            size = int(line.split(b";")[0], 16)
            chunk = self.rfile.read(size + 2)
            if len(chunk) < size + 2:
                return None
            body += chunk[:-2]
            if size == 0:
                return body
        return None

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The log is data: Loopback.requests."""


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, port: int, loopback: Loopback[Line]) -> None:
        self.loopback = loopback
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        self.open.discard(request)
        self.close_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client may go at any time; what else goes wrong is a mistake of the service, and ends the test."""
        words = traceback.format_exc()
        if not any(name in words for name in ("ConnectionResetError", "BrokenPipeError")):
            self.loopback.errors.append(words)

    def hang_up(self) -> None:
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def loopback(service: Service[Line]) -> Iterator[Loopback[Line]]:
    """Serve on a free port of 127.0.0.1 until the block ends; raise LabError when the service itself failed."""
    (port,) = free_ports(1)
    running = Loopback(service, port)
    server = _Server(port, running)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name=running.url)
    thread.start()
    try:
        yield running
    finally:
        running.stopping.set()
        server.shutdown()
        server.hang_up()
        server.server_close()
        thread.join()
    if running.errors:
        raise LabError("\n".join(running.errors))
