"""The cases of this folder: a file a subject, each case what differs from a cluster after its sync, and its table.

    == no-secret
    cluster: {Secret kube-system/alibaba-addon-secret: null}

    wrong     credentials.secret   …

``spec`` is a patch of tests/rules/base.yaml, whose cluster is made of what the patched spec compiles to; ``cluster``
changes its objects; ``version`` is what the API server says of itself; ``unseen`` are objects (``Kind namespace/name``)
and lists (``Kind``) that could not be seen, with the reason; ``at`` is when the cluster was seen. Below the blank line
stands what is not ok; nothing is, when there is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from tests.doctor.clusters import AT, seen, synced
from tests.patched import patched
from tests.preflight import cases
from tests.preflight.cases import BASE, Case, _id
from tests.preflight.clusters import changed, compiled

from hybridc.live.state import State

HERE = Path(__file__).parent
SUBJECTS = sorted(HERE.glob("*.txt"))
read, write = cases.read, cases.write


def spec(case: Case) -> str:
    """The text of hybrid.yaml."""
    return patched(BASE, yaml.safe_dump(_part(case, "spec")))


def state(case: Case) -> State:
    """The cluster as it is seen."""
    found = compiled(spec(case))
    hidden = {_id(name): str(why) for name, why in _part(case, "unseen").items()}
    items = changed(synced(found), _part(case, "cluster"))
    data = yaml.safe_load(case.change) or {}
    return seen(found, items, str(data.get("version", "")), hidden, str(data.get("at", AT)))


def _part(case: Case, part: str) -> Mapping[str, Any]:
    data = yaml.safe_load(case.change) or {}
    assert data.keys() <= {"spec", "cluster", "version", "unseen", "at"}, case.name
    found: Mapping[str, Any] = data.get(part) or {}
    return found
