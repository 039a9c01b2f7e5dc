"""The AccessKeys of the RAM user, and which of them the Secret of the add-ons holds.

A RAM user has at most two (limits of RAM). The Secret says by a digest of the id which one it holds, so that no value
of it is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from hybridc.cloud.trouble import Trouble, strange
from hybridc.publish.context import Context

ACTIVE, INACTIVE = "Active", "Inactive"
NO_USER = "EntityNotExist.User"
"""RAM, error messages (help/doc-detail/28754)."""
_LENGTH = 16


class Key(NamedTuple):
    """``mark`` is a digest of the id, ``made`` when it was made; ``used``: whether it ever was."""

    id: str
    mark: str
    active: bool
    made: datetime
    used: bool

    @property
    def age_days(self) -> float:
        """Days since it was made."""
        return (datetime.now(UTC) - self.made).total_seconds() / 86400


def mark(key_id: str) -> str:
    """A digest of the id of an AccessKey: what the Secret says of the one that it holds."""
    return hashlib.sha256(key_id.encode()).hexdigest()[:_LENGTH]


def listed(context: Context, user: str) -> list[Key] | None:
    """The keys of a user, the oldest first (ListAccessKeys, GetAccessKeyLastUsed); None where there is no such user.

    Raises Trouble.
    """
    call = "ListAccessKeys"
    try:
        answer = context.acs.rpc("ram", call, {"UserName": user})
    except Trouble as trouble:
        if trouble.code != NO_USER:
            raise
        return None
    found = _part(call, answer, "AccessKeys").get("AccessKey")
    if not isinstance(found, list):
        raise strange("ram", call, "no AccessKeys")
    return sorted((_key(context, user, each) for each in found), key=lambda key: key.made)


def _key(context: Context, user: str, fields: Any) -> Key:
    """A key of the list. Raises Trouble for one that lacks something: a key is made or deleted by what stands here."""
    name, status = (fields.get(each) if isinstance(fields, dict) else None for each in ("AccessKeyId", "Status"))
    if not isinstance(name, str) or not name or status not in (ACTIVE, INACTIVE):
        raise strange("ram", "ListAccessKeys", "an AccessKey without its id or status")
    return Key(name, mark(name), status == ACTIVE, _moment(fields.get("CreateDate")), _was_used(context, user, name))


def _part(call: str, found: Any, name: str) -> Mapping[str, Any]:
    """A mapping of an answer. Raises Trouble when it is not there: an answer that says nothing proves nothing."""
    part = found.get(name) if isinstance(found, dict) else None
    if not isinstance(part, dict):
        raise strange("ram", call, f"no {name}")
    return part


def _moment(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise strange("ram", "ListAccessKeys", "an AccessKey without the date when it was made") from None


def _was_used(context: Context, user: str, key: str) -> bool:
    """Whether a key was ever used; RAM gives no date, or one of before RAM, for one that was not."""
    asked = {"UserName": user, "UserAccessKeyId": key}
    call = "GetAccessKeyLastUsed"
    date = _part(call, context.acs.rpc("ram", call, asked), "AccessKeyLastUsed").get("LastUsedDate")
    if date is not None and not isinstance(date, str):
        raise strange("ram", call, "no date")
    return date is not None and bool(date) and not date.startswith(("N/A", "1970", "0001"))


def create(context: Context, user: str) -> tuple[str, str]:
    """A new key: its id and its secret, which nothing shows from here on. Raises Trouble."""
    call = "CreateAccessKey"
    made = _part(call, context.acs.rpc("ram", call, {"UserName": user}, again=False), "AccessKey")
    key, secret = made.get("AccessKeyId"), made.get("AccessKeySecret")
    if not isinstance(key, str) or not isinstance(secret, str) or not key or not secret:
        raise strange("ram", call, "no AccessKey")
    context.identity.hide(secret)
    return key, secret


def disable(context: Context, user: str, key: Key) -> None:
    """What still takes it fails, and says so. Raises Trouble."""
    asked = {"UserName": user, "UserAccessKeyId": key.id, "Status": INACTIVE}
    context.acs.rpc("ram", "UpdateAccessKey", asked)


def delete(context: Context, user: str, key_id: str) -> None:
    """It does not come back. Raises Trouble."""
    context.acs.rpc("ram", "DeleteAccessKey", {"UserName": user, "UserAccessKeyId": key_id})
