"""A cluster as it was seen: frozen, and sure of what it says.

An object is there, or it is not there, or it could not be seen; who asks for what could not be seen gets
:class:`Unseen` raised, and cannot take it for absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hybridc.live.pods import PodAt
from hybridc.live.reads import VERSION, Id
from hybridc.live.served import Served

if TYPE_CHECKING:
    from hybridc.live.cloud_state import CloudState

Data = dict[str, Any]


class Unseen(Exception):
    """Something could not be seen: what, and why (``needs get on configmaps in kube-system``)."""

    def __init__(self, what: Id, why: str) -> None:
        super().__init__(f"cannot see {what} ({why})")
        self.what = what
        self.why = why


@dataclass(frozen=True)
class State:
    """What decides of a cluster, as plain data that nobody changes.

    ``server`` is the address of the API server (or the folder), ``version`` what it says of itself (``v1.34.2``; ""
    when unknown). ``objects`` are projected (:mod:`hybridc.live.reads`). ``whole`` are the lists that were read to
    their end, ``absent`` the objects that were asked for by name and are not there, ``unseen`` what could not be seen,
    and why. ``running`` are pods, sorted; they are no objects, since there are many. ``at`` is when it was seen (RFC
    3339; "" when nobody knows). ``served`` are the pods of DaemonSets, by ``Id("Pod", its namespace, its name)``.
    ``cloud`` is what was seen of Alibaba Cloud, where somebody asked for it.
    """

    server: str
    version: str = ""
    objects: Mapping[Id, Data] = field(default_factory=dict)
    whole: frozenset[Id] = frozenset()
    absent: frozenset[Id] = frozenset()
    unseen: Mapping[Id, str] = field(default_factory=dict)
    running: tuple[PodAt, ...] = ()
    at: str = ""
    served: Mapping[Id, tuple[Served, ...]] = field(default_factory=dict)
    cloud: CloudState | None = None

    def one(self, kind: str, namespace: str, name: str) -> Data | None:
        """An object; None when it is surely not there. Raises :class:`Unseen`."""
        asked = Id(kind, namespace, name)
        if asked in self.objects:
            return self.objects[asked]
        if asked in self.absent or Id(kind) in self.whole or Id(kind, namespace) in self.whole:
            return None
        why = next(filter(None, map(self.unseen.get, (asked, Id(kind, namespace), Id(kind)))), None)
        raise Unseen(asked, why or f"it is not in {self.server}")

    def all(self, kind: str, namespace: str = "") -> list[Data]:
        """Every object of a kind, by namespace and name: of one namespace, or of all.

        Raises :class:`Unseen` unless all were seen.
        """
        asked = Id(kind, namespace)
        if not self.whole & {asked, Id(kind)}:
            why = self.unseen.get(asked) or self.unseen.get(Id(kind))
            raise Unseen(asked, why or f"they are not in {self.server}")
        ours = (each for each in sorted(self.objects) if each.kind == kind and namespace in ("", each.namespace))
        return [self.objects[each] for each in ours]

    @property
    def pods(self) -> tuple[PodAt, ...]:
        """Every pod that has a node and an address. Raises :class:`Unseen` unless all were seen."""
        if Id("Pod") not in self.whole:
            raise Unseen(Id("Pod"), self.unseen.get(Id("Pod")) or f"they are not in {self.server}")
        return self.running

    def pods_of(self, namespace: str, daemon_set: str) -> tuple[Served, ...]:
        """The pods of a DaemonSet, sorted. Raises :class:`Unseen`."""
        asked = Id("Pod", namespace, daemon_set)
        if asked not in self.served:
            why = self.unseen.get(asked) or self.unseen.get(Id("Pod")) or f"they are not in {self.server}"
            raise Unseen(Id("Pod", namespace), why)
        return self.served[asked]

    @property
    def minor(self) -> int:
        """The minor version of the API server: 34 for v1.34.2. Raises :class:`Unseen`."""
        parts = self.version.split(".")
        if len(parts) < 2 or not parts[1].isdigit():
            raise Unseen(VERSION, self.unseen.get(VERSION) or f"it is not in {self.server}")
        return int(parts[1])

    @property
    def nodes(self) -> list[Data]:
        """Every Node. Raises :class:`Unseen`."""
        return self.all("Node")

    def daemon_set(self, namespace: str, name: str) -> Data | None:
        """A DaemonSet; None when it is not there. Raises :class:`Unseen`."""
        return self.one("DaemonSet", namespace, name)

    def deployment(self, namespace: str, name: str) -> Data | None:
        """A Deployment; None when it is not there. Raises :class:`Unseen`."""
        return self.one("Deployment", namespace, name)

    def config_map(self, namespace: str, name: str) -> dict[str, str] | None:
        """The data of a ConfigMap; None when it is not there. Raises :class:`Unseen`."""
        found = self.one("ConfigMap", namespace, name)
        return None if found is None else dict(found.get("data", {}))

    def secret_keys(self, namespace: str, name: str) -> frozenset[str] | None:
        """The keys of a Secret that have a value; None when it is not there. Raises :class:`Unseen`."""
        found = self.one("Secret", namespace, name)
        if found is not None and "data" not in found:
            raise Unseen(Id("Secret", namespace, name), "it does not tell the names of its keys")
        return None if found is None else frozenset(found["data"])
