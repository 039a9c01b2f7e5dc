"""``publish token --mint``: a bootstrap token as kubeadm makes it, then the object, then the end of the old one.

The Secrets of ours in the cluster are what decides: the newest with half of its life left is what the object has to
hold. So whoever finds a token that was made and never put goes on with it, and of two runs at once both end with the
same. What was replaced goes an hour after OSS took the new one: a node that read the old one has joined by then.
"""

from __future__ import annotations

import base64
import re
import secrets
import string
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hybridc.catalog import ack, kubernetes
from hybridc.cloud.trouble import Trouble
from hybridc.lower.names import token_id, token_secret
from hybridc.lower.objects import labels
from hybridc.lower.token_refresh import is_refreshed_in_cluster
from hybridc.publish import cluster, token_object
from hybridc.publish.context import Context
from hybridc.publish.plan import Action, Change, Refusal, Sign
from hybridc.publish.token_object import Object

GRACE = timedelta(hours=1)
"""How long a token lives on after another was put in its place."""
SKEW = timedelta(minutes=15)
"""How far clocks may differ: no cloud takes a request from one that is further off."""
LABEL = "hybridc.dev/token"
_LONGEST = 366 * 86400
_WHOLE = re.compile(r"[a-z0-9]{6}\.[a-z0-9]{16}")
_LETTERS = string.digits + string.ascii_lowercase


class Token(NamedTuple):
    """A Secret of ours: its ``value`` ("" when it is no token that nodes could join with), from when to when."""

    name: str
    value: str
    made: datetime
    ends: datetime


class Seen(NamedTuple):
    """``foreign``: somebody else made the Secret whose name the CronJob knows."""

    bucket: bool
    object: Object | None
    tokens: tuple[Token, ...]
    foreign: bool
    now: datetime


class Minting:
    """The tokens of one spec."""

    def __init__(self, context: Context, url: str) -> None:
        self._context, self._url = context, url
        self._fixed = token_secret(context.spec) if is_refreshed_in_cluster(context.spec) else ""
        seconds = context.flags.ttl if context.flags.ttl is not None else context.spec.node_init.join.token.ttl_seconds
        if not 0 < seconds <= _LONGEST:
            raise Refusal("a token that is made here ends, within a year", "--ttl 24h, or join.token.ttl")
        self._ttl = timedelta(seconds=seconds)
        self._ends = datetime.now(UTC) + self._ttl
        self._made = ""

    def read(self) -> Seen:
        """What nodes read, and our Secrets. Raises Trouble, Refusal."""
        context = self._context
        there = token_object.has_bucket(context)
        items = cluster.secrets(context, ack.NAMESPACE, _labels(context))
        live = [item for item in items if "deletionTimestamp" not in item["metadata"]]
        tokens = tuple(sorted((_token(context, item) for item in live), key=lambda each: (each.made, each.name)))
        foreign = bool(self._fixed) and self._fixed not in [each.name for each in tokens]
        foreign = foreign and cluster.is_there(context, _path(self._fixed))
        found = token_object.look(context) if there else None
        return Seen(there, found, tokens, foreign, datetime.now(UTC))

    def chosen(self, seen: Seen) -> Token | None:
        """The token that nodes are to join with; None when one has to be made."""
        usable = [each for each in seen.tokens if each.value and self._is_good(each, seen.now)]
        held = "" if seen.object is None else seen.object.value
        # Kubernetes counts in seconds: of two that are as young, the one in the object stays.
        return max(usable, key=lambda each: (each.made, each.value == held), default=None)

    def _is_good(self, token: Token, now: datetime) -> bool:
        left = token.ends - now
        if self._context.flags.renew:
            return token.value == self._made
        if self._fixed:
            return token.name == self._fixed and left > timedelta(0)
        return self._ttl / 2 <= left <= self._ttl + SKEW

    def old(self, seen: Seen, chosen: Token) -> list[Token]:
        """What may go: nodes have read another one for long enough."""
        since = None if seen.object is None else seen.object.written
        if since is None or seen.now - since < GRACE:
            return []
        return [each for each in seen.tokens if each.name != chosen.name and seen.now - each.made >= GRACE]

    def differ(self, seen: Seen) -> list[Change]:
        """What is left. Raises Refusal."""
        put: Sign = "+" if seen.object is None else "~"
        chosen = self.chosen(seen)
        if chosen is None and seen.foreign:
            return self._of_another(seen)
        if chosen is None:
            made = Change("+", f"bootstrap token (ends {_stamp(self._ends)})")
            return [made, Change(put, f"object {self._url}: that token")]
        if seen.object is None or seen.object.value != chosen.value:
            return [Change(put, f"object {self._url}: the newest token of the cluster")]
        return [Change("-", f"bootstrap token of {_stamp(each.made)}, replaced") for each in self.old(seen, chosen)]

    def _of_another(self, seen: Seen) -> list[Change]:
        number, where = token_id(self._context.spec), f"{ack.NAMESPACE}/{self._fixed}"
        held = seen.object is not None and seen.object.value.startswith(f"{number}.")
        if held and not self._context.flags.renew:
            return []
        raise Refusal(
            f"Secret {where} is somebody else's" + ("" if held else ", and the object does not hold its token"),
            f"upload it as hybridc steps says, or kubeadm token delete {number} and run this again",
        )

    def apply(self, seen: Seen) -> None:
        """The next of three: Secret, object, end of the old. The run looks between them. Raises Trouble, Refusal."""
        token_object.need_bucket(seen.bucket)
        chosen = self.chosen(seen)
        if chosen is None:
            if self._fixed in [each.name for each in seen.tokens]:
                cluster.delete(self._context, _path(self._fixed))  # ours, and ended or damaged
            cluster.create_secret(self._context, self._new())
        elif seen.object is None or seen.object.value != chosen.value:
            self._put(chosen.value)
        else:
            for each in self.old(seen, chosen):
                cluster.delete(self._context, _path(each.name))

    def _put(self, value: str) -> None:
        try:
            token_object.put(self._context, value)
        except Trouble as trouble:
            help = f"{trouble.help}; the token is in the cluster, and the next run puts it"  # noqa: A001
            said = {"status": trouble.status, "code": trouble.code, "unsure": trouble.unsure}
            raise Trouble(str(trouble), help, **said) from None  # type: ignore[arg-type]

    def _new(self) -> cluster.Secret:
        number = token_id(self._context.spec) if self._fixed else _random(6)
        half = _random(16)
        self._made = f"{number}.{half}"
        self._context.identity.hide(half, self._made)
        data = {
            "token-id": number,
            "token-secret": half,
            "expiration": _stamp(self._ends),
            "usage-bootstrap-authentication": "true",
            "usage-bootstrap-signing": "true",
            "auth-extra-groups": kubernetes.token_group(),
            "description": f"hybridc publish token, for the cloud nodes of {self._context.spec.name}",
        }
        name = f"{kubernetes.token_secrets()}{number}"
        return cluster.Secret(ack.NAMESPACE, name, data, labels=_labels(self._context), type=kubernetes.token_type())

    def notes(self, seen: Seen) -> list[str]:
        """When it ends, and what stays for nodes that are joining."""
        chosen = self.chosen(seen)
        if chosen is None:
            return []
        held = seen.object is not None and seen.object.value == chosen.value
        ends = f"the token ends {_stamp(chosen.ends)}"
        if not held:
            return [f"{ends}; it was made and never put, and is used now"]
        stay = len(seen.tokens) - 1 - len(self.old(seen, chosen))
        return [ends, *([f"{stay} before it: revoked an hour after it was replaced, by the next run"] if stay else [])]

    def is_put(self, seen: Seen) -> bool:
        """Whether nodes read a token of the cluster, by all that can be seen: ours and young, or somebody else's."""
        chosen = self.chosen(seen)
        if seen.object is None:
            return False
        if chosen is not None and seen.object.value == chosen.value:
            return True
        ours = seen.object.value in [each.value for each in seen.tokens]
        name = f"{kubernetes.token_secrets()}{seen.object.value.partition('.')[0]}"
        return not ours and bool(_WHOLE.fullmatch(seen.object.value)) and cluster.is_there(self._context, _path(name))


def action(context: Context, step: str, url: str) -> Action:
    """Makes a token where less than half of a life is left. Raises Refusal where hybridc cannot make one."""
    method = context.spec.node_init.join.method
    if method != "kubeadm":
        raise Refusal(
            f"hybridc makes no token of {method}", "make one on a server, as hybridc steps says, and --token-file FILE"
        )
    minting = Minting(context, url)
    return Action(step, minting.read, minting.differ, minting.apply, minting.notes)


def _labels(context: Context) -> dict[str, str]:
    name = str(context.spec.name)
    return {**labels(name), LABEL: name}


def _path(name: str) -> str:
    return f"/api/v1/namespaces/{ack.NAMESPACE}/secrets/{name}"


def _random(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _token(context: Context, item: dict[str, Any]) -> Token:
    """A Secret of ours as it is, whatever became of it."""
    meta, data = item["metadata"], {key: _plain(value) for key, value in (item.get("data") or {}).items()}
    half = data.get("token-secret", "")
    value = f"{data.get('token-id', '')}.{half}"
    context.identity.hide(half, value, str(meta["name"]))
    name, made, ends = str(meta["name"]), _time(meta.get("creationTimestamp")), _time(data.get("expiration"))
    whole = _WHOLE.fullmatch(value) and name == f"{kubernetes.token_secrets()}{value[:6]}"
    usable = data.get("usage-bootstrap-authentication") == data.get("usage-bootstrap-signing") == "true"
    kept = whole and usable and item.get("type") == kubernetes.token_type()
    return Token(name, value if kept else "", made, ends)


def _plain(value: Any) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except ValueError:
        return ""


def _time(value: Any) -> datetime:
    """A time; long ago for what is none."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        found = datetime.min
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
