"""The cloud as it was seen: frozen, and as sure of what it says as a :class:`~hybridc.live.state.State` is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hybridc.live.reads import Id
from hybridc.live.state import Unseen

Data = dict[str, Any]


@dataclass(frozen=True)
class CloudState:
    """What decides of one account and region, as plain data that nobody changes.

    ``objects`` are projected (:mod:`hybridc.live.cloud_reads`); the namespace of an :class:`Id` is the VPC of a route
    table, and the cluster of a node pool or an add-on. ``whole`` are the lists that were read to their end, ``absent``
    what was asked for by name and is not there, ``unseen`` what could not be seen, and why. ``at`` is when it was seen
    (RFC 3339).
    """

    account: str
    region: str
    objects: Mapping[Id, Data] = field(default_factory=dict)
    whole: frozenset[Id] = frozenset()
    absent: frozenset[Id] = frozenset()
    unseen: Mapping[Id, str] = field(default_factory=dict)
    at: str = ""

    def with_more(self, other: CloudState) -> CloudState:
        """Both, where ``other`` was asked for something else."""
        return CloudState(
            self.account,
            self.region,
            {**self.objects, **other.objects},
            self.whole | other.whole,
            self.absent | other.absent,
            {**self.unseen, **other.unseen},
            other.at,
        )

    def one(self, kind: str, name: str) -> Data | None:
        """An object; None when it is surely not there. Raises :class:`Unseen`."""
        asked = Id(kind, "", name)
        if asked in self.objects:
            return self.objects[asked]
        if asked in self.absent:
            return None
        raise Unseen(asked, self.unseen.get(asked) or "it was not looked at")

    def all(self, kind: str, of: str) -> list[Data]:
        """Every object of a kind that a VPC or a cluster has, by name. Raises :class:`Unseen` unless all were seen."""
        asked = Id(kind, of)
        if asked not in self.whole:
            raise Unseen(asked, self.unseen.get(asked) or "they were not looked at")
        return [self.objects[each] for each in sorted(self.objects) if each[:2] == asked[:2]]
