"""What Terway, the add-ons and the nodes may do in the account, and what they call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc.live import cloud_reads as kinds
from hybridc.live.cloud_state import CloudState, Data
from hybridc.lower.names import NODE_TOKEN
from hybridc.lower.ram import policies
from hybridc.preflight.cloud import token_role
from hybridc.preflight.machines import listed
from hybridc.preflight.ram_rights import allowed
from hybridc.preflight.rule import CLOUD, Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

_SHOWN = 6


@live("CLD010", over=CLOUD)
def nobody_there(spec: Spec, cloud: CloudState) -> Findings:
    """The RAM user or role of the add-ons, or the role of the nodes, is not there.

    Nobody can have its AccessKey then, and Terway asks for interfaces in vain.

    Fails::
        ram: {user: ack-one-user-shanghai}     # the account has no such user
    Passes::
        hybridc publish ram

    Source: RAM, ListPoliciesForUser and ListPoliciesForRole.
    """
    for kind, name, _ in _holders(spec):
        if cloud.one(kind, str(name)) is None:
            step = "hybridc steps has the command (ram.user)"
            yield finding(name, f"the account has no {kind} {name}", f"make it, or correct the name: {step}")


@live("CLD011", over=CLOUD)
def right_is_missing(spec: Spec, cloud: CloudState) -> Findings:
    """The policies of the user or role do not allow what Terway, an add-on or the nodes call.

    Terway then cannot make, tag or remove interfaces, and pods stay without an address. Policies of the user, of its
    groups or of the role are read, custom and system ones. What is compared are the calls of this version of Terway,
    with the region, groups and vSwitches of the spec; rights that are limited to a resource group are not seen: accept
    the finding then. More rights than needed are nothing wrong.

    Fails::
        a policy of the tutorial of 2025, without ecs:DescribeInstanceTypes
    Passes::
        the policies in cloud/ram/ of the build

    Source: the catalog, ram.toml: calls in Terway's source by version, pages of the add-ons; RAM, GetPolicy.
    """
    scoped: dict[str, Any] = policies(spec._replace(ram=spec.ram._replace(scope="resources", profile="minimal")))
    for kind, name, products in _holders(spec):
        found = cloud.one(kind, str(name))
        if found is None:
            continue
        attached: list[Data] = found.get("Policies", [])
        statements = [each for policy in attached for each in policy.get("Statement", [])]
        for product in (each for each in scoped if (each == NODE_TOKEN) is (products == NODE_TOKEN)):
            missing = [*_missing(scoped[product], statements)]
            if missing:
                what = f"{kind} {name} may not do {listed(missing, _SHOWN)}, which {product} needs"
                has = listed([_named(policy) for policy in attached], _SHOWN) or "none"
                yield finding(name, f"{what}; attached: {has}", "hybridc steps has the command (ram.policies)")


def _holders(spec: Spec) -> Iterator[tuple[str, str, str]]:
    """Kind and name of who has rights, and whether they are those of the nodes."""
    if spec.ram.user is not None:
        yield kinds.USER, spec.ram.user, ""
    if spec.ram.role is not None:
        yield kinds.ROLE, spec.ram.role, ""
    role = token_role(spec)
    if role is not None:
        yield kinds.ROLE, role, NODE_TOKEN


def _missing(document: Data, statements: list[Data]) -> Iterator[str]:
    """The actions that are not allowed on one of the resources that they are needed on."""
    for each in document["Statement"]:
        for action in each["Action"]:
            if not all(allowed(statements, str(action), str(resource)) for resource in each["Resource"]):
                yield str(action)


def _named(policy: Data) -> str:
    group = policy.get("Group", "")
    kind = policy.get("PolicyType", "").lower()
    return f"{policy.get('PolicyName', '')} ({kind}{f', of group {group}' if group else ''})"
