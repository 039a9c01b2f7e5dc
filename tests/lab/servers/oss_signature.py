"""Who sent a request to OSS: signature V4, in a header or in the URL; keys of accounts, RAM users, and of STS.

https://www.alibabacloud.com/help/en/oss/developer-reference/recommend-to-use-signature-version-4. V4 has no nonce:
whoever repeats a request within 15 minutes is the same to OSS, and so it is here. ACS3, of the other services, has one.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from tests.lab.servers.exchange import Request
from tests.lab.servers.oss_words import RefusedError

ALGORITHM = "OSS4-HMAC-SHA256"
_UNSIGNED = "UNSIGNED-PAYLOAD"
_SKEW = timedelta(minutes=15)
_LONGEST = 604800
Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Key:
    """An access key. Without ``user`` it is that of the account itself, which may do everything in it.

    ``policy`` is what RAM grants the user: statements, or a function of action and resource. With ``token`` it is a
    key of STS, until ``expires``.
    """

    id: str
    secret: str
    account: str
    user: str = ""
    policy: Sequence[Statement] | Callable[[str, str], bool] = ()
    token: str = ""
    expires: datetime | None = None

    @property
    def name(self) -> str:
        return f"{self.account}/{self.user}" if self.user else self.account


@dataclass(frozen=True)
class _Claim:
    """What a signed request says of itself. ``expires``: seconds, of a signed URL."""

    key_id: str
    day: str
    region: str
    product: str
    additional: tuple[str, ...]
    signature: str
    date: str
    token: str
    expires: str | None = None

    @property
    def scope(self) -> str:
        return f"{self.day}/{self.region}/{self.product}/aliyun_v4_request"


def authenticate(request: Request, resource: str, keys: Mapping[str, Key], region: str, now: datetime) -> Key | None:
    """The key that signed ``request`` for ``resource`` (``/bucket/key``), None for nobody; raise RefusedError."""
    claim = _claim(request)
    if claim is None:
        return None
    _scope(claim, region)
    key = _key(claim, keys)
    _time(claim, now)
    if not hmac.compare_digest(claim.signature, sign(request, resource, key.secret, claim)):
        raise _does_not_match(claim)
    if key.expires and now >= key.expires:
        # https://developer.aliyun.com/ask/553273, https://www.alibabacloud.com/help/en/oss/support/0002-00000007
        raise RefusedError(403, "SecurityTokenExpired", "The security token you provided has expired.", "0002-00000007")
    return key


def sign(request: Request, resource: str, secret: str, claim: _Claim) -> str:
    """The signature that ``secret`` gives this request."""
    signed = ("content-type", "content-md5", *claim.additional)
    headers = "".join(
        f"{name}:{value.strip()}\n"
        for name, value in sorted(request.headers.items())
        if name.startswith("x-oss-") or name in signed
    )
    pairs = sorted((_quote(name), _quote(value)) for name, value in request.query.items() if name != "x-oss-signature")
    query = "&".join(f"{name}={value}" if value else name for name, value in pairs)
    parts = (request.method, quote(resource, safe="-_.~/"), query, headers, ";".join(claim.additional), _UNSIGNED)
    digest = sha256("\n".join(parts).encode()).hexdigest()
    key = f"aliyun_v4{secret}".encode()
    for part in claim.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, f"{ALGORITHM}\n{claim.date}\n{claim.scope}\n{digest}".encode(), "sha256").hexdigest()


def _quote(text: str) -> str:
    return quote(text, safe="-_.~")


def _claim(request: Request) -> _Claim | None:
    query = request.query
    if "x-oss-signature" in query:
        fields = {name: query.get(f"x-oss-{name}", "") for name in ("credential", "additional-headers", "signature")}
        claim = _parsed(fields["credential"], fields["additional-headers"], fields["signature"])
        token, expires = query.get("x-oss-security-token", ""), query.get("x-oss-expires", "")
        return replace(claim, date=query.get("x-oss-date", ""), token=token, expires=expires)
    if not (header := request.headers.get("authorization", "")):
        return None
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise RefusedError(400, "InvalidArgument", f"this server takes {ALGORITHM} only: V1 is closed to new accounts")
    if request.headers.get("x-oss-content-sha256") != _UNSIGNED:
        raise RefusedError(400, "InvalidArgument", "x-oss-content-sha256 must be UNSIGNED-PAYLOAD")
    parts = dict(item.strip().partition("=")[::2] for item in rest.split(","))
    claim = _parsed(parts.get("Credential", ""), parts.get("AdditionalHeaders", ""), parts.get("Signature", ""))
    token = request.headers.get("x-oss-security-token", "")
    return replace(claim, date=request.headers.get("x-oss-date", ""), token=token)


def _parsed(credential: str, additional: str, signature: str) -> _Claim:
    parts = credential.split("/")
    if len(parts) != 5 or parts[4] != "aliyun_v4_request":
        # https://www.alibabacloud.com/help/en/oss/user-guide/0002-00000213
        raise RefusedError(400, "InvalidArgument", "Invalid credential in Authorization header.", "0002-00000213")
    names = tuple(sorted(name for name in additional.lower().split(";") if name))
    return _Claim(parts[0], parts[1], parts[2], parts[3], names, signature, "", "")


def _scope(claim: _Claim, region: str) -> None:
    """aliyun/alibabacloud-oss-go-sdk-v2#29 (region), aliyun/alibabacloud-oss-python-sdk-v2#74 (product)."""
    if claim.region != region:
        message = "Invalid signing region in Authorization header."
        raise RefusedError(400, "InvalidArgument", message, "0002-00000226")
    if claim.product != "oss":
        message = "Invalid signing product in Authorization header."
        raise RefusedError(400, "InvalidArgument", message, "0002-00000227")


def _key(claim: _Claim, keys: Mapping[str, Key]) -> Key:
    key = keys.get(claim.key_id)
    message = "The OSS Access Key Id you provided does not exist in our records."
    if key is None:
        # https://www.alibabacloud.com/help/en/oss/support/0002-00000902
        raise RefusedError(403, "InvalidAccessKeyId", message, "0002-00000902", OSSAccessKeyId=claim.key_id)
    if bool(key.token) != bool(claim.token):
        # The key of a user with a token, or that of STS without: https://help.aliyun.com/zh/oss/support/0002-00000002
        raise RefusedError(403, "InvalidAccessKeyId", message, "0002-00000002", OSSAccessKeyId=claim.key_id)
    if key.token != claim.token:
        # https://www.alibabacloud.com/help/en/oss/support/0002-00000006
        message = "The security token you provided is invalid."
        raise RefusedError(403, "InvalidSecurityToken", message, "0002-00000006")
    return key


def _time(claim: _Claim, now: datetime) -> None:
    try:
        date = datetime.strptime(claim.date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        # https://alibabacloud.com/help/en/oss/support/0002-00000505
        message = "OSS authentication requires a valid Date."
        raise RefusedError(403, "AccessDenied", message, "0002-00000505") from None
    if claim.day != claim.date[:8]:
        raise RefusedError(400, "InvalidArgument", "Invalid signing date in Authorization header.")
    if claim.expires is not None:
        _lifetime(claim, date, now)
    elif abs(now - date) > _SKEW:
        # https://www.alibabacloud.com/help/en/oss/support/0002-00000504
        message = "The difference between the request time and the current time is too large."
        raise RefusedError(403, "RequestTimeTooSkewed", message, "0002-00000504", ServerTime=_stamp(now))


def _lifetime(claim: _Claim, date: datetime, now: datetime) -> None:
    """Of a signed URL: 1 s to 7 days, from 15 minutes before its date on (0002-00000232, 0002-00000235)."""
    if not claim.expires or not claim.expires.isdecimal() or not 1 <= int(claim.expires) <= _LONGEST:
        raise RefusedError(400, "InvalidArgument", "x-oss-expires must be from 1 to 604800.", "0002-00000232")
    if date - now > _SKEW:
        raise RefusedError(403, "AccessDenied", "Request is not valid yet.", "0002-00000235")
    end = date + timedelta(seconds=int(claim.expires))
    if now > end:
        # johnlui/AliyunOSS#20
        raise RefusedError(403, "AccessDenied", "Request has expired.", Expires=_stamp(end), ServerTime=_stamp(now))


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _does_not_match(claim: _Claim) -> RefusedError:
    """https://www.alibabacloud.com/help/doc-detail/108790.htm; the code is that of V1 there, of V4 none is shown."""
    message = (
        "The request signature we calculated does not match the signature you provided. Check your key and signing"
    )
    elements = {"OSSAccessKeyId": claim.key_id, "SignatureProvided": claim.signature}
    return RefusedError(403, "SignatureDoesNotMatch", f"{message} method.", **elements)
