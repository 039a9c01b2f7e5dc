"""A value that is wrong silences the rules that need it, and no other; no rule and no default falls over it."""

from __future__ import annotations

import copy
import json
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hybridc.compile import front
from hybridc.source.document import join
from hybridc.source.reader import read
from hybridc.spec.hole import HOLE, HoleError, is_hole
from hybridc.words import parts

EXAMPLES = Path(__file__).parents[2] / "examples"
EVERYTHING = read("hybrid.yaml", (EXAMPLES / "everything" / "hybrid.yaml").read_bytes())[0]
TODAY = "2026-01-01"


def errors(data: Any) -> dict[str, str]:
    """``{pointer: code}`` of the errors in a spec that is given as data."""
    found = front("hybrid.yaml", json.dumps(data).encode(), TODAY).found
    return {finding.pointer: finding.code for finding in found if finding.severity == "error"}


def changed(pointer: str, change: Callable[[Any, Any], None]) -> Any:
    """The everything example with a change to what holds ``pointer``."""
    data = copy.deepcopy(EVERYTHING.data)
    holder, names = data, parts(pointer)
    for part in names[:-1]:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    change(holder, int(names[-1]) if isinstance(holder, list) else names[-1])
    return data


POINTERS = [pointer for pointer in EVERYTHING.values if pointer and not pointer.startswith("/spec/checks")]


@pytest.mark.parametrize("wrong", [None, "", [], {}, [[]], 1.5, "\N{SNOWMAN}", {"a": {"b": None}}], ids=repr)
def test_no_wrong_value_makes_anything_fall_over(wrong: Any) -> None:
    for pointer in POINTERS:
        errors(changed(pointer, lambda holder, key: operator.setitem(holder, key, wrong)))


def test_no_missing_value_makes_anything_fall_over() -> None:
    for pointer in POINTERS:
        errors(changed(pointer, operator.delitem))


def test_no_misspelled_key_makes_anything_fall_over() -> None:
    def misspell(holder: Any, key: Any) -> None:
        if isinstance(holder, dict):
            holder[f"{key}x"] = holder.pop(key)

    for pointer in POINTERS:
        errors(changed(pointer, misspell))


def test_one_null_is_one_error() -> None:
    cascades = {
        pointer: found
        for pointer in POINTERS
        if set(found := errors(changed(pointer, lambda holder, key: operator.setitem(holder, key, None)))) != {pointer}
    }
    assert cascades == {}


def test_one_misspelled_key_is_one_error() -> None:
    cascades = {}
    for pointer in POINTERS:
        holder, _, key = pointer.rpartition("/")
        if (
            key.isdigit()
            or "extra" in pointer
            or "cniChain/" in pointer
            or not EVERYTHING.get(holder)
            or _free_keys(holder)
        ):
            continue
        found = errors(changed(pointer, lambda there, name: operator.setitem(there, f"{name}x", there.pop(name))))
        if found != {join(holder, f"{key}x"): "SPEC001"}:
            cascades[pointer] = found
    assert cascades == {}


def _free_keys(pointer: str) -> bool:
    free = ("labels", "tags", "eniTags", "hosts", "config", "dynamicConfigs", "instanceTypes", "registryMirrors")
    return pointer.endswith(tuple(f"/{name}" for name in free))


@pytest.mark.parametrize(
    ("pointer", "other"),
    [
        ("/spec/nodePools/0/keyPair", "/spec/nodePools/0/size/desired"),
        ("/spec/cluster/kubernetesVersion", "/spec/cluster/podCIDRs/0"),
        ("/spec/alibabaCloud/vpc/podVSwitches/0/zone", "/spec/alibabaCloud/vpc/nodeVSwitches/0/zone"),
        ("/spec/nodeInit/oss/endpoint", "/spec/nodePools/0/size/desired"),
    ],
)
def test_a_missing_value_does_not_hide_a_mistake_beside_it(pointer: str, other: str) -> None:
    mistakes = {
        "/spec/nodePools/0/size/desired": 99,
        "/spec/cluster/podCIDRs/0": "100.64.0.0/16",
        "/spec/alibabaCloud/vpc/nodeVSwitches/0/zone": "cn-beijing-a",
    }
    data = changed(pointer, lambda holder, key: operator.setitem(holder, key, None))
    holder: Any = data
    parts = other.split("/")[1:]
    for part in parts[:-1]:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    holder[int(parts[-1]) if isinstance(holder, list) else parts[-1]] = mistakes[other]
    assert {pointer, other} <= set(errors(data))


USES: list[Callable[[], object]] = [
    *(lambda: str(HOLE), lambda: f"{HOLE}", lambda: bool(HOLE), lambda: int(HOLE), lambda: list(HOLE), lambda: HOLE()),
    *(lambda: HOLE.minor, lambda: HOLE[0], lambda: len(HOLE), lambda: "a" in HOLE, lambda: range(HOLE)),
    *(lambda: HOLE == 1, lambda: HOLE != 1, lambda: HOLE < 1, lambda: HOLE > 1, lambda: {HOLE: 1}, lambda: abs(HOLE)),
    *(lambda: -HOLE, lambda: HOLE + 1, lambda: 1 + HOLE, lambda: HOLE // 2, lambda: 7 // HOLE, lambda: HOLE % 2),
    *(lambda: HOLE | {}, lambda: {} | HOLE, lambda: Path(HOLE), lambda: sorted([HOLE, 1]), lambda: max(HOLE, 1)),
]


@pytest.mark.parametrize("use", USES)
def test_whatever_is_done_with_a_hole_ends_the_rule(use: Callable[[], object]) -> None:
    with pytest.raises(HoleError):
        use()


def test_whether_it_is_one_can_be_asked() -> None:
    assert is_hole(HOLE)
    assert not is_hole(None)
