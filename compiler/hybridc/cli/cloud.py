"""The flags of every verb that asks Alibaba Cloud, and the clients and the State that they name."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from hybridc import exits
from hybridc.cli.cluster import shown
from hybridc.cli.say import note

if TYPE_CHECKING:
    from hybridc.cloud.patience import Deadline
    from hybridc.live.cloud_reads import Asked
    from hybridc.live.cloud_state import CloudState


class Account(NamedTuple):
    """Whose cloud is asked: the account ("": that of the credentials), and the region."""

    account: str
    region: str


def endpoint(parser: argparse.ArgumentParser) -> None:
    """``--endpoint``."""
    parser.add_argument(
        "--endpoint",
        action="append",
        default=[],
        metavar="[SERVICE=]URL",
        help="where a service is (sts, ram, cs, oss, vpc, ecs), or all are: private clouds",
    )


def arguments(parser: argparse.ArgumentParser) -> None:
    """``--cloud`` and ``--endpoint`` of a verb that reads."""
    parser.add_argument(
        "--cloud",
        action="store_true",
        help="ask Alibaba Cloud too: VPC, vSwitches, routes, security groups, images, stock, RAM, ACK; read only",
    )
    endpoint(parser)


def read(
    whose: Account,
    asked: Asked,
    endpoints: Sequence[str],
    deadline: Deadline,
    follow: Callable[[CloudState], Asked] | None = None,
) -> CloudState | int:
    """What there is of what is asked for, said in a line; or an exit code, when the reason is said.

    ``follow`` says of the answers what else is to be asked for.
    """
    from hybridc.cloud import identity
    from hybridc.cloud.account import caller
    from hybridc.cloud.acs import Acs
    from hybridc.cloud.endpoints import WrongEndpoint, parse
    from hybridc.cloud.trouble import Trouble
    from hybridc.live import cloud_collect

    try:
        acs = Acs(identity.find(deadline.left), whose.region, deadline, parse(endpoints))
        found = caller(acs)
        if whose.account not in ("", found.account):
            return wrong_account(f"the credentials are of account {found.account} ({found.arn})", whose.account)
        state = cloud_collect.read(acs, found.account, asked)
        if follow is not None:
            state = state.with_more(cloud_collect.read(acs, found.account, follow(state)))
    except WrongEndpoint as error:
        return failed(f"--endpoint: {error}", "SERVICE=https://host, or one URL for all", exits.WRONG_INPUT)
    except Trouble as trouble:
        return failed(str(trouble), trouble.help, exits.WORLD_FAILED)
    note(shown(f"looked at account {state.account} in {state.region}: {len(state.objects)} objects"))
    return state


def wrong_account(what: str, wanted: str) -> int:
    """Say that it is another account than the spec's; the exit code."""
    advice = "use credentials of that account, or mend spec.alibabaCloud.accountID"
    return failed(f"{what}, the spec says {wanted}", advice, exits.WRONG_INPUT)


def failed(message: str, advice: str, code: int) -> int:
    """Say an error and the way out; ``code`` again."""
    note(f"hybridc: error: {shown(message)}", f"  help: {shown(advice)}")
    return code
