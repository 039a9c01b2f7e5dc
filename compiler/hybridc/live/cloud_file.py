"""The cloud's part of a dump: ``cloud.json``, an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hybridc.live.cloud_reads import SHAPES
from hybridc.live.cloud_state import CloudState
from hybridc.live.reads import Id
from hybridc.live.shapes import Misshapen, project

FILE, KIND = "cloud.json", "CloudState"


def lines(cloud: CloudState, version: str) -> Iterator[str]:
    """The text of the file; ``version`` is that of the dump."""
    told = {
        "apiVersion": version,
        "kind": KIND,
        "account": cloud.account,
        "region": cloud.region,
        "at": cloud.at,
        "lists": sorted(cloud.whole),
        "absent": sorted(cloud.absent),
        "unseen": [[*each, why] for each, why in sorted(cloud.unseen.items())],
    }
    yield f'{json.dumps(told, indent=1)[:-2]},\n "objects": [\n'
    comma = ""
    for each in sorted(cloud.objects):
        yield f"{comma}{json.dumps([*each, cloud.objects[each]])}"
        comma = ",\n"
    yield "\n]}\n"


def parse(document: dict[str, Any]) -> CloudState:
    """What the file says.

    ValueError, KeyError, TypeError, IndexError or Misshapen for what :func:`lines` never writes.
    """
    objects = {}
    for kind, of, name, item in document["objects"]:
        if kind not in SHAPES:
            raise Misshapen(f"{kind} is no kind of object")
        objects[Id(kind, str(of), str(name))] = project(item, SHAPES[kind])
    return CloudState(
        str(document["account"]),
        str(document["region"]),
        objects,
        frozenset(Id(*map(str, each)) for each in document["lists"]),
        frozenset(Id(*map(str, each)) for each in document["absent"]),
        {Id(*map(str, each[:3])): str(each[3]) for each in document["unseen"]},
        str(document["at"]),
    )
