"""A value knows where it came from: its pointer in hybrid.yaml, or that it is the default for a pointer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.records import field_names
from tests.spec.specs import document

from hybridc.source.document import Document
from hybridc.source.reader import read
from hybridc.spec.hole import HOLE
from hybridc.spec.origin import Origin, origins, plain, text, trace, written
from hybridc.spec.resolve import resolve

EXAMPLES = Path(__file__).parents[2] / "examples"


def scalars(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar of a Spec with its path; None aside."""
    if names := field_names(value):
        for name in names:
            yield from scalars(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from scalars(item, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from scalars(item, f"{path}.{index}")
    elif value is not None:
        yield path, value


@pytest.mark.parametrize("name", ["guide", "two-zone", "everything"])
def test_a_value_that_is_written_is_found_at_its_pointer(name: str) -> None:
    there, _ = read("hybrid.yaml", (EXAMPLES / name / "hybrid.yaml").read_bytes())
    written = 0
    for path, value in scalars(resolve(there)):
        found = origins(value)
        if len(found) == 1 and found[0].kind == "spec" and there.get(found[0].pointer) == plain(value):
            written += 1
            assert there.values[found[0].pointer].line >= 1, path
    assert written > 40


def test_every_scalar_has_an_origin_or_comes_from_the_catalog() -> None:
    spec = resolve(document())
    without = {path for path, value in scalars(spec) if not origins(value)}
    assert all(path.startswith((".terway.eni_tags", ".node_init.proxy")) for path in without), without


def test_every_pointer_is_one_of_the_schema() -> None:
    from hybridc.schema import load

    for path, value in scalars(resolve(document())):
        for origin in origins(value):
            assert load.at(origin.pointer) is not None, f"{path}: {origin}"


def test_a_default_says_so() -> None:
    spec = resolve(document())
    assert spec.terway is not None
    assert origins(spec.terway.pool_size.max) == (Origin("default", "/spec/terway/poolSize/max"),)
    assert origins(spec.node_init.labels.topology) == (Origin("default", "/spec/nodeInit/labels/topology"),)
    assert origins(spec.gitops.revision) == (Origin("default", "/spec/gitops/revision"),)


def test_whether_a_value_is_written_can_be_asked() -> None:
    spec = resolve(document(init="    join: {method: custom, command: ./join}"))
    assert written(spec.node_init.join.method)
    assert not written(spec.node_init.join.token.ttl)
    assert not written("a constant")
    assert not written(HOLE)


def test_a_derived_value_comes_from_what_it_is_derived_from() -> None:
    spec = resolve(document())
    assert spec.node_init.oss is not None
    assert origins(spec.node_init.oss.endpoint) == (Origin("spec", "/spec/alibabaCloud/region"),)
    pointer = "/spec/alibabaCloud/vpc/securityGroups/0"
    assert origins(spec.node_pools[0].security_groups[0]) == (Origin("spec", pointer),)


def test_pass_through_data_is_traced_to_its_leaves_and_keys() -> None:
    spec = resolve(document(terway="    extraEniConf: {a: {b: [1, true]}}"))
    assert spec.terway is not None
    (key, value) = next(iter(spec.terway.extra_eni_conf.items()))
    assert origins(key) == (Origin("spec", "/spec/terway/extraEniConf/a"),)
    assert origins(value["b"][1]) == (Origin("spec", "/spec/terway/extraEniConf/a/b/1"),)


@pytest.mark.parametrize("value", ["text", "", 7, 0, True, False])
def test_a_traced_value_is_what_it_was(value: str | int | bool) -> None:
    traced = trace(value, Origin("spec", "/a"))
    assert traced == value
    assert hash(traced) == hash(value)
    assert bool(traced) is bool(value)
    assert plain(traced) == value
    assert type(plain(traced)) is type(value)
    assert plain({"a": [traced]}) == {"a": [value]}


@pytest.mark.parametrize("value", [None, 1.5])
def test_what_has_no_origin_passes_through(value: float | None) -> None:
    assert trace(value, Origin("spec", "/a")) is value
    assert origins(value) == ()


def test_composed_text_keeps_every_origin() -> None:
    a, b = Origin("spec", "/a"), Origin("default", "/b")
    made = text("{}-{}-{}", trace("x", a), "y", trace(1, b))
    assert made == "x-y-1"
    assert origins(made) == (a, b)
    assert origins(text("{}", "y")) == ()


def test_an_unusual_key_has_a_pointer_that_finds_it() -> None:
    there: Document = document(pool='      labels: {example.com/team: "a"}')
    labels = resolve(there).node_pools[0].labels
    (key,) = labels
    assert there.get(origins(key)[0].pointer) == labels[key]
