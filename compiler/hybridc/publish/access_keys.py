"""The AccessKeys of the RAM user, and which of them the Secret of the add-ons holds.

A RAM user has at most two (limits of RAM). The Secret says by a digest of the id which one it holds, so that no value
of it is read.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import NamedTuple

from hybridc.cloud.trouble import Trouble
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
    try:
        answer = context.acs.rpc("ram", "ListAccessKeys", {"UserName": user})
    except Trouble as trouble:
        if trouble.code != NO_USER:
            raise
        return None
    found = answer.get("AccessKeys", {}).get("AccessKey") or ()
    keys = [
        Key(
            str(each["AccessKeyId"]),
            mark(str(each["AccessKeyId"])),
            each.get("Status") == ACTIVE,
            _moment(each.get("CreateDate")),
            _was_used(context, user, str(each["AccessKeyId"])),
        )
        for each in found
    ]
    return sorted(keys, key=lambda key: key.made)


def _moment(text: object) -> datetime:
    found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _was_used(context: Context, user: str, key: str) -> bool:
    """Whether a key was ever used; RAM gives no date, or one of before RAM, for one that was not."""
    asked = {"UserName": user, "UserAccessKeyId": key}
    found = context.acs.rpc("ram", "GetAccessKeyLastUsed", asked).get("AccessKeyLastUsed") or {}
    date = str(found.get("LastUsedDate") or "")
    return bool(date) and not date.startswith(("N/A", "1970", "0001"))


def create(context: Context, user: str) -> tuple[str, str]:
    """A new key: its id and its secret, which nothing shows from here on. Raises Trouble."""
    made = context.acs.rpc("ram", "CreateAccessKey", {"UserName": user}, again=False)["AccessKey"]
    context.identity.hide(str(made["AccessKeySecret"]))
    return str(made["AccessKeyId"]), str(made["AccessKeySecret"])


def disable(context: Context, user: str, key: Key) -> None:
    """What still takes it fails, and says so. Raises Trouble."""
    asked = {"UserName": user, "UserAccessKeyId": key.id, "Status": INACTIVE}
    context.acs.rpc("ram", "UpdateAccessKey", asked)


def delete(context: Context, user: str, key_id: str) -> None:
    """It does not come back. Raises Trouble."""
    context.acs.rpc("ram", "DeleteAccessKey", {"UserName": user, "UserAccessKeyId": key_id})
