"""The three who do the steps have the rights that the steps take, on this cluster's own names, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.catalog import sdk
from tests.steps import cover

import hybridc
from hybridc.catalog.publish import Asked, Holder, asked, rights
from hybridc.lower.names import policy_name
from hybridc.lower.ram import policies
from hybridc.lower.ram_holders import HOLDERS, documents
from hybridc.lower.steps.published import PUBLISHED
from hybridc.lower.steps.step import Step
from hybridc.spec.model import Spec

COMPILER = Path(hybridc.__file__).parent
SPECS = [cover.spec(row) for row in cover.rows()]
BY_ROW = pytest.mark.parametrize("spec", SPECS, ids=map(str, cover.rows()))


def documents_of(spec: Spec) -> dict[Holder, list[dict[str, Any]]]:
    made = documents(spec, list(policies(spec)), [step.id for step in cover.steps_of(spec)])
    return {holder: made[holder]["Statement"] if holder in made else [] for holder in HOLDERS}


def granted(statements: list[dict[str, Any]]) -> set[str]:
    return {action for statement in statements for action in statement["Action"]}


def said(step: Step) -> tuple[set[str], Holder]:
    """The rights that a step says it takes, and who has them."""
    (found,) = re.findall(r"RAM: ([^;]*)", step.who) or [""]
    names, _, holder = found.partition(" (")
    holders: dict[str, Holder] = {"publisher)": "publisher", "setup)": "setup", "": "operator"}
    return set(filter(None, names.split(", "))), holders[holder]


@BY_ROW
def test_the_holder_that_a_step_names_has_its_rights(spec: Spec) -> None:
    has = documents_of(spec)
    for step in [*cover.steps_of(spec), *(step for steps in cover.day_two(spec).values() for step in steps)]:
        rights_of_it, holder = said(step)
        assert rights_of_it - granted(has[holder]) == set(), step.id


@BY_ROW
def test_a_right_is_there_for_a_step_of_this_spec(spec: Spec) -> None:
    """Without the step, its rights are gone: nothing is granted for what the spec does not have."""
    ids = [step.id for step in cover.steps_of(spec)]
    has = documents_of(spec)
    for holder in ("publisher", "setup"):
        mine = [part for part in asked() if part.holder == holder and any(part.is_of(step) for step in ids)]
        assert granted(has[holder]) <= {action for part in mine for action in part.actions}
    assert not any(call.startswith("cs:") for call in granted(has["publisher"])) or any("pool." in step for step in ids)


def test_the_operator_has_no_right_that_no_list_takes() -> None:
    purposes = {
        right
        for spec in SPECS
        for steps in (cover.steps_of(spec), *cover.day_two(spec).values())
        for step in steps
        for right in said(step)[0]
        if said(step)[1] == "operator"
    }
    assert {action for spec in SPECS for action in granted(documents_of(spec)["operator"])} == purposes


def test_every_list_that_a_right_is_for_takes_it() -> None:
    by_list: dict[str, set[str]] = {}
    for spec in SPECS:
        for name, steps in {**cover.day_two(spec), **{step.id: (step,) for step in cover.steps_of(spec)}}.items():
            by_list.setdefault(name, set()).update(*(said(step)[0] for step in steps if said(step)[1] == "operator"))
    for part in asked():
        if part.holder == "operator":
            for name in part.steps:
                assert by_list[name] & set(part.actions), (name, part.on)
    for name, taken in by_list.items():
        mine = [part for part in asked() if part.holder == "operator" and name in part.steps]
        assert taken - {action for part in mine for action in part.actions} == set(), name


@BY_ROW
def test_nobody_writes_the_policy_of_a_holder_or_attaches_one_to_somebody_else(spec: Spec) -> None:
    """Whoever may write a policy that he has may do anything."""
    writes = {"ram:CreatePolicyVersion", "ram:SetDefaultPolicyVersion", "ram:AttachPolicyToUser"}
    writes |= {"ram:AttachPolicyToRole", "ram:DeletePolicyVersion", "ram:CreateAccessKey"}
    own = {str(policy_name(spec, product)) for product in policies(spec)}
    roles = {str(spec.ram.role), str(spec.node_init.join.token.role)}
    names = {"policy": own, "user": {str(spec.ram.user)}, "role": roles}
    for statements in documents_of(spec).values():
        for statement in statements:
            for resource in statement["Resource"] if writes & set(statement["Action"]) else []:
                kind, _, name = resource.rpartition(":")[2].partition("/")
                assert name in names[kind], resource


@BY_ROW
def test_ci_reaches_neither_identities_nor_add_ons_nor_deletes(spec: Spec) -> None:
    has = granted(documents_of(spec)["publisher"])
    assert [name for name in has if re.search("^ram:|Addon|Delete|Remove", name)] == []


def test_a_call_that_nobody_knows_is_seen() -> None:
    assert rights("oss:ListObjectsV2") == ("oss:ListObjects",)
    assert rights("sts:GetCallerIdentity") == ()
    with pytest.raises(KeyError):
        rights("oss:DeleteBucket")


def test_what_publish_calls_is_what_the_steps_are_said_to_ask() -> None:
    """No call without a right, and no right of a step that publish does without a call."""
    called = set(calls())
    assert called >= {"oss:PutObject", "cs:CreateClusterNodePool", "cs:UpgradeClusterAddons"}
    assert called - {call for part in asked() for call in told(part)} == set()
    done = [part for part in asked() if part.holder != "operator" and set(part.steps) <= PUBLISHED]
    assert {call for part in done for call in told(part)} - called == set()


def told(part: Asked) -> tuple[str, ...]:
    return (*part.reads, *part.writes)


def calls() -> Iterator[str]:
    """The calls in the source of what writes to the cloud: as OSS's package spells them, and as the others do."""
    for path in (path for room in ("cloud", "publish") for path in (COMPILER / room).glob("*.py")):
        text = path.read_text("utf-8")
        yield from ("oss:" + name.title().replace("_", "") for name in re.findall(r'oss\.call\(\s*"(\w+)"', text))
        yield from (f"cs:{name}" for name in re.findall(r'\back\("(\w+)"', text))
        # RAM's are handed on as names, or composed: "AttachPolicyTo" and the kind of who has it.
        names = set(re.findall(r'"([A-Z]\w+)["{]', text))
        yield from (f"ram:{name}" for name in sdk.calls("alibabacloud-ram") if {name, _first(name)} & names)


def _first(name: str) -> str:
    return name.removesuffix("User").removesuffix("Role")
