"""Who has which policy of RAM.

Shapes, codes and messages: as in ``ram_identities.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from tests.lab.servers.account import Account, PolicyType, Principal, date
from tests.lab.servers.acs import Call
from tests.lab.servers.acs_words import Json, RefusedError, wanted
from tests.lab.servers.ram_identities import entity
from tests.lab.servers.ram_policies import custom, policy_type, system

Kind = Literal["User", "Role"]


def attach(kind: Kind) -> Callable[[Call], Json]:
    """AttachPolicyToUser, AttachPolicyToRole."""

    def do(call: Call) -> Json:
        principal, policy = _target(call, kind), _named(call)
        policies = call.account.attached.setdefault(principal, {})
        if policy in policies:
            message = f"The {kind.lower()} has already been attached this policy."
            raise RefusedError(409, f"EntityAlreadyExists.{kind}.Policy", message)
        policies[policy] = call.account.clock()
        return {}

    return do


def detach(kind: Kind) -> Callable[[Call], Json]:
    """DetachPolicyFromUser, DetachPolicyFromRole."""

    def do(call: Call) -> Json:
        principal, policy = _target(call, kind), _named(call)
        if call.account.attached.get(principal, {}).pop(policy, None) is None:
            message = f"The indicate policy of the {kind.lower()} does not exist."
            raise RefusedError(404, f"EntityNotExist.{kind}.Policy", message)
        return {}

    return do


def list_for(kind: Kind) -> Callable[[Call], Json]:
    """ListPoliciesForUser, ListPoliciesForRole."""

    def do(call: Call) -> Json:
        policies = call.account.attached.get(_target(call, kind), {})
        return {"Policies": {"Policy": [_attached(call.account, *item) for item in policies.items()]}}

    return do


def list_groups(call: Call) -> Json:
    """ListGroupsForUser."""
    user = entity(call.account, "User", wanted(call.parameters, "UserName"))
    found = [{"GroupName": name} for name, users in call.account.groups.items() if user.name in users]
    return {"Groups": {"Group": found}}


def list_for_group(call: Call) -> Json:
    """ListPoliciesForGroup."""
    name = wanted(call.parameters, "GroupName")
    if name not in call.account.groups:
        raise RefusedError(404, "EntityNotExist.Group", "The group does not exist.")
    policies = call.account.attached.get(Principal("Group", name), {})
    return {"Policies": {"Policy": [_attached(call.account, *item) for item in policies.items()]}}


def list_entities(call: Call) -> Json:
    """Who has the policy."""
    policy = _named(call)
    found: dict[str, list[Json]] = {"User": [], "Role": []}
    for principal, policies in call.account.attached.items():
        if policy in policies:
            who = entity(call.account, principal.kind, principal.name)
            fields = {f"{principal.kind}Name": who.name, f"{principal.kind}Id": who.id}
            found[principal.kind].append({**fields, "AttachDate": date(policies[policy])})
    return {"Groups": {"Group": []}, "Users": {"User": found["User"]}, "Roles": {"Role": found["Role"]}}


def _target(call: Call, kind: Kind) -> Principal:
    return Principal(kind, entity(call.account, kind, wanted(call.parameters, f"{kind}Name")).name)


def _named(call: Call) -> tuple[PolicyType, str]:
    """Type and name of a policy that is there."""
    name, kind = wanted(call.parameters, "PolicyName"), policy_type(call)
    if kind == "System":
        system(name)
    else:
        custom(call)
    return kind, name


def _attached(account: Account, policy: tuple[PolicyType, str], when: datetime) -> Json:
    kind, name = policy
    custom = account.policies.get(name)
    return {
        "PolicyName": name,
        "PolicyType": kind,
        "DefaultVersion": custom.default if custom else "v1",
        "Description": custom.description if custom else "",
        "AttachDate": date(when),
    }
