"""May they? Policies of RAM and of a bucket: grammar, what is public, and what a request is answered.

Grammar: https://www.alibabacloud.com/help/en/oss/user-guide/authorization-syntax-and-elements
Order: https://help.aliyun.com/en/oss/user-guide/bucket-policy/ (deny first)
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from tests.lab.servers.oss_signature import Key, Statement
from tests.lab.servers.oss_words import RefusedError

Policy = Mapping[str, Any]
Effect = Literal["Allow", "Deny"]
_REQUIRED = {"Effect", "Action", "Principal", "Resource"}
_FIXED = ("acs:SourceVpc", "acs:SourceVpcId", "acs:AccessId")
_KEYS = {*_FIXED, "acs:SourceIp", "acs:SecureTransport", "acs:UserAgent", "oss:Prefix", "oss:Delimiter"}
_LIMIT = 16 * 1024


def like(pattern: str, text: str, ignore_case: bool = False) -> bool:
    """Whether ``pattern`` with its wildcards ``*`` and ``?`` covers ``text``."""
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(expression, text, re.DOTALL | (re.IGNORECASE if ignore_case else 0)) is not None


def covers(pattern: str, resource: str) -> bool:
    """Whether a resource of a policy covers ``acs:oss:<region>:<account>:<bucket>[/<key>]``, part by part."""
    wanted, had = pattern.split(":", 4), resource.split(":", 4)
    return pattern == "*" or (
        len(wanted) == 5 and all(like(one, other) for one, other in zip(wanted, had, strict=True))
    )


_Compare = Callable[[str, str], bool]
_POSITIVE: dict[str, _Compare] = {
    "StringEquals": lambda wanted, had: wanted == had,
    "StringEqualsIgnoreCase": lambda wanted, had: wanted.lower() == had.lower(),
    "StringLike": like,
    "Bool": lambda wanted, had: wanted.lower() == had.lower(),
    "IpAddress": lambda wanted, had: ipaddress.ip_address(had) in ipaddress.ip_network(wanted, strict=False),
}
_NEGATIVE = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NotIpAddress": "IpAddress",
}


def _holds(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    """All operators and keys; of the values of a key one is enough, or none of them for a negative operator."""
    for operator, tests in condition.items():
        compare = _POSITIVE[_NEGATIVE.get(operator, operator)]
        for name, values in tests.items():
            had = context.get(name)
            found = had is not None and any(compare(str(value), had) for value in _list(values))
            if found == (operator in _NEGATIVE):
                return False
    return True


def effect(statements: Sequence[Statement], action: str, resource: str, context: Mapping[str, str]) -> Effect | None:
    """What these statements say of ``oss:Action`` on a resource: Deny wins, None when none of them speaks of it."""
    said = {
        item["Effect"]
        for item in statements
        if _speaks_of(item, action)
        and any(covers(name, resource) for name in _list(item["Resource"]))
        and _holds(item.get("Condition", {}), context)
    }
    return "Deny" if "Deny" in said else "Allow" if "Allow" in said else None


def _speaks_of(item: Statement, action: str) -> bool:
    """By Action, or by NotAction, which a policy of RAM may have in its place."""
    names = _list(item.get("Action", item.get("NotAction")))
    return any(like(name, action, ignore_case=True) for name in names) == ("Action" in item)


def meant(policy: Policy, key: Key | None, owner: str) -> list[Statement]:
    """The statements of a bucket's policy that speak of this requester (None: anonymous).

    A UID, or ``*``: everybody but the owner's account; with a Condition everybody.
    """
    name = key and (key.user or key.account)
    is_owner = key is not None and key.account == owner and not key.user
    return [
        item
        for item in policy["Statement"]
        if (_everybody(item) and (bool(item.get("Condition")) or not is_owner))
        or any(name and like(one, name) for one in item["Principal"] if one != "*")
    ]


def is_public(policy: Policy | None) -> bool:
    """IsPublic of GetBucketPolicyStatus: https://alibabacloud.com/help/ja/doc-detail/2672878.html.

    A statement is not public when it denies, or has fixed principals, or a fixed VPC or access key in a condition.
    """
    return any(
        item["Effect"] == "Allow"
        and (_everybody(item) or any("*" in name for name in item["Principal"]))
        and not _is_fixed(item.get("Condition", {}))
        for item in (policy or {"Statement": []})["Statement"]
    )


def _everybody(item: Statement) -> bool:
    return not item["Principal"] or "*" in item["Principal"]


def _is_fixed(condition: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(
        name in _FIXED and not any("*" in str(value) for value in _list(values))
        for operator, tests in condition.items()
        if operator not in _NEGATIVE
        for name, values in tests.items()
    )


def check(body: bytes) -> Policy:
    """The policy that a client puts; raise RefusedError where it does not follow the grammar.

    0030-00000005: not the grammar, 0030-00000002: the version, 0030-00000008: acs:SourceIp without acs:SourceVpc,
    each below https://help.aliyun.com/zh/oss/user-guide/.
    """
    try:
        policy = json.loads(body)
    except ValueError:
        raise _bad("not JSON") from None
    if not isinstance(policy, dict) or set(policy) != {"Version", "Statement"} or len(body) > _LIMIT:
        raise _bad("Version and Statement, and nothing else, in at most 16 KB")
    if not isinstance(policy["Version"], str):
        raise _bad("Version is a string")
    if policy["Version"] != "1":
        raise _bad("Version must be 1", "0030-00000002")
    if not isinstance(policy["Statement"], list) or not policy["Statement"]:
        raise _bad("Statement is a list")
    for item in policy["Statement"]:
        _check_statement(item)
    return policy


def _check_statement(item: object) -> None:
    if not isinstance(item, dict) or not set(item) >= _REQUIRED or set(item) - {*_REQUIRED, "Condition"}:
        raise _bad("a statement has Effect, Action, Principal, Resource, perhaps Condition, and nothing else")
    if item["Effect"] not in ("Allow", "Deny"):
        raise _bad("Effect is Allow or Deny")
    if not all(_strings(item[name]) for name in ("Action", "Resource")) or not isinstance(item["Principal"], list):
        raise _bad("Action and Resource are strings, Principal is a list")
    if not all(re.fullmatch(r"\*|\d+|arn:sts::\d+:assumed-role/\S+", str(name)) for name in item["Principal"]):
        raise _bad("Principal is *, UIDs, or roles")
    if not all(name == "*" or name.startswith("oss:") for name in _list(item["Action"])):
        raise _bad("Action starts with oss:")
    if not all(re.fullmatch(r"acs:oss:[^:]*:[^:]*:.+", name) for name in _list(item["Resource"])):
        raise _bad("Resource is acs:oss:*:<UID>:<bucket>[/<key>]")
    _check_condition(item.get("Condition", {}))


def _check_condition(condition: object) -> None:
    if not isinstance(condition, dict) or not all(isinstance(tests, dict) for tests in condition.values()):
        raise _bad("Condition maps operators to keys")
    names = {name for tests in condition.values() for name in tests}
    if set(condition) - {*_POSITIVE, *_NEGATIVE} or names - _KEYS:
        raise _bad(f"unknown in Condition: {sorted({*condition, *names} - {*_POSITIVE, *_NEGATIVE, *_KEYS})}")
    if not all(_strings(values) for tests in condition.values() for values in tests.values()):
        raise _bad("values of a condition are strings")
    if "acs:SourceIp" in names and "acs:SourceVpc" not in names:
        raise _bad("acs:SourceIp needs acs:SourceVpc", "0030-00000008")


def _strings(value: object) -> bool:
    return bool(value) and all(isinstance(item, str) and item for item in _list(value))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _bad(why: str, ec: str = "0030-00000005") -> RefusedError:
    # The pages of the codes do not show the word in Code.
    return RefusedError(400, "InvalidPolicyDocument", f"The policy is invalid: {why}.", ec)
