"""The grammar of a policy of RAM, version 1.

https://www.alibabacloud.com/help/en/ram/policy-structure-and-syntax (27 May 2026). What RAM says beside the code is not
established: "{The error details}" in AlibabaCloudDocs/ram, error messages.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.lab.servers.acs_words import RefusedError

LIMIT = 6144
"""Characters: alibabacloud-ram20150501 1.3.0, CreatePolicyRequest."""
_OPERATORS = {
    *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    *("StringLike", "StringNotLike", "Bool", "IpAddress", "NotIpAddress"),
    *(f"Numeric{how}" for how in ("Equals", "NotEquals", "LessThan", "LessThanEquals")),
    *(f"Numeric{how}" for how in ("GreaterThan", "GreaterThanEquals")),
    *(f"Date{how}" for how in ("Equals", "NotEquals", "LessThan", "LessThanEquals")),
    *(f"Date{how}" for how in ("GreaterThan", "GreaterThanEquals")),
}


def check(document: str) -> None:
    """Raise RefusedError where this is no policy of an identity."""
    if len(document) > LIMIT:
        message = 'The parameter - "PolicyDocument" beyond the length limit.'
        raise RefusedError(400, "InvalidParameter.PolicyDocument.Length", message)
    for item in _statements(document):
        if set(item) - {"Effect", "Action", "NotAction", "Resource", "Condition"}:
            raise _malformed("a statement has Effect, Action or NotAction, Resource, perhaps Condition")
        if item.get("Effect") not in ("Allow", "Deny"):
            raise _malformed("Effect is Allow or Deny")
        if ("Action" in item) == ("NotAction" in item):
            raise _malformed("one of Action and NotAction")
        _check_names(item)
        _check_condition(item.get("Condition", {}))


def check_trust(document: str) -> None:
    """Raise RefusedError where this is no policy of who may take a role."""
    for item in _statements(document):
        if not {"Effect", "Action", "Principal"} <= set(item) <= {"Effect", "Action", "Principal", "Condition"}:
            raise _malformed("a statement has Effect, Action, Principal, perhaps Condition")
        kinds = item["Principal"]
        if not isinstance(kinds, dict) or not kinds or set(kinds) - {"RAM", "Service", "Federated"}:
            raise _malformed("Principal is RAM, Service or Federated")


def _statements(document: str) -> list[dict[str, Any]]:
    try:
        policy = json.loads(document)
    except ValueError:
        raise _malformed("not JSON") from None
    if not isinstance(policy, dict) or set(policy) != {"Version", "Statement"} or policy["Version"] != "1":
        raise _malformed('Version "1" and Statement')
    items = policy["Statement"]
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise _malformed("Statement is a list of statements")
    return items


def _check_names(item: dict[str, Any]) -> None:
    for name in _strings(item.get("Action", item.get("NotAction"))):
        if not re.fullmatch(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+", name):
            raise _malformed(f"the action {name}")
    for name in _strings(item.get("Resource")):
        if not re.fullmatch(r"\*|acs:[^:]+:[^:]*:[^:]*:.+", name):
            raise _malformed(f"the resource {name}")


def _check_condition(condition: object) -> None:
    if not isinstance(condition, dict) or set(condition) - _OPERATORS:
        raise _malformed("an operator of Condition")
    for tests in condition.values():
        if not isinstance(tests, dict) or not tests:
            raise _malformed("the keys of a condition")
        for values in tests.values():
            _strings(values)


def _strings(value: object) -> list[str]:
    items: list[Any] = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, str) and item for item in items):
        raise _malformed("strings are wanted")
    return items


def _malformed(why: str) -> RefusedError:
    return RefusedError(400, "MalformedPolicyDocument", f"The policy document is malformed: {why}.")
