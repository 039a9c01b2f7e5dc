"""The cases of this folder: a file a subject, each case what differs from a healthy cluster, and what is said of it.

    == no-secret
    cluster: {Secret kube-system/alibaba-addon-secret: null}

    hybrid.yaml:42:5: SEC010 error: …

``spec`` is a patch of tests/rules/base.yaml, whose cluster is made to fit the patched spec; ``cluster`` changes its
objects; ``cloud`` changes what is seen of Alibaba Cloud, which is not looked at without it; ``version`` is what the API
server says of itself; ``unseen`` are objects (``Kind namespace/name``) and lists (``Kind``) that could not be seen,
with the reason. Nothing below the blank line: nothing is found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from tests.patched import patched
from tests.preflight import clouds
from tests.preflight.clusters import changed, compiled, healthy, seen

from hybridc.live.cloud_state import CloudState
from hybridc.live.reads import Id
from hybridc.live.state import State

HERE = Path(__file__).parent
BASE = HERE.parent / "rules" / "base.yaml"
SUBJECTS = sorted(HERE.glob("*.txt"))


class Case(NamedTuple):
    """A cluster with something wrong: its name, its change, what a person sees."""

    name: str
    change: str
    said: str

    @property
    def spec(self) -> str:
        """The text of hybrid.yaml."""
        return patched(BASE, yaml.safe_dump(self._change("spec")))

    @property
    def state(self) -> State:
        """The cluster as it is seen."""
        spec = compiled(self.spec).spec
        unseen = self._change("unseen")
        hidden = {_id(name): str(why) for name, why in unseen.items() if not clouds.is_of_the_cloud(name)}
        items = changed(healthy(spec), self._change("cluster"))
        found = seen(spec, items, yaml.safe_load(self.change).get("version", ""), hidden)
        return found if "cloud" not in yaml.safe_load(self.change) else replace(found, cloud=self._cloud(unseen))

    def _cloud(self, unseen: Mapping[str, Any]) -> CloudState:
        hidden = {name: str(why) for name, why in unseen.items() if clouds.is_of_the_cloud(name)}
        return clouds.changed(clouds.fitting(self.spec), self._change("cloud"), hidden)

    def _change(self, part: str) -> Mapping[str, Any]:
        data = yaml.safe_load(self.change)
        assert data.keys() <= {"spec", "cluster", "cloud", "version", "unseen"}, self.name
        found: Mapping[str, Any] = data.get(part) or {}
        return found


def _id(name: str) -> Id:
    kind, _, rest = name.partition(" ")
    namespace, _, own = rest.rpartition("/")
    return Id(kind, namespace, own)


def read(subject: Path) -> list[Case]:
    """The cases of a file."""
    found = []
    for block in re.split(r"(?m)^== ", subject.read_text("utf-8"))[1:]:
        name, _, rest = block.partition("\n")
        change, _, said = rest.partition("\n\n")
        found.append(Case(name, f"{change.rstrip()}\n", said.strip("\n") + "\n" if said.strip() else ""))
    return found


def write(cases: list[Case]) -> str:
    """The text of a file of cases."""
    return "\n".join(f"== {case.name}\n{case.change}" + (f"\n{case.said}" if case.said else "") for case in cases)


CASES = {case.name: case for subject in SUBJECTS for case in read(subject)}
