"""What a code is: who reports it, how bad it is, since when, whether it can be accepted."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Stage(StrEnum):
    """Who reports a code; the value is how people are told."""

    TEXT = "when a file is read"
    FORM = "against the schema"
    SPEC = "in the spec"
    OUTPUT = "over the output"
    FLEET = "over the specs of one call"
    DISK = "over the output folder"
    ENI_CONFIG = "in an existing eni-config (validate --eni-config)"
    LIVE = "in the live cluster"
    NODE = "on a node, by the node script or the script of preflight --node"


OPEN, GUARDED = False, True
"""Whether ``checks.ignore`` can accept a code's findings, or must not silence them."""


class Code(NamedTuple):
    """A code with the stages that report it, the first one first.

    ``guarded``: it protects against the loss of secrets or of foreign objects, or leaves nothing to build from.
    """

    id: str
    since: str
    severity: str
    stages: tuple[Stage, ...]
    guarded: bool

    @property
    def family(self) -> str:
        """NET004 → NET."""
        return self.id.rstrip("0123456789")

    @property
    def acceptable(self) -> bool:
        """Whether ``checks.ignore`` can accept its findings: those of a spec, a cluster, a node."""
        return not self.guarded and bool({Stage.SPEC, Stage.FLEET, Stage.LIVE, Stage.NODE}.intersection(self.stages))
