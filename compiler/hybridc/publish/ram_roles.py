"""Who may take a role: what its trust policy says, beside what it is to say.

A role that is there is never changed: to narrow it could stop whoever takes it today, and to widen it is an
administrator's to decide.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hybridc.lower.names import made_for
from hybridc.lower.ram import INSTANCE_TRUST
from hybridc.publish.context import Context
from hybridc.publish.plan import Change, Refusal
from hybridc.publish.ram_calls import Role, Wanted
from hybridc.publish.ram_document import Document, beyond


def make(context: Context, name: str) -> Wanted:
    """The request that makes a role for cloud instances."""
    parameters = {
        "RoleName": name,
        "AssumeRolePolicyDocument": json.dumps(INSTANCE_TRUST),
        "Description": made_for(context.spec),
    }
    return Wanted("CreateRole", parameters, (Change("+", f"RAM role {name}, which cloud instances take"),))


def check(context: Context, name: str, role: Role) -> None:
    """Refuse a role that cloud instances cannot take, and one that others take as well, but for ``--adopt``."""
    if beyond(_by_principal(INSTANCE_TRUST), _by_principal(role.trust)):
        says = "; ".join(_more(role)) or "nothing else"
        raise Refusal(
            f"cloud instances cannot take the RAM role {name}: its trust policy lacks the service ecs.aliyuncs.com "
            f"without a condition, and says: {says}",
            "let an administrator add it, or name another role: a role that is there is never changed here",
        )
    if _more(role) and not context.flags.adopt:
        raise Refusal(
            f"the RAM role {name} is not for cloud instances alone: {'; '.join(_more(role))}",
            "name another role; or --adopt: it is left as it is, and who takes it gets what is attached here",
        )


def notes(name: str, role: Role | None) -> list[str]:
    """What of its trust policy is not ours."""
    return [] if role is None else [f"RAM role {name}: {sentence}" for sentence in _more(role)]


def _more(role: Role) -> list[str]:
    return beyond(_by_principal(role.trust), _by_principal(INSTANCE_TRUST))


def _by_principal(document: Document) -> Document:
    """The same with one principal a statement."""
    listed = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    return {"Statement": [single for statement in listed for single in _single(statement)]}


def _single(statement: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    principal = statement.get("Principal")
    if not isinstance(principal, dict):
        yield statement
        return
    for kind, names in principal.items():
        for name in names if isinstance(names, list) else [names]:
            yield {**statement, "Principal": {kind: name}}
