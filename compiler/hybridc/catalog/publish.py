"""What each step asks Alibaba Cloud for, whose rights those are, and what they are called (``publish.toml``)."""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from hybridc.catalog import load

Holder = Literal["publisher", "setup", "operator"]
"""Who does a step: the document in ``cloud/ram/`` that has its rights."""


class Asked(NamedTuple):
    """What steps ask about one kind of resource: calls such as ``oss:PutObject``.

    ``steps`` are ids, or the first part of some with its dot; those of the operator are purposes of day two as well.
    """

    steps: tuple[str, ...]
    holder: Holder
    on: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]

    @property
    def actions(self) -> tuple[str, ...]:
        """The rights that the calls take."""
        return tuple(dict.fromkeys(right for call in (*self.reads, *self.writes) for right in rights(call)))

    def is_of(self, step: str) -> bool:
        """Whether a step asks this."""
        return step in self.steps or f"{step.split('.')[0]}." in self.steps


@cache
def asked() -> tuple[Asked, ...]:
    """Everything that is asked, in the order of the file."""
    return tuple(
        Asked(tuple(entry["steps"]), entry["holder"], entry["on"], tuple(entry["reads"]), tuple(entry["writes"]))
        for entry in load("publish")["asked"]["of"]
    )


def rights(call: str) -> tuple[str, ...]:
    """What RAM is asked for when ``call`` (``oss:HeadObject``) is made. KeyError for a call that is not known."""
    return _rights()[call]


@cache
def _rights() -> dict[str, tuple[str, ...]]:
    facts = load("publish")
    found = {
        f"{service['name']}:{call}": (f"{service['name']}:{call}",)
        for service in facts["same_name"]
        for call in service["calls"]
    }
    return found | {entry["name"]: tuple(entry["rights"]) for entry in facts["other_name"]}


def source(action: str) -> str:
    """Where it stands that a right has this name."""
    facts, (service, call) = load("publish"), action.split(":")
    others = [entry["source"] for entry in facts["other_name"] if action in entry["rights"]]
    same = [each["source"] for each in facts["same_name"] if each["name"] == service and call in each["calls"]]
    return str([*others, *same][0])
