"""The reads, one after the other, as a State: pages, what is forbidden, what is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hybridc.live.pods import QUERY, TABLE, PodAt, of_table
from hybridc.live.reads import KINDS, LISTS, NAMED, VERSION, Id, Kind
from hybridc.live.served import Served, selector
from hybridc.live.served import of_object as served_by
from hybridc.live.shapes import Misshapen, project
from hybridc.live.state import State
from hybridc.source.secrets import MASK

Data = dict[str, Any]
T = TypeVar("T")
Found = list[T]
Get = Callable[[str, Mapping[str, str], str], Any]
"""``get(path, query, accept)``: the answer as data. Raises :class:`Missing`, :class:`Forbidden`, :class:`Expired`."""

Follow = Callable[[Mapping[Id, Data]], Iterable[Id]]
"""What else to ask for by name, once these objects were seen: they name it."""

PAGE = "500"
_JSON = "application/json"
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_STARTS = 3


def _as_it_is(value: Any, place: str) -> Any:
    return value


_LIST = {"items": [_as_it_is], "metadata": {"continue": str}}
_FIELDS = {"f:data": dict, "f:stringData": dict}  # a server-side apply owns the field that it named
_SECRET = {"metadata": {"managedFields": [{"fieldsV1": _FIELDS}]}}


class Missing(Exception):
    """404: the object is not there, or the API server does not know the kind."""


class Forbidden(Exception):
    """403."""


class Expired(Exception):
    """410: the pages are of a list that is too old by now."""


def nothing(_: Mapping[Id, Data]) -> Iterable[Id]:
    """Whoever follows no name that an object has."""
    return ()


def collect(server: str, get: Get, wanted: Iterable[Id], follow: Follow = nothing) -> State:
    """The State of a cluster; ``wanted`` are the objects to ask for by name where their list does not tell.

    With the kind Pod it is the name of a DaemonSet whose pods are asked for.
    """
    found = _Found(get)
    version = found.version()
    for each in LISTS:
        found.list(each)
    found.pods()
    asked = dict.fromkeys((*NAMED, *wanted))
    for each in asked:
        found.ask(each)
    for each in dict.fromkeys(follow(found.objects)):
        if each not in asked:
            found.ask(each)
    return State(
        server,
        version,
        found.objects,
        frozenset(found.whole),
        frozenset(found.absent),
        found.unseen,
        tuple(sorted(found.running)),
        served=found.served,
    )


@dataclass
class _Found:
    """What was seen so far."""

    get: Get
    objects: dict[Id, Data] = field(default_factory=dict)
    whole: set[Id] = field(default_factory=set)
    absent: set[Id] = field(default_factory=set)
    unseen: dict[Id, str] = field(default_factory=dict)
    running: list[PodAt] = field(default_factory=list)
    served: dict[Id, tuple[Served, ...]] = field(default_factory=dict)

    def version(self) -> str:
        try:
            return str(self.get("/version", {}, _JSON).get("gitVersion", ""))
        except (Forbidden, Missing):
            self.unseen[VERSION] = "needs get on the URL /version"
            return ""

    def ask(self, asked: Id) -> None:
        """A list, the pods of a DaemonSet, or an object whose list does not tell."""
        if asked.kind == "Pod":
            self.pods_of(asked)
        elif not asked.name:
            self.list(asked)
        elif not self.whole & {Id(asked.kind), Id(asked.kind, asked.namespace)}:
            self.one(asked)

    def list(self, asked: Id) -> None:
        """All objects of a kind, in a namespace or in all."""
        kind = KINDS[asked.kind]
        self.objects |= self._all(
            kind, {}, _JSON, lambda page: [projected(kind, item) for item in page["items"]], asked
        )

    def pods(self) -> None:
        """All pods that have not ended."""
        self.running += self._all(KINDS["Pod"], QUERY, TABLE, lambda page: list(of_table(page)))

    def pods_of(self, asked: Id) -> None:
        """The pods of a DaemonSet, none where there is no such DaemonSet."""
        daemon_set = asked._replace(kind="DaemonSet")
        item = self.objects.get(daemon_set)
        if item is None and daemon_set not in self.absent and Id("DaemonSet") not in self.whole:
            self.unseen[asked] = self.unseen.get(daemon_set) or self.unseen.get(Id("DaemonSet"), "")
        elif item is None:
            self.served[asked] = ()
        elif not (labels := selector(item)):
            self.unseen[asked] = "its DaemonSet does not select by labels alone"
        else:
            query = {"labelSelector": labels}
            found = self._all(KINDS["Pod"], query, _JSON, lambda page: [*map(served_by, page["items"])], asked)
            if asked in self.whole:
                self.whole.remove(asked)
                self.served[asked] = tuple(sorted(found))

    def _all(
        self,
        kind: Kind,
        query: Mapping[str, str],
        accept: str,
        take: Callable[[Data], Found[T]],
        asked: Id | None = None,
    ) -> Found[T]:
        """What ``take`` makes of the pages of a list; nothing when they cannot be seen, and the reason is kept.

        Pages that get too old meanwhile are read anew from the first one on. ``asked``: those of its namespace alone.
        """
        space = "" if asked is None else asked.namespace
        asked = asked or Id(kind.name)
        for _ in range(_STARTS):
            try:
                found = [each for page in self._pages(kind, query, accept, space) for each in take(page)]
            except Forbidden:
                self.unseen[asked] = f"needs {kind.right(space)}"
                return []
            except Misshapen as error:
                self.unseen[asked] = f"the API server answers with something else: {error}"
                return []
            except Expired:
                continue
            self.whole.add(asked)
            return found
        self.unseen[asked] = "the list changes faster than it can be read"
        return []

    def _pages(self, kind: Kind, query: Mapping[str, str], accept: str, space: str) -> Iterator[Data]:
        token = ""
        while True:
            try:
                where = {"limit": PAGE, **query, **({"continue": token} if token else {})}
                page = self.get(kind.path(space), where, accept)
            except Missing:
                if kind.other and not token:
                    yield from self._pages(kind._replace(api=kind.other, other=""), query, accept, space)
                return
            listed = project(page, _LIST)
            yield {"items": [], **page, **listed}
            following = listed.get("metadata", {}).get("continue", "")
            if following and following == token:
                raise Misshapen("the page that follows is the page itself")
            token = following
            if not token:
                return

    def one(self, asked: Id) -> None:
        """One object by its name."""
        kind = KINDS[asked.kind]
        try:
            item = self.get(kind.path(asked.namespace, asked.name), {}, METADATA if kind.name == "Secret" else _JSON)
            self.objects |= [projected(kind, _with_keys(item) if kind.name == "Secret" else item)]
        except Missing:
            self.absent.add(asked)
        except Forbidden:
            self.unseen[asked] = f"needs {kind.right(asked.namespace, asked.name)}"
        except Misshapen as error:
            self.unseen[asked] = f"the API server answers with something else: {error}"


def projected(kind: Kind, item: Any) -> tuple[Id, Data]:
    """An object by its name, and what is kept of it. Raises :class:`Misshapen`."""
    kept: Data = project(item, kind.shape)
    meta = kept.get("metadata", {})
    if not meta.get("name"):
        raise Misshapen("metadata.name is missing")
    return Id(kind.name, meta.get("namespace", "") if kind.namespaced else "", meta["name"]), kept


def _with_keys(item: Data) -> Data:
    """A Secret's metadata, with the names of the keys that its managedFields tell; without data when they tell none."""
    fields = project(item, _SECRET).get("metadata", {}).get("managedFields", ())
    parts = [part for each in fields for part in each.get("fieldsV1", {}).values()]
    keys = {key[2:] for part in parts for key in part if key.startswith("f:")}
    return {**item, "data": dict.fromkeys(keys, MASK)} if keys else item
