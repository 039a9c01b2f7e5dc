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
    return None if found is None else _part("GetUser", found, "User")


def role(context: Context, name: str) -> Role | None:
    """A role; None: it is not there. Raises Trouble."""
    found = _found(context, "GetRole", "EntityNotExist.Role", RoleName=name)
    if found is None:
        return None
    fields = _part("GetRole", found, "Role")
    return Role(str(fields.get("Description") or ""), _document("GetRole", fields.get("AssumeRolePolicyDocument")))


def policy(context: Context, name: str) -> Policy | None:
    """A custom policy; None: it is not there. Raises Trouble."""
    found = _found(context, "GetPolicy", "EntityNotExist.Policy", PolicyName=name, PolicyType="Custom")
    if found is None:
        return None
    document = _part("GetPolicy", found, "DefaultPolicyVersion").get("PolicyDocument")
    fields = _part("GetPolicy", found, "Policy")
    having = fields.get("AttachmentCount") or 0
    if not isinstance(having, int):
        raise strange("ram", "GetPolicy", "an AttachmentCount that is no number")
    return Policy(str(fields.get("Description") or ""), _document("GetPolicy", document), having)


def versions(context: Context, name: str) -> tuple[Version, ...]:
    """The versions of a custom policy, the oldest first. Raises Trouble."""
    found = context.acs.rpc("ram", "ListPolicyVersions", {"PolicyName": name, "PolicyType": "Custom"})
    listed = [_version(each) for each in _items("ListPolicyVersions", found, "PolicyVersions", "VersionId")]
    return tuple(sorted(listed, key=lambda version: version.age))


def attached(context: Context, kind: Kind, name: str) -> tuple[Attached, ...] | None:
    """What is attached to a user or role; None: it is not there. Raises Trouble."""
    call = f"ListPoliciesFor{kind}"
    found = _found(context, call, f"EntityNotExist.{kind}", **{f"{kind}Name": name})
    if found is None:
        return None
    listed = _items(call, found, "Policies", "PolicyName")
    return tuple(
        Attached(str(each["PolicyName"]), str(each.get("PolicyType")), str(each.get("Description") or ""))
        for each in listed
    )


def _found(context: Context, call: str, missing: str, **parameters: str) -> dict[str, Any] | None:
    try:
        found: Any = context.acs.rpc("ram", call, parameters)
    except Trouble as trouble:
        if trouble.code == missing:
            return None
        raise
    # null would otherwise be as good as "not there".
    return found if isinstance(found, dict) else {}


def _part(call: str, found: Any, name: str) -> Mapping[str, Any]:
    """A part of an answer. Raises Trouble when it is not there: an answer that says nothing is not believed."""
    part = found.get(name) if isinstance(found, dict) else None
    if not isinstance(part, dict):
        raise strange("ram", call, f"no {name}")
    return part


def _items(call: str, found: Any, name: str, key: str) -> list[Mapping[str, Any]]:
    """A list of an answer: that of ``Policies`` is called ``Policy``. Raises Trouble when it is none."""
    listed = _part(call, found, name).get("Policy" if name == "Policies" else "PolicyVersion")
    if not isinstance(listed, list) or not all(isinstance(each, dict) and key in each for each in listed):
        raise strange("ram", call, f"no {name}")
    return listed


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
