"""What policies allow together: more than one reading of a policy must never make a false alarm, nor hide a deny."""

from __future__ import annotations

from typing import Any

import pytest

from hybridc.preflight.ram_rights import allowed

ENI = "acs:ecs:cn-shanghai:1234567890123456:eni/*"


def of(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": ["*"], "Resource": ["*"], **more}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (of(), True),
        (of(Action=["ecs:*"]), True),
        (of(Action=["ECS:attachnetworkinterface"]), True),
        (of(Action=["ecs:Attach?etworkInterface"]), True),
        (of(Action=["ecs:Attach"]), False),
        (of(Action=["vpc:*"]), False),
        ({"Effect": "Allow", "NotAction": ["vpc:*"], "Resource": ["*"]}, True),
        ({"Effect": "Allow", "NotAction": ["ecs:Attach*"], "Resource": ["*"]}, False),
        ({"Effect": "Allow", "Action": ["ecs:*"]}, True),
        (of(Resource=["acs:ecs:*:*:eni/*"]), True),
        (of(Resource=["acs:*:*:*:*"]), True),
        (of(Resource=["acs:ecs:cn-*:1234567890123456:eni/eni-1"]), True),
        (of(Resource=["acs:ecs:cn-hangzhou:*:*"]), False),
        (of(Resource=["acs:ecs:*:9999999999999999:*"]), False),
        (of(Resource=["acs:ecs:*:*:instance/*"]), False),
        (of(Resource=["acs:vpc:*:*:*"]), False),
        (of(Condition=True), True),
        (of("Deny"), False),
    ],
)
def test_one_statement(statement: dict[str, Any], expected: bool) -> None:
    assert allowed([statement], "ecs:AttachNetworkInterface", ENI) == expected


@pytest.mark.parametrize(
    ("deny", "expected"),
    [
        (of("Deny", Action=["ecs:Attach*"]), False),
        (of("Deny", Resource=["acs:ecs:*:*:*"]), False),
        (of("Deny", Resource=["acs:ecs:*:*:eni/eni-1"]), True),
        (of("Deny", Resource=["acs:ecs:cn-hangzhou:*:*"]), True),
        (of("Deny", Condition=True), True),
        (of("Deny", Action=["vpc:*"]), True),
    ],
)
def test_a_deny_counts_where_it_surely_holds(deny: dict[str, Any], expected: bool) -> None:
    assert allowed([of(), deny], "ecs:AttachNetworkInterface", ENI) == expected
    assert allowed([deny, of()], "ecs:AttachNetworkInterface", ENI) == expected


def test_patterns_of_stars_end() -> None:
    assert not allowed([of(Action=["*a" * 200])], "ecs:" + "a" * 200 + "b", "*")
    assert allowed([of(Resource=["acs:ecs:*:*:" + "*e" * 100 + "*"])], "ecs:X", "acs:ecs:a:b:" + "e*" * 100)
