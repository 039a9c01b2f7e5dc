"""Who sent a request: signature ACS3-HMAC-SHA256, which RAM, STS, CS, VPC and ECS have in common.

Canonical request: as alibabacloud-tea-openapi 0.4.6 signs (utils.py, get_authorization). Refusals as they were seen:
SignatureDoesNotMatch NewFuture/DDNS#57; InvalidAccessKeyId.NotFound honwen/aliyun-ddns-cli#24; InvalidTimeStamp.Expired
jeessy2/ddns-go#1291, after 15 minutes overtrue/laravel-mail-aliyun#4; SignatureNonceUsed, of VPC too,
aliyun/alibaba-cloud-sdk-go#39. InvalidAccessKeyId.Inactive, InvalidSecurityToken.*: AlibabaCloudDocs/ecs, FAQ of
faascmd. In which order the gateway looks is not established.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, quote, urlsplit

from tests.lab.servers.account import Account, Key
from tests.lab.servers.acs_words import RefusedError
from tests.lab.servers.exchange import Request

ALGORITHM = "ACS3-HMAC-SHA256"
_SKEW = timedelta(minutes=15)
_AUTHORIZATION = re.compile(
    ALGORITHM + r" Credential=(?P<key>[^,]+), ?SignedHeaders=(?P<signed>[^,]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


def authenticate(request: Request, account: Account) -> Key:
    """The key that signed ``request``, a little while ago and for the first time; raise RefusedError."""
    claim = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if claim is None:
        raise _missing("AccessKeyId")
    _in_time(request, account.clock())
    key = account.key(claim["key"])
    if key is None:
        raise RefusedError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    if not key.active:
        raise RefusedError(400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
    _signed(request, claim["signed"].split(";"), claim["signature"], key.secret)
    _token(request, key, account.clock())
    _once(request, account)
    key.used = account.clock()
    return key


def canonical(request: Request, signed: list[str]) -> str:
    """What is signed: method, path, query, headers, and the digest of the body."""
    url = urlsplit(request.target)
    pairs = sorted(parse_qsl(url.query, keep_blank_values=True))
    query = "&".join(f"{_quote(name)}={_quote(value)}" for name, value in pairs)
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in signed)
    digest = sha256(request.body).hexdigest()
    return "\n".join([request.method, url.path or "/", query, headers, ";".join(signed), digest])


def sign(text: str, secret: str) -> str:
    """The signature of a canonical request."""
    text = f"{ALGORITHM}\n{sha256(text.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()


def _quote(text: str) -> str:
    return quote(text, safe="-_.~")


def _in_time(request: Request, now: datetime) -> None:
    try:
        date = datetime.strptime(request.headers.get("x-acs-date", ""), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise _missing("Timestamp") from None
    if abs(now - date) > _SKEW:
        raise RefusedError(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")


def _signed(request: Request, signed: list[str], signature: str, secret: str) -> None:
    """The host, the type of the body and every x-acs-* must be signed: else whoever passes it on could change it."""
    names = {name for name in request.headers if name.startswith("x-acs-") or name in ("host", "content-type")}
    text = canonical(request, signed)
    digest = request.headers.get("x-acs-content-sha256")
    same = digest == sha256(request.body).hexdigest() and names <= set(signed)
    if not same or not hmac.compare_digest(signature, sign(text, secret)):
        message = "Specified signature is not matched with our calculation. server string to sign is:"
        raise RefusedError(400, "SignatureDoesNotMatch", message + f"{ALGORITHM}\n{sha256(text.encode()).hexdigest()}")


def _token(request: Request, key: Key, now: datetime) -> None:
    token = request.headers.get("x-acs-security-token", "")
    if key.token and not token:
        raise RefusedError(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
    if token != key.token:
        message = "Specified SecurityToken mismatch with the AccessKey."
        raise RefusedError(400, "InvalidSecurityToken.MismatchWithAccessKey", message)
    if key.expires and now >= key.expires:
        # 400 in AlibabaCloudDocs/ecs (faascmd FAQ), 403 on pages of DTS.
        raise RefusedError(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")


def _once(request: Request, account: Account) -> None:
    nonce = request.headers.get("x-acs-signature-nonce", "")
    if not nonce:
        raise _missing("SignatureNonce")
    if nonce in account.nonces:
        raise RefusedError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
    account.nonces.add(nonce)


def _missing(name: str) -> RefusedError:
    message = f'The input parameter "{name}" that is mandatory for processing this request is not supplied.'
    return RefusedError(400, "MissingParameter", message)
