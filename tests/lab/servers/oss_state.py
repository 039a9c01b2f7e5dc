"""What OSS keeps: buckets and objects; and one call of its API."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.lab.servers.exchange import Reply, Request, Seen
from tests.lab.servers.oss_policy import Policy
from tests.lab.servers.oss_signature import Key
from tests.lab.servers.oss_words import Content, xml

READABLE = ("public-read", "public-read-write")
"""ACLs with which everybody may read."""


def _table() -> list[int]:
    table = []
    for number in range(256):
        for _ in range(8):
            number = number >> 1 ^ (0xC96C5795D7870F42 if number & 1 else 0)
        table.append(number)
    return table


_TABLE = _table()


def crc64(data: bytes) -> int:
    """CRC-64/XZ, the ECMA-182 polynomial reflected: what x-oss-hash-crc64ecma holds."""
    value = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        value = _TABLE[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True)
class Stored:
    """An object. ``headers``: Content-Type, x-oss-meta-*, encryption, …, as GetObject gives them back."""

    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    acl: str = "default"
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.data, usedforsecurity=False).hexdigest().upper()}"'

    @property
    def md5(self) -> str:
        return b64encode(hashlib.md5(self.data, usedforsecurity=False).digest()).decode()

    @property
    def checksum(self) -> str:
        return str(crc64(self.data))


@dataclass
class Bucket:
    """A bucket. ``blocked`` is Block Public Access, ``owner`` the account."""

    region: str = "cn-hangzhou"
    owner: str = "1234567890123456"
    acl: str = "private"
    blocked: bool = False
    policy: Policy | None = None
    objects: dict[str, Stored] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass
class Line(Seen):
    """A request to OSS: ``operation`` is the name in its API, ``PutObject``."""

    bucket: str = ""
    key: str = ""

    @property
    def writes(self) -> bool:
        """Whether it was meant to change something."""
        return self.operation.startswith(("Put", "Delete"))


@dataclass(frozen=True)
class Call:
    """An operation that is allowed. ``buckets``: those of the whole service."""

    request: Request
    line: Line
    buckets: dict[str, Bucket]
    key: Key | None
    region: str
    now: datetime

    @property
    def bucket(self) -> Bucket:
        return self.buckets[self.line.bucket]

    def xml(self, name: str, content: Content) -> Reply:
        return Reply(200, {"content-type": "application/xml"}, xml(name, content))


Operation = Callable[[Call], Reply]
