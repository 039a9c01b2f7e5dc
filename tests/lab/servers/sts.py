"""STS (2015-04-01) on loopback: who signs.

``with sts(account) as server``. Shapes: https://www.alibabacloud.com/help/doc-detail/43767.htm; everybody may ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.servers.account import Account
from tests.lab.servers.acs import Acs, Api, Call, Operation, acs
from tests.lab.servers.acs_words import Json
from tests.lab.servers.ram import denied

_TYPES = {"Account": "Account", "User": "RAMUser", "Role": "AssumedRoleUser"}


def get_caller_identity(call: Call) -> Json:
    """UserId is that of a user or of the account; RoleId that of a role."""
    account, principal = call.account, call.principal
    found = {"IdentityType": _TYPES[principal.kind], "AccountId": account.id, "Arn": account.arn(principal)}
    if principal.kind == "Role":
        role = account.roles[principal.name]
        return found | {"RoleId": role.id, "PrincipalId": f"{role.id}:hybridc"}
    user = account.id if principal.kind == "Account" else account.users[principal.name].id
    return found | {"UserId": user, "PrincipalId": user}


API = Api("sts", "sts.aliyuncs.com", "2015-04-01", {"GetCallerIdentity": Operation(get_caller_identity)}, denied)


@contextmanager
def sts(account: Account) -> Iterator[Acs]:
    """Run it until the block ends."""
    with acs(API, account) as server:
        yield server
