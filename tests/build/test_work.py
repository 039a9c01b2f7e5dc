"""Work grows with the input and not faster: calls are counted at n, 2n and 4n of one thing, nothing is timed.

Ranges are compared pair by pair, and the terms of a selector with each other (at most 100): they are not here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
import yaml
from tests.build.cli import GUIDE

from hybridc.compile import Compiled, compile_spec, front
from hybridc.layout import yaml_text
from hybridc.proofs import size

Change = Callable[[dict[str, Any], int], object]
TODAY = "2026-01-01"


def named(number: int, **fields: object) -> list[dict[str, object]]:
    return [{"name": f"n{i}", **fields} for i in range(number)]


WORKLOAD = {"kind": "DaemonSet", "namespace": "logging", "existingNodeSelectorTerms": []}
GROWING: dict[str, Change] = {
    "node pools": lambda spec, n: spec.update(nodePools=[spec["nodePools"][0] | each for each in named(n, size={})]),
    "labels": lambda spec, n: spec["nodePools"][0].update(labels={f"l{i}": "v" for i in range(n)}),
    "hosts": lambda spec, n: spec["nodeInit"].update(hosts={f"h{i}.idc": "192.168.0.9" for i in range(n)}),
    "mirrors": lambda spec, n: spec["nodeInit"].update(
        registryMirrors={f"r{i}.io": [{"url": "https://m.idc"}] for i in range(n)}
    ),
    "workloads": lambda spec, n: spec["cluster"]["cni"].update(excludeAlso=named(n, **WORKLOAD)),
    "add-ons": lambda spec, n: spec.update(addons=named(n)),
    "tags": lambda spec, n: spec["terway"].update(eniTags={f"t{i}": "v" for i in range(n)}),
    "overlays": lambda spec, n: spec["terway"].update(
        dynamicConfigs={f"d{i}": {"poolSize": {"max": 6}} for i in range(n)}
    ),
    "acceptances": lambda spec, n: spec.update(checks={"ignore": [{"code": "OSS018", "reason": "r"}] * n}),
}
HOSTILE: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "a: " + "[" * n,
    "items": lambda n: "a:\n" + "- b\n" * n,
    "the same key": lambda n: "a: b\n" * n,
    "unknown fields": lambda n: "kind: HybridCluster\nspec:\n" + "".join(f"  x{i}: y\n" for i in range(n)),
    "aliases": lambda n: "a: &a b\nc: [" + "*a, " * n + "]\n",
    "what looks like a secret": lambda n: "a: |\n" + "  -----BEGIN PRIVATE KEY-----\n" * n,
}


def calls(work: Callable[[], object]) -> int:
    """Calls of functions, Python's and C's, that the work makes."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def calls_of(function: Any, work: Callable[[], object]) -> int:
    """Calls of one function that the work makes."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code is function.__code__

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def grows_with(work: Callable[[int], Callable[[], object]], number: int) -> None:
    """Twice the step is at most a little more than twice the calls."""
    work(4 * number)()  # fills the caches
    small, middle, large = (calls(work(factor * number)) for factor in (1, 2, 4))
    assert large - middle <= 2.2 * (middle - small) + 200, (small, middle, large)


@pytest.mark.parametrize("what", GROWING)
def test_a_spec_that_grows(what: str) -> None:
    def work(number: int) -> Callable[[], object]:
        data = yaml.safe_load(GUIDE.read_text(encoding="utf-8"))
        GROWING[what](data["spec"], number)
        raw = yaml_text.dump(data).encode()
        assert isinstance(compile_spec("hybrid.yaml", raw, TODAY), Compiled)
        return lambda: compile_spec("hybrid.yaml", raw, TODAY)

    grows_with(work, 16)


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_that_grows(what: str) -> None:
    def work(number: int) -> Callable[[], object]:
        raw = HOSTILE[what](number).encode()
        assert front("hybrid.yaml", raw, TODAY).spec is None
        return lambda: front("hybrid.yaml", raw, TODAY)

    grows_with(work, 200)


def test_an_object_that_is_too_large_is_written_out_as_often_whatever_it_holds() -> None:
    def written(number: int) -> int:
        data = yaml.safe_load(GUIDE.read_text(encoding="utf-8"))
        data["spec"]["terway"]["extraEniConf"] = {f"k{i}": "v" * (300_000 // number) for i in range(number)}
        raw = yaml_text.dump(data).encode()
        found = compile_spec("hybrid.yaml", raw, TODAY).found
        assert "GIT046" in {each.code for each in found}
        return calls_of(size._length, lambda: compile_spec("hybrid.yaml", raw, TODAY))

    assert written(40) == written(10)
