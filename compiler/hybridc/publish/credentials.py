"""``credentials.secret``: the AccessKey of the RAM user, straight into the Secret of the add-ons; another one in time.

The secret half stands in memory alone, between the answer of RAM and the request to the cluster. A key that was made
and not stored is an orphan: never used, and not the one that the Secret names; it goes before the next one is made.
With another key the order is: made, stored, every add-on restarted and healthy, the old one disabled; a week later
deleted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from hybridc.catalog import ack, ram
from hybridc.cloud.trouble import Trouble
from hybridc.doctor.look import Look
from hybridc.doctor.workloads import rollout_left
from hybridc.live.reads import KINDS
from hybridc.live.state import Unseen
from hybridc.publish import access_keys, cluster
from hybridc.publish.access_keys import Key
from hybridc.publish.context import Context
from hybridc.publish.plan import Action, Change, Refusal

HELD, PREVIOUS, SINCE = "hybridc.dev/access-key", "hybridc.dev/previous-access-key", "hybridc.dev/access-key-since"
"""Annotations of the Secret: digests of the ids of the key that it holds and of the one before, and since when."""
_DATA = ("access-key-id", "access-key-secret")
_GRACE_DAYS = 7.0
_PAUSE = 3.0


class Held(NamedTuple):
    """What the Secret says of itself. ``mark`` is "" when somebody else wrote it; ``whole``: it has both keys."""

    mark: str
    previous: str
    since: datetime | None
    whole: bool


class Seen(NamedTuple):
    """The Secret (None: not there), the keys of the user, the oldest first, and whether there is such a user."""

    secret: Held | None
    keys: tuple[Key, ...]
    user: bool = True

    @property
    def held(self) -> Key | None:
        """The key that the Secret holds, while RAM takes it."""
        mark = "" if self.secret is None else self.secret.mark
        return next((key for key in self.keys if key.mark == mark and key.active), None)

    @property
    def previous(self) -> Key | None:
        """The key that the Secret held before."""
        mark = "" if self.secret is None else self.secret.previous
        return next((key for key in self.keys if mark and key.mark == mark), None)

    @property
    def orphans(self) -> list[Key]:
        """Keys that nobody ever used, and that the Secret neither holds nor held."""
        known = {key.mark for key in (self.held, self.previous) if key is not None}
        return [key for key in self.keys if not key.used and key.mark not in known]

    @property
    def is_foreign(self) -> bool:
        """Whether somebody else wrote the Secret."""
        return self.secret is not None and not self.secret.mark


class _Credentials:
    """The action for one user."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._user = str(context.spec.ram.user)
        self._days = context.flags.rotate_days

    def read(self) -> Seen:
        keys = access_keys.listed(self._context, self._user)
        return Seen(_secret(self._context.look()), tuple(keys or ()), keys is not None)

    def differ(self, seen: Seen) -> list[Change]:
        if seen.is_foreign and not self._context.flags.adopt and seen.secret is not None and seen.secret.whole:
            return []
        return list(self._differ(seen))

    def _differ(self, seen: Seen) -> Iterator[Change]:
        for key in seen.orphans:
            yield Change("-", f"AccessKey of {self._user}, made {_day(key.made)}, that was never stored or used")
        if why := self._needs_another(seen):
            self._check_room(seen)
            yield Change(
                "+", f"AccessKey of {self._user} in the Secret {ack.NAMESPACE}/{ack.CREDENTIALS_SECRET}: {why}"
            )
            return
        old = seen.previous
        if old is not None and old.active:
            yield Change(
                "~", f"the AccessKey of {self._user} from before: disabled, once the add-ons run with the new one"
            )
        elif old is not None and _is_over(seen):
            yield Change("-", f"the AccessKey of {self._user} from before, which is disabled")

    def _needs_another(self, seen: Seen) -> str:
        """Why another key is to be made; "" when none is."""
        if seen.secret is None:
            return "it is not there"
        if seen.is_foreign:
            return "somebody else wrote it" if self._context.flags.adopt else "it has not both of its keys"
        if seen.held is None:
            return "RAM does not take the one that it holds any more"
        if self._days is not None and seen.held.age_days >= self._days:
            return f"the one that it holds was made {_day(seen.held.made)}"
        return ""

    def _check_room(self, seen: Seen) -> None:
        """Refuse when the user has no room for another key, once the orphans are gone."""
        kept = [key for key in seen.keys if key not in seen.orphans]
        if len(kept) >= ram.ACCESS_KEYS:
            days = ", ".join(_day(key.made) for key in kept)
            raise Refusal(
                f"the user {self._user} has {len(kept)} AccessKeys (made {days}), and RAM allows {ram.ACCESS_KEYS}",
                "see who uses them (aliyun ram GetAccessKeyLastUsed), and delete the one that nobody uses",
            )

    def apply(self, seen: Seen) -> None:
        if not seen.user:
            raise Refusal(f"there is no RAM user {self._user} yet", "hybridc publish ram makes it, and its policies")
        for key in seen.orphans:
            access_keys.delete(self._context, self._user, key.id)
        if self._needs_another(seen):
            self._store_another(seen)
        elif seen.previous is not None and seen.previous.active:
            _restart(self._context)
            access_keys.disable(self._context, self._user, seen.previous)
        elif seen.previous is not None and _is_over(seen):
            access_keys.delete(self._context, self._user, seen.previous.id)

    def _store_another(self, seen: Seen) -> None:
        key_id, secret = access_keys.create(self._context, self._user)
        notes = {
            HELD: access_keys.mark(key_id),
            PREVIOUS: "" if seen.held is None else seen.held.mark,
            SINCE: datetime.now(UTC).isoformat(timespec="seconds"),
        }
        data = dict(zip(_DATA, (key_id, secret), strict=True))
        try:
            cluster.put_secret(
                self._context, cluster.Secret(ack.NAMESPACE, ack.CREDENTIALS_SECRET, data, annotations=notes)
            )
        except Trouble as trouble:
            if not trouble.unsure:
                access_keys.delete(self._context, self._user, key_id)
            raise

    def notes(self, seen: Seen) -> list[str]:
        if seen.is_foreign and not self._context.flags.adopt:
            return ["somebody else wrote the Secret, and it is used as it is; --adopt puts a key of its own there"]
        if not seen.user:
            return [f"there is no RAM user {self._user} yet"]
        old = seen.previous
        if old is not None and not old.active and not _is_over(seen):
            return [f"the AccessKey from before is disabled; {_GRACE_DAYS:g} days after the change it is deleted"]
        return []


def action(context: Context, step: str) -> Action:
    """Makes the key and the Secret. Raises Refusal where the spec has no RAM user."""
    if context.spec.ram.user is None:
        raise Refusal("this spec has no RAM user whose AccessKey it could be", "the Secret comes from a person")
    made = _Credentials(context)
    return Action(step, made.read, made.differ, made.apply, made.notes)


def _secret(look: Look) -> Held | None:
    """What the Secret says of itself: its annotations and the names of its keys, no value."""
    try:
        found = look.state.one("Secret", ack.NAMESPACE, ack.CREDENTIALS_SECRET)
        keys = look.state.secret_keys(ack.NAMESPACE, ack.CREDENTIALS_SECRET) or frozenset()
    except Unseen as hole:
        raise Refusal(f"{hole}", "nothing is made before it is known whether the Secret is there") from None
    if found is None:
        return None
    notes = found["metadata"].get("annotations", {})
    return Held(notes.get(HELD, ""), notes.get(PREVIOUS, ""), _moment(notes.get(SINCE, "")), keys.issuperset(_DATA))


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _is_over(seen: Seen) -> bool:
    """Whether the key from before was replaced long enough ago."""
    since = None if seen.secret is None else seen.secret.since
    return since is not None and (datetime.now(UTC) - since).total_seconds() >= _GRACE_DAYS * 86400


def _restart(context: Context) -> None:
    """Every workload of the add-ons anew, since it reads the Secret when it starts. Waits until all are healthy."""
    for kind, name in _workloads(context.look()):
        cluster.restart(context, KINDS[kind].path(ack.NAMESPACE, name))
    while late := _unhealthy(context.look()):
        if context.deadline.left <= _PAUSE:
            raise Trouble(
                f"the add-ons are not healthy with the new AccessKey: {late}; the old one still works",
                f"look at them (kubectl -n {ack.NAMESPACE} get pods), and run this again",
            )
        time.sleep(_PAUSE)


def _workloads(look: Look) -> list[tuple[str, str]]:
    """Terway and the add-ons, as far as they are there."""
    names = [ack.TERWAY_DAEMON_SET, *(str(each.name) for each in look.spec.addons)]
    wanted = [(kind, name) for name in dict.fromkeys(names) for kind in ("DaemonSet", "Deployment")]
    return [(kind, name) for kind, name in wanted if _live(look, kind, name) is not None]


def _live(look: Look, kind: str, name: str) -> dict[str, Any] | None:
    try:
        return look.state.one(kind, ack.NAMESPACE, name)
    except Unseen:
        return None


def _unhealthy(look: Look) -> str:
    found = [(name, rollout_left(_live(look, kind, name) or {"metadata": {}})) for kind, name in _workloads(look)]
    return ", ".join(f"{name}: {what}" for name, what in found if what)
