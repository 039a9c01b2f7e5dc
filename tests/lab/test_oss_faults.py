"""What goes wrong with the OSS server of the lab goes wrong as it was told, and is logged."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import alibabacloud_oss_v2 as sdk
import pytest
from alibabacloud_oss_v2.exceptions import InconsistentError, OperationError, RequestError, ResponseError, ServiceError
from requests.exceptions import ChunkedEncodingError
from tests.lab.oss_client import OWNER, client, get, put, refused
from tests.lab.servers.exchange import Fault, Reset, Silence, Truncate, html
from tests.lab.servers.oss import Bucket, Oss, oss, refusal, wrong_crc
from tests.lab.servers.oss_state import Line
from tests.lab.servers.process import LabError


@pytest.fixture
def server() -> Iterator[Oss]:
    with oss(keys=[OWNER], buckets={"scripts": Bucket()}) as running:
        yield running


def failed(call: Any, *arguments: Any, **named: Any) -> Exception:
    with pytest.raises(OperationError) as caught:
        call(*arguments, **named)
    error = caught.value.unwrap()
    assert isinstance(error, Exception)
    return error


@pytest.mark.parametrize(
    ("status", "code"), [(403, "AccessDenied"), (404, "NoSuchBucket"), (409, "FileAlreadyExists"), (503, "SlowDown")]
)
def test_an_answer_of_the_tests_choice(server: Oss, status: int, code: str) -> None:
    server.fault(refusal(status, code), operation="PutObject")
    error = refused(put, client(server))
    assert (error.status_code, error.code) == (status, code)
    assert not server.buckets["scripts"].objects
    assert [(line.status, line.fault) for line in server.requests] == [(status, "answered")]
    put(client(server))


def test_html_of_a_load_balancer(server: Oss) -> None:
    server.fault(html(502))
    error = refused(put, client(server))
    assert (error.status_code, error.code) == (502, "BadErrorResponse")


@pytest.mark.parametrize(
    ("fault", "stored", "kind"),
    [
        (Reset(), False, RequestError),
        (Reset(after=True), True, RequestError),
        (Silence(), False, ResponseError),
        (Silence(after=True), True, ResponseError),
        (Truncate(), True, RequestError),
        (wrong_crc(), True, InconsistentError),
    ],
)
def test_whether_it_was_stored(server: Oss, fault: Fault, stored: bool, kind: type[Exception]) -> None:
    server.fault(fault, when=lambda line: line.method == "PUT")
    patience = 0.3 if isinstance(fault, Silence) else 60
    error = failed(put, client(server, readwrite_timeout=patience))
    assert isinstance(error, kind), repr(error)
    assert bool(server.buckets["scripts"].objects) is stored
    assert server.requests[0].status == (200 if stored else 0)
    assert server.requests[0].fault
    put(client(server))


def test_an_object_that_ends_in_the_middle(server: Oss) -> None:
    put(client(server), body=b"x" * 1000)
    server.fault(Truncate(), operation="GetObject")
    with pytest.raises(ChunkedEncodingError):  # the SDK does not wrap what happens while a body is read
        get(client(server))
    assert len(get(client(server))) == 1000


def test_faults_meet_the_next_requests_that_fit(server: Oss) -> None:
    server.fault(refusal(503, "SlowDown"), times=2, key="b")
    put(client(server), "a")
    put(client(server, retry_max_attempts=3), "b")
    assert [(line.key, line.status) for line in server.requests] == [("a", 200), ("b", 503), ("b", 503), ("b", 200)]


_WRITER = """
import sys
from tests.lab.oss_client import OWNER, client, put
class Server:
    url = sys.argv[1]
for key in "abc":
    put(client(Server), key)
"""


@pytest.mark.parametrize(("moment", "stored"), [("before", ["a"]), ("after", ["a", "b"])])
def test_a_client_is_killed_at_any_request(server: Oss, moment: Literal["before", "after"], stored: list[str]) -> None:
    writer: subprocess.Popen[bytes]

    def kill(now: Literal["before", "after"], line: Line) -> bool:
        if (now, line.number) == (moment, 2):
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            return True
        return False

    server.hook = kill
    command = [sys.executable, "-c", _WRITER, server.url]
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": ":".join(sys.path)}) as writer:
        assert writer.wait(60) == -signal.SIGKILL
    assert list(server.buckets["scripts"].objects) == stored
    assert [line.fault for line in server.requests] == ["", "dropped"]


@pytest.mark.parametrize("head", ["content-length: 10\r\n\r\nhalf", "transfer-encoding: chunked\r\n\r\na\r\nhalf"])
def test_half_a_body_is_no_request(server: Oss, head: str) -> None:
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as connection:
        connection.sendall(f"PUT /scripts/a HTTP/1.1\r\nhost: oss.lab\r\n{head}".encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert not server.requests


def test_a_body_in_chunks(server: Oss) -> None:
    parts = (part for part in (b"ec", b"ho"))
    client(server).put_object(sdk.PutObjectRequest(bucket="scripts", key="init.sh", body=parts))
    assert get(client(server)) == b"echo"


def test_a_mistake_of_the_server_is_not_hidden() -> None:
    def broken(action: str, resource: str) -> bool:
        raise ZeroDivisionError

    key = replace(OWNER, user="2", policy=broken)
    with pytest.raises(LabError, match="ZeroDivisionError"), oss(keys=[key], buckets={"scripts": Bucket()}) as running:
        assert not isinstance(failed(put, client(running, key)), ServiceError)


def test_the_sdk_only_retries_what_may_pass(server: Oss) -> None:
    server.fault(refusal(403, "AccessDenied"), times=9)
    refused(client(server, retry_max_attempts=3).get_bucket_acl, sdk.GetBucketAclRequest(bucket="scripts"))
    assert len(server.requests) == 1
