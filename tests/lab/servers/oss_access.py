"""Who may do what in OSS: RAM, the bucket's policy, ACLs and Block Public Access, put together.

Deny first, then whoever allows: https://help.aliyun.com/en/oss/user-guide/bucket-policy/
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.lab.servers.oss_policy import effect, is_public, meant
from tests.lab.servers.oss_signature import Key, Statement
from tests.lab.servers.oss_state import READABLE, Bucket, Line
from tests.lab.servers.oss_words import RefusedError

# https://www.alibabacloud.com/help/en/oss/user-guide/ram-policy-overview: the others are called like the operation.
_ACTIONS = {"ListObjectsV2": "ListObjects", "HeadObject": "GetObject"}


def allow(key: Key | None, bucket: Bucket | None, line: Line, region: str, vpc: str | None) -> None:
    """Return when ``key`` (None: anonymous) may do it; raise RefusedError. ``bucket`` is None for one to be made."""
    owner = bucket.owner if bucket else key.account if key else ""
    resource = f"acs:oss:oss-{region}:{owner}:{line.bucket}" + (f"/{line.key}" if line.key else "")
    context = {"acs:SourceIp": "127.0.0.1", "acs:SecureTransport": "false"}
    context |= {"oss:Prefix": line.query.get("prefix", ""), "oss:Delimiter": line.query.get("delimiter", "")}
    context |= {"acs:SourceVpc": vpc} if vpc else {}
    context |= {"acs:AccessId": key.id} if key else {}
    public = bucket is not None and _by_acl(bucket, line)
    for action in _actions(line):
        ram = _by_ram(key, owner, action, resource, context)
        policy = effect(_statements(bucket, key), action, resource, context)
        _decide(key, action, ram, policy, public)


def _actions(line: Line) -> list[str]:
    """https://help.aliyun.com/zh/oss/support/0003-00000905: tags are another permission."""
    tags = ["oss:PutObjectTagging"] if line.operation == "PutObject" and "x-oss-tagging" in line.headers else []
    return [f"oss:{_ACTIONS.get(line.operation, line.operation)}", *tags]


def _decide(key: Key | None, action: str, ram: str | None, policy: str | None, public: bool) -> None:
    if ram == "Deny":
        raise _denied(key, action, "ExplicitDeny", "0003-00000201")
    if policy == "Deny":
        # https://help.aliyun.com/zh/oss/support/0003-00000101
        raise RefusedError(403, "AccessDenied", "Access denied by bucket policy.", "0003-00000101")
    if "Allow" not in (ram, policy) and not public:
        raise _denied(key, action, "ImplicitDeny", "0003-00000001")


def _by_ram(key: Key | None, owner: str, action: str, resource: str, context: Mapping[str, str]) -> str | None:
    """What RAM says: nothing of a bucket of another account."""
    if key is None or key.account != owner:
        return None
    if not key.user:
        return "Allow"
    if callable(key.policy):
        return "Allow" if key.policy(action, resource) else None
    return effect(key.policy, action, resource, context)


def _statements(bucket: Bucket | None, key: Key | None) -> list[Statement]:
    """Those of the bucket's policy that speak of this requester; where public access is blocked, no public ones."""
    if bucket is None or bucket.policy is None:
        return []
    statements = meant(bucket.policy, key, bucket.owner)
    return [item for item in statements if not (bucket.blocked and is_public({"Statement": [item]}))]


def _by_acl(bucket: Bucket, line: Line) -> bool:
    """Whether the ACLs let everybody do it; an object's own goes before its bucket's."""
    stored = bucket.objects.get(line.key)
    acl = bucket.acl if stored is None or stored.acl == "default" else stored.acl
    reads = line.operation in ("GetObject", "HeadObject", "ListObjectsV2") and acl in READABLE
    writes = line.operation in ("PutObject", "DeleteObject") and acl == "public-read-write"
    return (reads or writes) and not bucket.blocked


def _denied(key: Key | None, action: str, how: str, ec: str) -> RefusedError:
    """https://www.alibabacloud.com/help/en/oss/support/0003-00000201, …/0003-00000001, …/0003-00000002."""
    message = "You have no right to access this object because of bucket acl."
    if key is None and action != "oss:GetObject":
        # https://alibabacloud.com/help/en/oss/support/http-status-code-403
        return RefusedError(403, "AccessDenied", "Anonymous user has no right to access this bucket.", "0003-00000002")
    if key is None:
        return RefusedError(403, "AccessDenied", message, ec)
    if how == "ExplicitDeny":
        message = "Access denied by bucket policy."  # so the page shows it, for a policy of RAM
    detail = {
        "PolicyType": "AccountLevelIdentityBasedPolicy",
        "AuthPrincipalOwnerId": key.account,
        "AuthPrincipalType": "AssumedRoleUser" if key.token else "SubUser" if key.user else "Account",
        "AuthPrincipalDisplayName": key.user or key.account,
        "NoPermissionType": how,
        "AuthAction": action,
        "EncodedDiagnosticMessage": "AQIBIAAAA",
    }
    return RefusedError(403, "AccessDenied", message, ec, AccessDeniedDetail=detail)
