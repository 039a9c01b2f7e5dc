"""Calls of RAM as the actions make them: what is there as records, and a request as data.

Shapes: alibabacloud_ram20150501 1.3.0; codes of what is missing: RAM, error messages (help/doc-detail/28754).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from hybridc.cloud.trouble import Trouble, strange
from hybridc.publish.context import Context
from hybridc.publish.plan import Change
from hybridc.publish.ram_document import Document, Unreadable, grants, parsed

Kind = Literal["User", "Role"]


class Policy(NamedTuple):
    """A custom policy: what its default version says. ``having``: how many users, groups and roles have it."""

    description: str
    document: Document
    having: int


class Version(NamedTuple):
    """A version of a policy; ``document`` None: it cannot be read."""

    id: str
    default: bool
    created: str
    document: Document | None

    @property
    def age(self) -> tuple[str, int]:
        """What the oldest has least of."""
        return self.created, int(self.id.removeprefix("v")) if self.id.removeprefix("v").isdecimal() else 0


class Attached(NamedTuple):
    """A policy that a user or role has. ``type``: ``Custom`` or ``System``."""

    name: str
    type: str
    description: str


class Role(NamedTuple):
    """A role: who may take it."""

    description: str
    trust: Document


class Wanted(NamedTuple):
    """A request that is to be sent, and what it changes."""

    call: str
    parameters: Mapping[str, str]
    changes: tuple[Change, ...]


def send(context: Context, wanted: Wanted) -> None:
    """Send a request, once. That something is there already is no failure: the next look says whose it is.

    Raises Trouble.
    """
    try:
        context.acs.rpc("ram", wanted.call, wanted.parameters, again=False)
    except Trouble as trouble:
        if not trouble.code.startswith("EntityAlreadyExists."):
            raise


def user(context: Context, name: str) -> Mapping[str, Any] | None:
    """A RAM user; None: it is not there. Raises Trouble."""
    found = _found(context, "GetUser", "EntityNotExist.User", UserName=name)
    return None if found is None else found.get("User", {})


def role(context: Context, name: str) -> Role | None:
    """A role; None: it is not there. Raises Trouble."""
    found = _found(context, "GetRole", "EntityNotExist.Role", RoleName=name)
    if found is None:
        return None
    fields = found.get("Role", {})
    return Role(str(fields.get("Description") or ""), _document("GetRole", fields.get("AssumeRolePolicyDocument")))


def policy(context: Context, name: str) -> Policy | None:
    """A custom policy; None: it is not there. Raises Trouble."""
    found = _found(context, "GetPolicy", "EntityNotExist.Policy", PolicyName=name, PolicyType="Custom")
    if found is None:
        return None
    document = found.get("DefaultPolicyVersion", {}).get("PolicyDocument")
    fields = found.get("Policy", {})
    having = int(fields.get("AttachmentCount") or 0)
    return Policy(str(fields.get("Description") or ""), _document("GetPolicy", document), having)


def versions(context: Context, name: str) -> tuple[Version, ...]:
    """The versions of a custom policy, the oldest first. Raises Trouble."""
    found = context.acs.rpc("ram", "ListPolicyVersions", {"PolicyName": name, "PolicyType": "Custom"})
    listed = [_version(each) for each in found.get("PolicyVersions", {}).get("PolicyVersion") or ()]
    return tuple(sorted(listed, key=lambda version: version.age))


def attached(context: Context, kind: Kind, name: str) -> tuple[Attached, ...] | None:
    """What is attached to a user or role; None: it is not there. Raises Trouble."""
    found = _found(context, f"ListPoliciesFor{kind}", f"EntityNotExist.{kind}", **{f"{kind}Name": name})
    if found is None:
        return None
    listed = found.get("Policies", {}).get("Policy") or ()
    return tuple(
        Attached(str(each["PolicyName"]), str(each["PolicyType"]), str(each.get("Description") or ""))
        for each in listed
    )


def _found(context: Context, call: str, missing: str, **parameters: str) -> dict[str, Any] | None:
    try:
        return context.acs.rpc("ram", call, parameters)
    except Trouble as trouble:
        if trouble.code == missing:
            return None
        raise


def _version(fields: Mapping[str, Any]) -> Version:
    try:
        document = parsed(fields.get("PolicyDocument"))
        grants(document)
    except Unreadable:
        document = None
    return Version(
        str(fields.get("VersionId")), bool(fields.get("IsDefaultVersion")), str(fields.get("CreateDate")), document
    )


def _document(call: str, text: Any) -> Document:
    try:
        document = parsed(text)
        grants(document)
    except Unreadable:
        raise strange("ram", call, "a document that is no policy") from None
    return document
