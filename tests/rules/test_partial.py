"""A list with a broken item: what is said of the other items stays, and nothing is concluded from the missing one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.patched import patched
from tests.rules.test_examples import BASE, examples

from hybridc.compile import front
from hybridc.diagnostic import Diagnostic
from hybridc.rules.registry import rules
from hybridc.rules.run import check
from hybridc.schema.validate import validate
from hybridc.source.document import Document
from hybridc.source.reader import read
from hybridc.spec.resolve import resolve

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/hybrid.yaml"))
DATA = {path.parent.name: read(str(path), path.read_bytes())[0].data for path in EXAMPLES}

FROM_A_WHOLE_LIST = frozenset(
    (
        *(
            "CNI015",
            "CNI024",
            "ENI001",
            "ENI002",
            "ENI012",
            "ENI026",
            "ENI031",
            "INIT020",
            "INIT046",
            "NET009",
            "NODE015",
        ),
        *("NODE025", "NODE030", "NODE034"),  # nothing in the list has it
        *("ENI008", "NET013", "NET015", "NET017", "NET020", "NODE006", "NODE016", "NODE021", "ID003"),  # all together
    )
)
"""Rules that say nothing while an item is missing: they conclude from what is not there, or from a total."""
OVERSHADOWED = frozenset(("NET003", "NET005", "NODE027"))
"""Rules that say nothing of a value beside something worse, and say it, which is true, when that is not known."""


def _pointers(data: Any, pointer: str = "") -> list[str]:
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [pointer, *(inner for key, value in pairs for inner in _pointers(value, f"{pointer}/{_escaped(key)}"))]


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _within(pointer: str, holder: str) -> bool:
    return f"{pointer}/".startswith(f"{holder}/")


def _words(data: Any) -> set[str]:
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else None
    return {str(data)} if pairs is None else {word for _, value in pairs for word in _words(value)}


def _is_item(document: Document, pointer: str) -> bool:
    """Whether it is an item of a list of the model, or a list of it; lists of a pass-through are plain data."""
    holder = document.get(pointer.rpartition("/")[0]) if pointer else None
    plain = ("extraEniConf", "extraCniConf", "cniChain/", "NodeSelectorTerms", "/config")
    return (isinstance(holder, list) or isinstance(document.get(pointer), list)) and not any(
        name in pointer for name in plain
    )


def _with_mistakes(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Document:
    """An example with items that stand twice, and texts that are those of other fields, or a little wrong."""
    data = copy.deepcopy(DATA[draw(st.sampled_from(sorted(DATA)))])
    for pointer in draw(st.lists(st.sampled_from([one for one in _pointers(data) if _item(data, one)]), max_size=4)):
        _get(data, pointer.rpartition("/")[0]).append(copy.deepcopy(_get(data, pointer)))
    texts = [pointer for pointer in _pointers(data) if isinstance(_get(data, pointer), str)]
    for pointer in draw(st.lists(st.sampled_from(texts), min_size=4, max_size=20)):
        holder, _, key = pointer.rpartition("/")
        old = _get(data, pointer)
        same = [_get(data, other) for other in texts if key in other and not key.isdigit()]
        there = _get(data, holder)
        there[int(key) if isinstance(there, list) else key] = draw(
            st.sampled_from([*same, f"{old[:-1]}x", old.replace("0/", "1/")])
        )
    return read("hybrid.yaml", json.dumps(data).encode())[0]


def _get(data: Any, pointer: str) -> Any:
    return Document("", "", data).get(pointer)


def _item(data: Any, pointer: str) -> bool:
    return pointer[-1:].isdigit() and isinstance(_get(data, pointer.rpartition("/")[0]), list)


def _compare(document: Document) -> None:
    """Break each item and each list that is none of the mistakes, and compare what is said before and after."""
    validate(document)
    mistakes = frozenset(document.broken)
    before = check(resolve(document), document)
    for item in document.values:
        touched = any(_within(item, mistake) or _within(mistake, item) for mistake in mistakes)
        if _is_item(document, item) and not touched:
            document.broken = {*mistakes, item}
            after = check(resolve(document), document)
            assert _lost(before, after, item, _words(document.get(item))) == [], item
            assert _new(before, after) == [], item


def _lost(before: list[Diagnostic], after: list[Diagnostic], item: str, words: set[str]) -> list[Diagnostic]:
    """What is not said any more, although it is about other items."""
    said = {(found.code, found.pointer) for found in after}
    return [
        found
        for found in before
        if (found.code, found.pointer) not in said
        and found.code not in FROM_A_WHOLE_LIST
        and not _within(found.pointer, item)
        and not any(word in found.message for word in words)
    ]


def _new(before: list[Diagnostic], after: list[Diagnostic]) -> list[Diagnostic]:
    codes = {found.code for found in before}
    return [found for found in after if found.code not in codes | OVERSHADOWED]


@pytest.mark.parametrize("name", DATA)
def test_a_broken_item_says_nothing_of_the_others(name: str) -> None:
    _compare(read("hybrid.yaml", json.dumps(DATA[name]).encode())[0])


@pytest.mark.parametrize("code", [rule.code.id for rule in rules()])
def test_nor_where_a_rule_finds_something(code: str) -> None:
    for example in examples(code, "Fails"):
        _compare(read("hybrid.yaml", patched(BASE, example).encode())[0])


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_nor_does_it_beside_mistakes(data: st.DataObject) -> None:
    _compare(_with_mistakes(data.draw))


def test_what_a_missing_item_may_name_is_not_called_missing() -> None:
    own = [
        {"name": name, "family": "rpm", "url": f"http://10.0.0.9/{name}", "keyURL": "https://10.0.0.9/k"}
        for name in "ab"
    ]
    guide = copy.deepcopy(DATA["guide"])
    guide["spec"]["nodeInit"]["packages"] = {"mirror": "aliyun", "repositories": own}
    everything = copy.deepcopy(DATA["everything"])
    pools = everything["spec"]["nodePools"]
    pools.append({**pools[0], "name": "other", "terwayConfig": "small"})
    for data in (guide, everything):
        _compare(read("hybrid.yaml", json.dumps(data).encode())[0])


def test_a_vswitch_that_is_listed_twice() -> None:
    data = copy.deepcopy(DATA["guide"])
    switches = data["spec"]["alibabaCloud"]["vpc"]["nodeVSwitches"]
    switches.insert(0, {**switches[0], "zone": "cn-hangzhou-x"})
    _compare(read("hybrid.yaml", json.dumps(data).encode())[0])


def test_an_acceptance_is_not_called_idle_while_something_is_wrong() -> None:
    data = copy.deepcopy(DATA["guide"])
    data["spec"]["checks"] = {"ignore": [{"code": "NET020", "reason": "the firewalls are open"}]}
    assert not [found for found in _found(data) if found.code in ("CHK002", "NET020")]
    data["spec"]["cluster"]["podCIDRs"].append("10.101.0.1/16")
    assert {found.code for found in _found(data) if found.severity == "error"} == {"NET001"}
    assert not [found for found in _found(data) if found.code == "CHK002"]


def _found(data: Any) -> list[Diagnostic]:
    return front("hybrid.yaml", json.dumps(data).encode(), "2026-01-01").found
