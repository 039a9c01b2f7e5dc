"""Whose account it is, asked once before anything else."""

from __future__ import annotations

from typing import NamedTuple

from hybridc.cloud.acs import Acs


class Caller(NamedTuple):
    """``account``: 16 digits; ``arn`` names the user or role."""

    account: str
    arn: str


def caller(acs: Acs) -> Caller:
    """Who asks (STS GetCallerIdentity, which needs no right). Raises Trouble."""
    found = acs.rpc("sts", "GetCallerIdentity", {})
    return Caller(str(found.get("AccountId", "")), str(found.get("Arn", "")))
