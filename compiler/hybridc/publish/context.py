"""What an action is made of: the compiled spec, the clients, and what the command line says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from hybridc.cloud.acs import Acs
from hybridc.cloud.endpoints import Endpoint, of
from hybridc.cloud.identity import Identity
from hybridc.cloud.oss import Oss
from hybridc.cloud.patience import Deadline
from hybridc.cloud.trouble import Trouble
from hybridc.compile import Compiled
from hybridc.lower.bundle import Bundle
from hybridc.publish.flags import Flags
from hybridc.publish.plan import Refusal
from hybridc.spec.model import Spec

if TYPE_CHECKING:
    from hybridc.doctor.look import Look

_CLUSTER = 60.0
"""Seconds for one look at the cluster."""


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

    def look(self) -> Look:
        """The cluster as it is now, beside the spec. Raises :class:`~hybridc.cloud.trouble.Trouble`."""
        from hybridc.doctor.look import Look
        from hybridc.doctor.run import wanted
        from hybridc.live import cluster

        target = cluster.Target(self.flags.kubeconfig, self.flags.context, min(_CLUSTER, max(1, self.deadline.left)))
        try:
            return Look(self.compiled, cluster.read(target, wanted(self.compiled)))
        except cluster.Unreachable as error:
            raise Trouble(self.identity.clean(str(error)), error.help) from None


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
