"""OSS for an account: the keys that RAM makes sign there, and what its policies grant holds there.

``with oss_of(account, {"scripts": Bucket()}) as server``; the rest is ``oss.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.lab.servers.account import Account
from tests.lab.servers.exchange import Reply, Request
from tests.lab.servers.loopback import loopback
from tests.lab.servers.oss import Oss
from tests.lab.servers.oss_signature import Key
from tests.lab.servers.oss_state import Bucket, Line


class AccountOss(Oss):
    """OSS that asks the account at every request: between two of them RAM may have changed it."""

    def __init__(self, account: Account, buckets: Mapping[str, Bucket], region: str) -> None:
        super().__init__((), buckets, region)
        self.account = account

    def answer(self, request: Request, seen: Line) -> Reply:
        self.clock = self.account.clock
        self.keys = {key_id: _key(self.account, key_id) for key_id, key in self.account.keys.items() if key.active}
        return super().answer(request, seen)


def _key(account: Account, key_id: str) -> Key:
    key = account.keys[key_id]
    rights = account.statements(key.principal)
    return Key(key.id, key.secret, account.id, key.principal.name, rights, key.token, key.expires)


@contextmanager
def oss_of(
    account: Account, buckets: Mapping[str, Bucket] | None = None, region: str = "cn-hangzhou"
) -> Iterator[AccountOss]:
    """Run it until the block ends; the buckets are the account's where they have its id as ``owner``."""
    server = AccountOss(account, buckets or {}, region)
    with loopback(server) as server.running:
        yield server
