"""A State as a folder of files, and any folder of what ``kubectl get … -o yaml`` or ``-o json`` printed as a State.

A dump is JSON: 50,000 objects as YAML take a minute to write and to read. An object is a line, so that two dumps can
be compared; each file but ``state.json`` is the List that kubectl prints. Files of others may also be YAML, read by
PyYAML's C loader, not by :mod:`hybridc.source`: that one is made for a spec of a person (1 MiB, 10,000 values).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from hybridc.live import cloud_file, pods, served
from hybridc.live.cloud_state import CloudState
from hybridc.live.collect import projected
from hybridc.live.reads import KINDS, Id, Kind
from hybridc.live.shapes import Misshapen
from hybridc.live.state import State

STATE = "state.json"
_VERSION = "hybridc.dev/v1alpha1"
_KIND = "ClusterState"
_LARGEST = {".json": 512 << 20, ".yaml": 32 << 20, ".yml": 32 << 20}
_DEEPEST = 64
_HEAD, _TAIL = '{"apiVersion":"v1","kind":"List","items":[\n', "]}\n"


class Unusable(Exception):
    """A folder that cannot be read from or written to: what is wrong, and what to do."""

    def __init__(self, message: str, help: str) -> None:  # noqa: A002
        super().__init__(message)
        self.help = help


def dump(state: State, folder: str) -> None:
    """Write the folder; one that holds anything but a dump is left alone. Raises :class:`Unusable`, OSError.

    While it is written, and when that fails, there is no ``state.json``: it is no dump then.
    """
    there = _own(folder)
    os.makedirs(folder, exist_ok=True)
    for name in sorted(there, key=lambda name: name != STATE):
        os.unlink(os.path.join(folder, name))
    for name, lines in _files(state):
        with open(os.path.join(folder, name), "x", encoding="utf-8") as file:
            file.writelines(lines)


def _own(folder: str) -> set[str]:
    """The files of an earlier dump."""
    if not os.path.lexists(folder):
        return set()
    if not os.path.isdir(folder):
        raise Unusable(f"{folder} is no folder", "name a folder that a dump may be written to")
    names = set(os.listdir(folder))
    known = {STATE, cloud_file.FILE, *(f"{kind.resource}.json" for kind in KINDS.values())}
    if names and (STATE not in names or names - known):
        other = sorted(names - known) or [f"no {STATE}"]
        raise Unusable(f"{folder} holds something else than a dump ({other[0]})", "name a new or an empty folder")
    return names


def _files(state: State) -> Iterator[tuple[str, Iterable[str]]]:
    """Name and lines of every file, ``state.json`` last: a folder without it is no whole dump."""
    for kind in KINDS.values():
        items = [state.objects[each] for each in sorted(state.objects) if each.kind == kind.name]
        if kind.name == "Pod" and state.running:
            yield f"{kind.resource}.json", _listed(kind, map(pods.as_object, state.running))
        elif items:
            yield f"{kind.resource}.json", _listed(kind, items)
    if state.cloud is not None:
        yield cloud_file.FILE, cloud_file.lines(state.cloud, _VERSION)
    told = {
        "apiVersion": _VERSION,
        "kind": _KIND,
        "server": state.server,
        "version": state.version,
        "at": state.at,
        "lists": sorted(state.whole),
        "absent": sorted(state.absent),
        "pods": [[*each, found] for each, found in sorted(state.served.items())],
        "unseen": [[*each, why] for each, why in sorted(state.unseen.items())],
    }
    yield STATE, (json.dumps(told, indent=1), "\n")


def _listed(kind: Kind, items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A List of kubectl, an item a line."""
    yield _HEAD
    comma = ""
    for item in items:
        yield f"{comma}{json.dumps({'apiVersion': kind.api, 'kind': kind.name, **item})}"
        comma = ",\n"
    yield f"\n{_TAIL}"


def load(folder: str) -> State:
    """The State of a folder; of a folder without ``state.json`` what its files show.

    Raises :class:`Unusable` for what is no such folder, OSError for what cannot be read.
    """
    found = _Found(folder)
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError) as error:
        message = f"cannot read the folder {folder}: {error.strerror}"
        raise Unusable(message, "name a folder of kubectl's output") from error
    for name in names:
        end = os.path.splitext(name)[1]
        path = os.path.join(folder, name)
        if end in _LARGEST and not name.startswith(".") and os.path.isfile(path):
            for document in _documents(path, end):
                found.take(document, name)
    return found.state()


class _Found:
    """What the files of a folder hold."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.objects: dict[Id, tuple[dict[str, Any], str]] = {}
        self.whole: set[Id] = set()
        self.running: dict[pods.PodAt, None] = {}
        self.served: dict[tuple[str, str], dict[served.Served, None]] = {}
        self.told: dict[str, Any] | None = None
        self.cloud: CloudState | None = None
        self.version = ""

    def take(self, document: Any, name: str) -> None:
        """One document: a List, an object, what /version answers, or what a dump says of itself."""
        if not isinstance(document, dict):
            raise Unusable(f"{name} is no output of kubectl get", "make it with kubectl get … -o yaml")
        if document.get("kind") == _KIND:
            self.told = document
        elif document.get("kind") == cloud_file.KIND:
            self.cloud = _cloud(document, name)
        elif "gitVersion" in document and "kind" not in document:
            self.version = str(document["gitVersion"])
        elif isinstance(server := document.get("serverVersion"), dict) and "kind" not in document:
            self.version = str(server.get("gitVersion", ""))  # kubectl version -o yaml
        elif isinstance(items := document.get("items"), list) and str(document.get("kind", "")).endswith("List"):
            items = [_whole(item, document) for item in items]
            kinds = {self.object(item, name) for item in items} | _said_empty(document)
            self.whole |= {Id(kind) for kind in kinds if kind and self._all_of(kind, items)}
            self.whole |= _said_whole(document, items)
        else:
            self.object(document, name)

    def object(self, item: Any, name: str) -> str:
        """One object; its kind, "" for one that nobody asks for."""
        kind = KINDS.get(item.get("kind", "") if isinstance(item, dict) else "")
        if kind is None or item.get("apiVersion") not in (kind.api, kind.other or kind.api):
            return ""
        try:
            if kind.name == "Pod":
                self.running |= dict.fromkeys(pods.of_object(item))
                if (owner := served.owner(item)) is not None:
                    self.served.setdefault(owner, {})[served.of_object(item)] = None
                return kind.name
            each, kept = projected(kind, item)
        except Misshapen as error:
            raise Unusable(
                f"{name} holds a {kind.name} of a wrong form: {error}", "make it with kubectl get … -o yaml"
            ) from error
        first = self.objects.setdefault(each, (kept, name))
        if first[0] != kept:
            raise Unusable(f"{first[1]} and {name} hold {each}, and not the same", "remove one of them")
        return kind.name

    @staticmethod
    def _all_of(kind: str, items: list[Any]) -> bool:
        """Whether a List holds all there are: it was made with -A when it spans namespaces."""
        metas = (item.get("metadata") for item in items if isinstance(item, dict))
        spaces = {str(meta["namespace"]) for meta in metas if isinstance(meta, dict) and "namespace" in meta}
        return not KINDS[kind].namespaced or len(spaces) > 1

    def _served(self) -> dict[Id, tuple[served.Served, ...]]:
        """The pods of each DaemonSet that has some, or is there, where all pods are in the folder."""
        if Id("Pod") not in self.whole:
            return {}
        owners = {(each.namespace, each.name) for each in self.objects if each.kind == "DaemonSet"} | self.served.keys()
        return {Id("Pod", *each): tuple(sorted(self.served.get(each, ()))) for each in owners}

    def state(self) -> State:
        """What they show together."""
        objects = {each: kept for each, (kept, _) in self.objects.items()}
        running = tuple(sorted(self.running))
        if self.told is None:
            if not (objects or running or self.version or self.cloud):
                raise Unusable(f"{self.folder} holds nothing that decides", "docs/preflight.md lists what to put there")
            return State(
                self.folder,
                self.version,
                objects,
                frozenset(self.whole),
                running=running,
                served=self._served(),
                cloud=self.cloud,
            )
        try:
            told = self.told
            return State(
                str(told["server"]),
                str(told["version"]),
                objects,
                frozenset(Id(*map(str, each)) for each in told["lists"]),
                frozenset(Id(*map(str, each)) for each in told["absent"]),
                {Id(*map(str, each[:3])): str(each[3]) for each in told["unseen"]},
                running,
                str(told.get("at", "")),
                {Id(*map(str, each[:3])): _pods(each[3]) for each in told.get("pods", ())},
                self.cloud,
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise Unusable(f"{STATE} in {self.folder} is not as hybridc writes it", "dump the cluster anew") from error


def _cloud(document: dict[str, Any], name: str) -> CloudState:
    try:
        return cloud_file.parse(document)
    except (KeyError, TypeError, ValueError, IndexError, Misshapen) as error:
        raise Unusable(f"{name} is not as hybridc writes it", "dump the cloud anew") from error


def _said_empty(listed: dict[str, Any]) -> set[str]:
    """The kind of an empty List of the API itself (``--raw``); that of kubectl does not say what it is empty of."""
    kind = KINDS.get(str(listed["kind"]).removesuffix("List"))
    ours = kind is not None and not kind.namespaced and listed.get("apiVersion") in (kind.api, kind.other or kind.api)
    return {kind.name} if kind is not None and ours and not listed["items"] else set()


def _said_whole(listed: dict[str, Any], items: list[Any]) -> set[Id]:
    """The namespaces that a List of the API itself (``--raw``) holds something of: of each it holds all, or a page."""
    kind = KINDS.get(str(listed["kind"]).removesuffix("List"))
    meta = listed.get("metadata")
    if kind is None or not kind.namespaced or (isinstance(meta, dict) and meta.get("continue")):
        return set()
    metas = [item["metadata"] for item in items if isinstance(item, dict) and isinstance(item.get("metadata"), dict)]
    return {Id(kind.name, str(each["namespace"])) for each in metas if "namespace" in each}


def _pods(found: Any) -> tuple[served.Served, ...]:
    """Pods as a dump has them. TypeError, ValueError or IndexError for what it never writes."""
    made = [(str(node), str(name), bool(ready), str(why), str(at)) for node, name, ready, why, at in found]
    return tuple(served.Served(*each) for each in made)


def _whole(item: Any, listed: dict[str, Any]) -> Any:
    """An item of a List; those of the API itself (``--raw``) leave kind and version to the List."""
    if not isinstance(item, dict) or "kind" in item:
        return item
    return {**item, "kind": str(listed["kind"]).removesuffix("List"), "apiVersion": listed.get("apiVersion")}


def _documents(path: str, end: str) -> Iterator[Any]:
    """The documents of a file; of a dump every item, so that 50,000 are never there at once."""
    name = os.path.basename(path)
    try:
        if os.path.getsize(path) > _LARGEST[end]:
            raise Unusable(
                f"{name} is larger than {_LARGEST[end] >> 20} MiB",
                "make it with -o json, and leave out what is not asked for",
            )
        with open(path, encoding="utf-8-sig") as file:
            if end != ".json":
                yield from _yaml(file.read(), name)
            elif (head := file.readline()) == _HEAD:
                yield from (json.loads(line.rstrip(",\n")) for line in file if line != _TAIL)
            else:
                yield json.loads(head + file.read())
    except UnicodeDecodeError as error:
        raise Unusable(f"{name} is not UTF-8 text", "save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{name} is no JSON: {str(error)[:200]}", "make it with kubectl get … -o json") from error


def _yaml(text: str, name: str) -> Iterator[Any]:
    """The documents of YAML text; without aliases, which kubectl never writes and which can be multiplied."""
    import yaml

    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                depth += 1
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                depth -= 1
            if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
                raise Unusable(f"{name} holds aliases or is nested too deep", "make it with kubectl get … -o yaml")
        yield from (each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if each is not None)
    except (yaml.YAMLError, ValueError) as error:
        words = " ".join(str(error).split())[:200]
        raise Unusable(f"{name} is no YAML: {words}", "make it with kubectl get … -o yaml") from error
