"""Pods, of which there are many: where each runs, and its address, from the table that ``kubectl get pods`` shows.

The API server prints tables (``as=Table``): of 50,000 pods that is 10 MB, where the objects are 300 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from sys import intern
from typing import Any, NamedTuple

from hybridc.live.shapes import Misshapen, project

Data = dict[str, Any]
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
QUERY = {"includeObject": "None", "fieldSelector": "status.phase!=Succeeded,status.phase!=Failed"}
SHAPE = {
    "metadata": {"name": str, "namespace": str},
    "spec": {"nodeName": str},
    "status": {"podIPs": [{"ip": str}], "podIP": str},
}
_COLUMNS = ("Name", "Node", "IP")
_NONE = ("", "<none>")


def _cells(value: Any, place: str) -> list[Any]:
    """The cells of a row: text, and numbers that nobody asks for."""
    if not isinstance(value, list):
        raise Misshapen(f"{place} must be a list")
    return value


_PRINTED = {"columnDefinitions": [{"name": str}], "rows": [{"cells": _cells}]}


class PodAt(NamedTuple):
    """A pod on a node, and its address (a pod of two IP versions may be there twice); ``namespace`` "" is unknown."""

    node: str
    name: str
    ip: str
    namespace: str = ""


def of_table(table: Data) -> Iterator[PodAt]:
    """The pods of a table that have a node and an address. Raises :class:`Misshapen`."""
    printed = project(table, _PRINTED)
    names = [column.get("name") for column in printed.get("columnDefinitions", ())]
    if table.get("kind") != "Table" or any(each not in names for each in _COLUMNS):
        raise Misshapen(f"it is no table with {', '.join(_COLUMNS)}")
    places = [names.index(each) for each in _COLUMNS]
    for row in printed.get("rows", ()):
        cells = row.get("cells", ())
        if len(cells) != len(names):
            raise Misshapen("a row has not the cells of its table")
        name, node, ip = (str(cells[place]) for place in places)
        if node not in _NONE and ip not in _NONE:
            yield PodAt(intern(node), name, ip)


def of_object(item: Any) -> Iterator[PodAt]:
    """What an object says of one pod. Raises :class:`Misshapen`."""
    pod = project(item, SHAPE)
    status, meta = pod.get("status", {}), pod.get("metadata", {})
    if not meta.get("name"):
        raise Misshapen("metadata.name is missing")
    node = intern(pod.get("spec", {}).get("nodeName", ""))
    found = [each.get("ip", "") for each in status.get("podIPs", ())] or [status.get("podIP", "")]
    yield from (PodAt(node, meta["name"], ip, intern(meta.get("namespace", ""))) for ip in found if node and ip)


def as_object(pod: PodAt) -> Data:
    """The part of the object that is known."""
    meta = {"name": pod.name, **({"namespace": pod.namespace} if pod.namespace else {})}
    return {"metadata": meta, "spec": {"nodeName": pod.node}, "status": {"podIPs": [{"ip": pod.ip}]}}
