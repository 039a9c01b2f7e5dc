"""A report of ``hybridc preflight --node``'s script: read as data that somebody else wrote.

JSON lines: a head with the cluster and a digest of what was asked for, a line a look, and an end with their number::

    {"hybridc": "node-report", "version": 1, "cluster": "…", "spec": "…", "side": "cloud", "host": "…", "at": "…"}
    {"look": "api-server", "about": "10.0.0.1:6443", "result": "ok", "seen": "HTTP 200"}
    {"end": 1}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from hybridc.lower.node_check import digest
from hybridc.spec.model import Spec
from hybridc.words import one_line

VERSION = 1
RESULTS = ("ok", "failed", "unseen")
_MOST_BYTES = 1024 * 1024
_MOST_LOOKS = 1000
_LONGEST = 400
_AGAIN = "make it again: bash check-node.sh --report FILE, with the script that preflight --node prints of this spec"


class Look(NamedTuple):
    """What a look saw: ``about`` is the address, ``result`` one of RESULTS, ``seen`` a sentence."""

    name: str
    about: str
    result: str
    seen: str


class NodeReport(NamedTuple):
    """A report: ``side`` is idc or cloud."""

    cluster: str
    spec: str
    side: str
    host: str
    at: str
    looks: tuple[Look, ...]


class Unusable(Exception):
    """A file that is no report of this spec; ``help`` is the way out. ``world``: it could not be read at all."""

    def __init__(self, message: str, help: str = _AGAIN, *, world: bool = False) -> None:  # noqa: A002
        super().__init__(message)
        self.help = help
        self.world = world


def load(path: str) -> NodeReport:
    """The report in a file; :class:`Unusable` when it cannot be read, is too large, broken off or none."""
    try:
        with open(path, "rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise Unusable(f"cannot read {path}: {error.strerror or error}", "give a file", world=True) from error
    if len(raw) > _MOST_BYTES:
        raise Unusable(f"{path} is too large for a report")
    return parse(raw, path)


def parse(raw: bytes, path: str) -> NodeReport:
    """The report in these bytes."""
    head, *rest = _records(raw, path) or [{}]
    if head.get("hybridc") != "node-report":
        raise Unusable(f"{path} is no report of check-node.sh")
    if head.get("version") != VERSION or isinstance(head.get("version"), bool):
        raise Unusable(f"{path} has another version than {VERSION}, which this hybridc reads")
    if not rest or rest[-1] != {"end": len(rest) - 1}:
        raise Unusable(f"{path} is broken off: its last line does not say how many looks there are")
    cluster, spec, side, host, at = (_text(head, key, path) for key in ("cluster", "spec", "side", "host", "at"))
    if side not in ("idc", "cloud"):
        raise Unusable(f"{path} is of no side that is known")
    return NodeReport(cluster, spec, side, host, at, tuple(_looks(rest[:-1], path)))


def fits(report: NodeReport, spec: Spec, path: str) -> None:
    """:class:`Unusable` when the report is of another cluster, or of a spec that asks for other things."""
    if report.cluster != spec.name:
        raise Unusable(f"{path} is of the cluster {report.cluster}, not of {spec.name}")
    if report.spec != digest(spec):
        raise Unusable(f"{path} was made for another state of the spec: addresses have changed since")


def _records(raw: bytes, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    try:
        lines = raw.decode("utf-8").split("\n")
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            one = json.loads(line)
            if not isinstance(one, dict) or len(found) > _MOST_LOOKS + 1:
                raise Unusable(f"{path}, line {number}: this is no line of a report")
            found.append(one)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{path} is no report, or broken off: not JSON lines") from error
    return found


def _looks(records: list[dict[str, Any]], path: str) -> Iterator[Look]:
    for record in records:
        look = Look(*(_text(record, key, path) for key in ("look", "about", "result", "seen")))
        if look.result not in RESULTS:
            raise Unusable(f"{path}: a look has a result that is not known")
        yield look


def _text(record: dict[str, Any], key: str, path: str) -> str:
    """A word of a record, on one line and not too long."""
    value = record.get(key)
    if not isinstance(value, str):
        raise Unusable(f"{path}: a line lacks {key}")
    return one_line(value[:_LONGEST].replace("\t", " "))
