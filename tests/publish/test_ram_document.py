"""Policies of RAM are compared by what they allow, and differ in the domain's words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridc.publish.ram_document import Unreadable, beyond, grants, parsed, same, sentences

Data = dict[str, Any]
ALLOW = {"Effect": "Allow", "Action": ["ecs:A", "ecs:B"], "Resource": ["r1", "r2"]}


def policy(*statements: Data) -> Data:
    return {"Version": "1", "Statement": list(statements)}


@pytest.mark.parametrize(
    "other",
    [
        [{"Resource": ["r2", "r1"], "Action": ["ecs:B", "ecs:A"], "Effect": "Allow"}],
        [{**ALLOW, "Action": ["ecs:a", "ECS:B", "ecs:A"]}],
        [{**ALLOW, "Condition": {}}],
        [{**ALLOW, "Condition": {"StringEquals": {}}}],
        [{**ALLOW, "Action": "ecs:B"}, {**ALLOW, "Action": "ecs:A"}],
        [{**ALLOW, "Resource": "r2"}, {**ALLOW, "Resource": ["r1", "r1"]}, ALLOW],
    ],
)
def test_another_form_is_no_difference(other: list[Data]) -> None:
    assert same(policy(ALLOW), policy(*other))
    assert same(policy(ALLOW), parsed(json.dumps(policy(*other), indent=8)))


@pytest.mark.parametrize(
    ("other", "comes", "goes"),
    [
        ([{**ALLOW, "Effect": "Deny"}], ["deny ecs:A, ecs:B on r1, r2"], ["allow ecs:A, ecs:B on r1, r2"]),
        ([{**ALLOW, "Resource": ["r1", "R2"]}], ["allow ecs:A, ecs:B on R2"], ["allow ecs:A, ecs:B on r2"]),
        ([{**ALLOW, "Action": ["ecs:*", "ecs:A"]}], ["allow ecs:* on r1, r2"], ["allow ecs:B on r1, r2"]),
        ([ALLOW, {**ALLOW, "Action": "ecs:B", "Resource": "r3"}], ["allow ecs:B on r3"], []),
        (
            [{**ALLOW, "Condition": {"StringEquals": {"acs:SourceVpc": "v"}}}],
            ["allow ecs:A, ecs:B on r1, r2 if StringEquals acs:SourceVpc v"],
            ["allow ecs:A, ecs:B on r1, r2"],
        ),
        (
            [ALLOW, {"Effect": "Deny", "NotAction": ["ram:B", "ram:A"], "NotResource": "r9"}],
            ["deny everything but ram:a, ram:b on everything but r9"],
            [],
        ),
        ([ALLOW, {**ALLOW, "Later": 1}], ["allow ecs:A, ecs:B on r1, r2 Later 1"], []),
    ],
)
def test_a_difference_is_said(other: list[Data], comes: list[str], goes: list[str]) -> None:
    assert beyond(policy(*other), policy(ALLOW)) == comes
    assert beyond(policy(ALLOW), policy(*other)) == goes
    assert not same(policy(*other), policy(ALLOW))


@pytest.mark.parametrize("text", ["{", "[]", '{"Version": "1"}', None, '{"Statement": ["x"]}', "[" * 5000])
def test_what_is_no_policy(text: Any) -> None:
    with pytest.raises(Unreadable):
        grants(parsed(text))


NAMES = st.lists(st.sampled_from(["ecs:A", "ecs:B", "vpc:C"]), min_size=1, max_size=3)
STATEMENTS = st.lists(
    st.fixed_dictionaries({"Effect": st.sampled_from(["Allow", "Deny"]), "Action": NAMES, "Resource": NAMES}),
    min_size=1,
    max_size=4,
)


@given(STATEMENTS, STATEMENTS)
def test_what_comes_and_goes_is_all_that_differs(one: list[Data], other: list[Data]) -> None:
    comes, goes = beyond(policy(*one), policy(*other)), beyond(policy(*other), policy(*one))
    assert same(policy(*one), policy(*other)) == (not comes and not goes)
    assert beyond(policy(*one), policy()) == sentences(grants(policy(*one)).values())
    assert beyond(policy(*one), policy(*one, *other)) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "*", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["RAM", "Bool", "x"]), inner, max_size=2)
    ),
    max_leaves=6,
)
FIELDS = ("Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition", "Later")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4))
def test_a_statement_of_any_shape_is_compared_and_said(statement: Data) -> None:
    """What a person wrote, or what RAM comes to know later."""
    assert same(policy(statement), policy(json.loads(json.dumps(statement, indent=1))))
    assert all(beyond(policy(statement), policy(ALLOW)))
