"""An account of Alibaba Cloud: its keys, and what RAM grants them. The servers of one test share it.

What users, roles and policies there are is RAM's state: ``ram.py`` changes it, and every server asks ``allows``.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from tests.lab.servers.oss_policy import Effect, effect

Kind = Literal["Account", "User", "Role", "Group"]
PolicyType = Literal["Custom", "System"]
Statement = Mapping[str, Any]
ALL: Statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
SYSTEM: Mapping[str, list[Statement]] = {"AdministratorAccess": [ALL]}
"""System policies that a test may attach."""


@dataclass(frozen=True)
class Principal:
    """Who signs: the account itself (without a name), a RAM user, or a role that somebody took."""

    kind: Kind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind.lower()}/{self.name}" if self.name else self.kind.lower()


@dataclass
class Key:
    """An access key; with ``token`` one of STS, until ``expires``."""

    id: str
    secret: str
    principal: Principal
    created: datetime
    active: bool = True
    token: str = ""
    expires: datetime | None = None
    used: datetime | None = None


@dataclass
class Entity:
    """A RAM user or role; ``fields`` is the rest of what RAM answers."""

    name: str
    id: str
    created: datetime
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass
class Policy:
    """A custom policy: the documents of its versions in the order they were made, and when."""

    name: str
    description: str
    created: datetime
    versions: dict[str, tuple[str, datetime]]
    default: str = "v1"
    made: int = 1
    """How many versions there ever were: a number is not given again."""
    updated: datetime | None = None


class Account:
    """Keys and RAM's state. ``granted`` are rights that no policy of that state gives: who a test is at its start."""

    def __init__(self, account_id: str = "1234567890123456") -> None:
        self.id = account_id
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.keys: dict[str, Key] = {}
        self.users: dict[str, Entity] = {}
        self.roles: dict[str, Entity] = {}
        self.groups: dict[str, list[str]] = {}
        """By name: the users that it has."""
        self.policies: dict[str, Policy] = {}
        self.attached: dict[Principal, dict[tuple[PolicyType, str], datetime]] = {}
        self.granted: dict[Principal, list[Statement]] = {}
        self.nonces: set[str] = set()

    def root(self) -> Key:
        """A new key of the account itself, which may do everything."""
        return self.new_key(Principal("Account"))

    def user(self, name: str, *statements: Statement) -> Key:
        """A new key of a RAM user, who is made if there is none, with these rights beside those of policies."""
        principal = Principal("User", name)
        self.users.setdefault(name, self._entity(name))
        self.granted.setdefault(principal, []).extend(statements)
        return self.new_key(principal)

    def session(self, role: str, *statements: Statement, lasts: timedelta = timedelta(hours=1)) -> Key:
        """A key of STS for a role, which is made if there is none; with a negative ``lasts`` it has expired."""
        principal = Principal("Role", role)
        self.roles.setdefault(role, self._entity(role))
        self.granted.setdefault(principal, []).extend(statements)
        key = self.new_key(principal, "STS.N")
        key.token, key.expires = f"CAIS{secrets.token_urlsafe(60)}", self.clock() + lasts
        return key

    def new_key(self, principal: Principal, prefix: str = "LTAI5t") -> Key:
        """An access key as CreateAccessKey makes it."""
        key = Key(prefix + secrets.token_hex(9), secrets.token_hex(15), principal, self.clock())
        self.keys[key.id] = key
        return key

    def key(self, key_id: str) -> Key | None:
        return self.keys.get(key_id)

    def keys_of(self, principal: Principal) -> list[Key]:
        """Its permanent keys, the oldest first."""
        return [key for key in self.keys.values() if key.principal == principal and not key.token]

    def arn(self, principal: Principal) -> str:
        """As GetCallerIdentity gives it."""
        if principal.kind == "Account":
            return f"acs:ram::{self.id}:root"
        if principal.kind == "Role":
            return f"acs:ram::{self.id}:assumed-role/{principal.name}/hybridc"
        return f"acs:ram::{self.id}:user/{principal.name}"

    def allows(self, principal: Principal, action: str, resource: str) -> bool:
        """Whether the principal may do ``ram:CreateUser`` to ``acs:ram:*:<account>:user/name``."""
        return self.verdict(principal, action, resource) == "Allow"

    def verdict(self, principal: Principal, action: str, resource: str) -> Effect | None:
        """What its policies say: Deny wins; None when none of them speaks of it."""
        if principal.kind == "Account":
            return "Allow"
        context = {"acs:SourceIp": "127.0.0.1", "acs:SecureTransport": "false"}
        return effect(self.statements(principal), action, resource, context)

    def statements(self, principal: Principal) -> list[Statement]:
        """Every statement that holds for the principal; those of a user's groups too."""
        found = list(self.granted.get(principal, ()))
        groups = [Principal("Group", name) for name, users in self.groups.items() if principal.name in users]
        holders = [principal, *(groups if principal.kind == "User" else ())]
        for kind, name in (each for holder in holders for each in self.attached.get(holder, {})):
            if kind == "System":
                found += SYSTEM[name]
            elif name in self.policies:
                policy = self.policies[name]
                found += json.loads(policy.versions[policy.default][0])["Statement"]
        return found

    def _entity(self, name: str) -> Entity:
        return Entity(name, new_id(), self.clock())


def new_id() -> str:
    """An id as those of users and roles."""
    return str(2 * 10**17 + secrets.randbelow(10**17))


def date(moment: datetime) -> str:
    """A moment as these APIs write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
