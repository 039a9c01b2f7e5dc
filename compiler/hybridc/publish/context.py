"""What an action is made of: the compiled spec, the clients, and what the command line says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hybridc.cloud.acs import Acs
from hybridc.cloud.endpoints import Endpoint, of
from hybridc.cloud.identity import Identity
from hybridc.cloud.oss import Oss
from hybridc.cloud.patience import Deadline
from hybridc.compile import Compiled
from hybridc.lower.bundle import Bundle
from hybridc.publish.plan import Refusal
from hybridc.spec.model import Spec


class Flags(NamedTuple):
    """What the command line says of single steps. ``out`` is the folder of the build."""

    out: str = "out"


class Context(NamedTuple):
    """Clients connect when they are first used."""

    compiled: Compiled
    identity: Identity
    acs: Acs
    oss: Oss
    deadline: Deadline
    flags: Flags = Flags()

    @property
    def spec(self) -> Spec:
        """The spec."""
        return self.compiled.spec

    @property
    def bundle(self) -> Bundle:
        """Its products."""
        return self.compiled.bundle


def context(
    compiled: Compiled,
    identity: Identity,
    deadline: Deadline,
    endpoints: Mapping[str, Endpoint],
    flags: Flags = Flags(),  # noqa: B008 - a frozen record
) -> Context:
    """The clients of an identity in the region of a spec."""
    region = str(compiled.spec.alibaba_cloud.region)
    return Context(
        compiled,
        identity,
        Acs(identity, region, deadline, endpoints),
        Oss(identity, region, deadline, of(endpoints, "oss")),
        deadline,
        flags,
    )


def check_account(context: Context) -> None:
    """Refuse credentials of another account than the spec's, before anything is written. Raises Trouble, Refusal."""
    from hybridc.cloud.account import caller

    found, wanted = caller(context.acs), str(context.spec.alibaba_cloud.account_id)
    if found.account != wanted:
        raise Refusal(
            f"the credentials are of account {found.account} ({context.identity.clean(found.arn)}), the spec says "
            f"{wanted}",
            "use credentials of that account, or mend spec.alibabaCloud.accountID",
        )
