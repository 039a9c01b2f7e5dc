"""An OSS server on loopback that verifies: signatures, permissions of RAM, bucket policies, and what it is sent.

``with oss(keys=[key], buckets={"scripts": Bucket()}) as server``: ``server.url`` for a client with path style, or a
proxy for one with virtual hosts; ``server.buckets`` is what it keeps, ``server.requests`` what it was asked, and
``server.fault(…)`` what goes wrong.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime

from tests.lab.servers import oss_buckets, oss_objects
from tests.lab.servers.exchange import Answer, Change, Reply, Request
from tests.lab.servers.loopback import Running, loopback
from tests.lab.servers.oss_access import allow
from tests.lab.servers.oss_signature import Key, authenticate
from tests.lab.servers.oss_state import Bucket, Call, Line, Operation, Stored
from tests.lab.servers.oss_words import RefusedError

__all__ = ["Bucket", "Key", "Oss", "Stored", "oss", "refusal", "wrong_crc"]

# It may be sent to any endpoint: https://www.alibabacloud.com/help/doc-detail/31968.html
_ANYWHERE = ("GetBucketInfo",)
_SUBRESOURCES = {name for _, name in (*oss_buckets.OPERATIONS, *oss_objects.OPERATIONS) if name}
_ENDPOINT = re.compile(
    r"(?:(?P<bucket>[^.]+)\.)?(?:oss-(?P<region>[a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com|localhost)"
)
_SECRET = ("x-oss-signature", "x-oss-credential", "x-oss-security-token")
_REMEMBERED = ("content-type", "content-md5", "x-oss-")


class Oss(Running[Line]):
    """The running server. ``vpc``: from which VPC the requests come; ``clock``: its time."""

    def __init__(self, keys: Sequence[Key], buckets: Mapping[str, Bucket], region: str) -> None:
        self.keys = {key.id: key for key in keys}
        self.buckets = dict(buckets)
        self.region = region
        self.vpc: str | None = None
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def written(self) -> list[Line]:
        """The requests that changed something, or were to."""
        return [line for line in self.requests if line.writes]

    def describe(self, request: Request) -> Line:
        """The line of the log for a request: no signature, no token."""
        bucket, key = _place(request)
        (operation, _) = _operation(request, bucket, key)
        query = {name: value for name, value in request.query.items() if name not in _SECRET}
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.startswith(_REMEMBERED) and name not in _SECRET
        }
        return Line(request.method, operation, query, headers, bucket=bucket, key=key)

    def answer(self, request: Request, seen: Line) -> Reply:
        """Verify, and do what is asked."""
        now = self.clock()
        try:
            return _complete(self._do(request, seen, now), now)
        except RefusedError as refused:
            seen.code = refused.code
            return _complete(refused.reply(request.method, request.headers.get("host", "")), now)

    def _do(self, request: Request, seen: Line, now: datetime) -> Reply:
        endpoint = _endpoint(request.host)
        region = (endpoint and endpoint["region"]) or self.region
        resource = f"/{seen.bucket}/{seen.key}" if seen.bucket else "/"
        key = authenticate(request, resource, self.keys, region, now)
        seen.principal = key.name if key else ""
        _, operation = _operation(request, seen.bucket, seen.key)
        if operation is None:
            raise RefusedError(501, "NotImplemented", "this server does not know the operation")
        # The name may be that of another account's bucket, which is no reason to refuse.
        bucket = None if seen.operation == "PutBucket" else _existing(self.buckets.get(seen.bucket), seen, region)
        allow(key, bucket, seen, bucket.region if bucket else region, self.vpc)
        return operation(Call(request, seen, self.buckets, key, region, now))


def _existing(bucket: Bucket | None, seen: Line, region: str) -> Bucket:
    """The bucket, if this endpoint has it."""
    if bucket is None:
        message = "The specified bucket does not exist."
        raise RefusedError(404, "NoSuchBucket", message, BucketName=seen.bucket)
    if bucket.region != region and seen.operation not in _ANYWHERE:
        # coderhaoxin/aliyun-oss#25, CQHui/oss_upload#2
        message = "The bucket you are attempting to access must be addressed using the specified endpoint."
        endpoint = f"oss-{bucket.region}.aliyuncs.com"
        message += " Please send all future requests to this endpoint."
        raise RefusedError(403, "AccessDenied", message, Bucket=seen.bucket, Endpoint=endpoint)
    return bucket


def _endpoint(host: str) -> re.Match[str] | None:
    return _ENDPOINT.fullmatch(host)


def _complete(reply: Reply, now: datetime) -> Reply:
    common = {"server": "AliyunOSS", "date": format_datetime(now, usegmt=True)}
    request_id = reply.headers.get("x-oss-request-id", secrets.token_hex(12).upper())
    return Reply(reply.status, {**common, "x-oss-request-id": request_id, **reply.headers}, reply.body)


def _place(request: Request) -> tuple[str, str]:
    """Bucket and key, either empty: of ``http://bucket.endpoint/key``, or of ``http://127.0.0.1/bucket/key``."""
    endpoint = _endpoint(request.host)
    if endpoint and endpoint["bucket"]:
        return endpoint["bucket"], request.path[1:]
    bucket, _, key = request.path[1:].partition("/")
    return bucket, key


def _operation(request: Request, bucket: str, key: str) -> tuple[str, Operation | None]:
    """The operation by its name in the API."""
    table = oss_objects.OPERATIONS if key else oss_buckets.OPERATIONS
    sub = next((name for name in request.query if name in _SUBRESOURCES), "")
    if not bucket or (request.method, sub) not in table:
        return f"{request.method} {sub}".strip(), None
    return table[request.method, sub]


def refusal(status: int, code: str, message: str = "as the test wants it", ec: str = "") -> Answer:
    """The fault of an error as OSS writes it, in place of an answer: ``refusal(503, "SlowDown")``."""
    refused = RefusedError(status, code, message, ec)

    def make(request: Request) -> Reply:
        return _complete(refused.reply(request.method, request.headers.get("host", "")), datetime.now(UTC))

    return Answer(make)


def wrong_crc() -> Change:
    """The fault of an object that is not what was sent, for a client that looks at the checksum."""
    return Change(lambda reply: Reply(reply.status, {**reply.headers, "x-oss-hash-crc64ecma": "1"}, reply.body))


@contextmanager
def oss(
    keys: Sequence[Key] = (), buckets: Mapping[str, Bucket] | None = None, region: str = "cn-hangzhou"
) -> Iterator[Oss]:
    """Run it until the block ends; raise LabError when the server itself made a mistake."""
    server = Oss(keys, buckets or {}, region)
    with loopback(server) as server.running:
        yield server
