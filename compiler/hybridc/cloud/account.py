"""Whose account it is, asked once before anything else."""

from __future__ import annotations

from typing import NamedTuple

from hybridc.cloud.acs import Acs
from hybridc.cloud.trouble import strange


class Caller(NamedTuple):
    """``account``: 16 digits; ``arn`` names the user or role."""

    account: str
    arn: str


def caller(acs: Acs) -> Caller:
    """Who asks (STS GetCallerIdentity, which needs no right). Raises Trouble."""
    found = acs.rpc("sts", "GetCallerIdentity", {})
    if not isinstance(found, dict) or not found.get("AccountId"):
        raise strange("sts", "GetCallerIdentity", "no AccountId")
    return Caller(str(found.get("AccountId", "")), str(found.get("Arn", "")))
