"""Whatever stands at a place of hybrid.yaml: findings, and never an exception.

Text that the schema takes is the interesting one: ``10.100.0.1/16`` has the form of a network and is none.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from hybridc.cli.main import main
from hybridc.schema import load

ROOT = Path(__file__).parents[2]
EXAMPLE = YAML(typ="safe", pure=True).load((ROOT / "examples" / "everything" / "hybrid.yaml").read_text("utf-8"))
EXAMPLE = json.loads(json.dumps(EXAMPLE, default=str))
JUNK: tuple[Any, ...] = (
    "10.100.0.1/16",
    "10.200.1.999:6443",
    "10.200.1:6443",
    "[::::]:6443",
    "300.1.1.1/8",
    "10.0.0.0/99",
    "::::/64",
    "fe80::1%eth0",
    "²",
    "٣.٣.٣",
    "9" * 400,
    "1.99.999",
    "1.0.0",
    "0.0.0-x",
    "0000.0000.0000",
    "v1.34.2",
    "0s",
    "999999h999999m999999s",
    "1e999",
    "-0",
    ":",
    "/",
    "@",
    ".",
    "a=b:NoSchedule",
    "ecs.x.y",
    "0000-00-00",
    "2027-02-30",
    "99/0,,-",
    "99-0/0 * * * 7",
    "x:latest@",
    "https://@",
    "\n",
    "é中文",
    0,
    -1,
    10**30,
    1.5,
    True,
    [],
    {},
    [[]],
    {"a": {"b": []}},
)


def leaves(value: Any, pointer: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, (dict, list)) and value:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*pointer, key))
    else:
        yield pointer


LEAVES = list(leaves(EXAMPLE))
KINDS = (
    {"type": "flannel", "routing": "bgp"},
    {"type": "canal", "routing": "bgp", "recheck": "* * * * *"},
    {"type": "calico", "routing": "bgp", "install": "operator", "version": "3.31.2"},
    {"type": "cilium", "routing": "bgp", "install": "helm"},
)


def replaced(pointer: tuple[str | int, ...], value: Any, cni: dict[str, str] | None = None) -> Any:
    """The example with another value at a place."""
    spec = copy.deepcopy(EXAMPLE)
    holder = spec
    for part in pointer[:-1]:
        holder = holder[part]
    holder[pointer[-1]] = value
    if cni is not None:
        spec["spec"]["cluster"]["cni"] = cni
    return spec


def exit_code(spec: Any, folder: Path) -> int:
    path = folder / "hybrid.yaml"
    path.write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    return main(["validate", str(path)])


def of_the_right_form(pointer: tuple[str | int, ...]) -> list[Any]:
    """What the schema takes there (all of it), and some of what it refuses."""
    pattern = _pattern(pointer)
    taken = [junk for junk in JUNK if isinstance(junk, str) and pattern is not None and re.search(pattern, junk)]
    return taken + random.Random(str(pointer)).sample(JUNK, 5)


@pytest.mark.parametrize("pointer", LEAVES, ids=lambda pointer: "/".join(map(str, pointer)))
def test_junk_is_a_finding(pointer: tuple[str | int, ...], tmp_path: Path) -> None:
    for junk in of_the_right_form(pointer):
        cni = None if "cni" in pointer else random.Random(f"{pointer}{junk}").choice((None, *KINDS))
        assert exit_code(replaced(pointer, junk, cni), tmp_path) in (0, 2), junk


@pytest.mark.parametrize("cni", KINDS, ids=lambda cni: cni["type"])
@pytest.mark.parametrize("field", ["serviceCIDRs", "nodeCIDRs", "podCIDRs"])
def test_an_address_with_a_prefix_length_is_no_network(field: str, cni: dict[str, str], tmp_path: Path) -> None:
    assert exit_code(replaced(("spec", "cluster", field, 0), "10.100.0.1/16", cni), tmp_path) == 2


def _pattern(pointer: tuple[str | int, ...]) -> str | None:
    node = load.at("".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in pointer))
    return None if node is None else node.get("pattern")


PATTERNS = [(pointer, pattern) for pointer in LEAVES if (pattern := _pattern(pointer)) is not None]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_text_of_the_right_form(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    pointer, pattern = data.draw(st.sampled_from(PATTERNS))
    text = data.draw(st.from_regex(pattern.replace("$", r"\Z") if pattern.endswith("$") else pattern))
    cni = None if "cni" in pointer else data.draw(st.sampled_from((None, *KINDS)))
    assert exit_code(replaced(pointer, text, cni), tmp_path_factory.mktemp("junk")) in (0, 2)
