"""Answers of another form than the service's: a sentence and exit 3, and nothing is made or deleted by them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.lab.servers.account import Principal
from tests.lab.servers.exchange import Change, Fault, Reply
from tests.publish.cloud import Cloud
from tests.publish.test_credentials import USER, fresh, keys, publish
from tests.publish.test_oss import FOREIGN, NAME, give
from tests.publish.test_pools import CREATE, ready
from tests.publish.test_pools import publish as publish_pool
from tests.publish.test_ram import MARK, OLD
from tests.publish.test_ram import USER as ADDONS
from tests.publish.test_ram import give as give_policy


def answer(body: Any) -> Fault:
    text = body if isinstance(body, str) else json.dumps(body)
    return Change(lambda _: Reply(200, {"content-type": "application/json"}, text.encode()))


def xml(body: str) -> Fault:
    return Change(lambda _: Reply(200, {"content-type": "application/xml"}, body.encode()))


KEY = {"AccessKeyId": "LTAI5tExampleExample1", "Status": "Active", "CreateDate": "2026-01-01T00:00:00Z"}
LISTS: list[Any] = [None, {"AccessKeys": None}, {"AccessKeys": {}}]
LISTS += [
    {"AccessKeys": {"AccessKey": [each]}}
    for each in (
        {**KEY, "AccessKeyId": None},
        {**KEY, "Status": "?"},
        {**KEY, "CreateDate": "yesterday"},
        {**KEY, "CreateDate": "0001-01-01T00:00:00+23:00"},
    )
]


@pytest.mark.parametrize(
    ("call", "body"),
    [
        *(("ListAccessKeys", each) for each in LISTS),
        *(("GetAccessKeyLastUsed", each) for each in ({}, {"AccessKeyLastUsed": None})),
        ("GetAccessKeyLastUsed", {"AccessKeyLastUsed": {"LastUsedDate": 0}}),
    ],
)
def test_no_key_is_made_or_deleted_by_an_answer_that_says_nothing(cloud: Cloud, call: str, body: Any) -> None:
    cloud.write(spec={"ram": {"user": USER}})
    with fresh(cloud) as api:
        cloud.account.new_key(Principal("User", USER)).used = datetime.now(UTC)
        cloud.ram.fault(answer(body), times=9, operation=call)
        ran = publish(cloud, "--deadline", "5")
        assert (ran.code, cloud.writes(), api.written) == (3, [], []), ran.said
        assert f"ram answers {call} with" in ran.out


@pytest.mark.parametrize("body", [{"AccessKey": {"AccessKeyId": "LTAI5tExample1"}}])
def test_a_new_key_that_does_not_come_is_no_key(cloud: Cloud, body: Any) -> None:
    cloud.write(spec={"ram": {"user": USER}})
    with fresh(cloud) as api:
        cloud.ram.fault(answer(body), times=9, operation="CreateAccessKey")
        ran = publish(cloud, "--deadline", "4")
        assert (ran.code, api.written) == (3, []), ran.said
        assert "ram answers CreateAccessKey with" in ran.out
        assert len(keys(cloud)) <= 1


DEEP = "[" * 200_000 + "]" * 200_000
NESTED = '{"a":' * 900 + "1" + "}" * 900


@pytest.mark.parametrize("body", [DEEP, '{"AccountId":' + DEEP + "}", '"text"', "1e999"])
def test_who_asks_is_answered_in_another_form(cloud: Cloud, body: str) -> None:
    cloud.sts.fault(answer(body), times=9, operation="GetCallerIdentity")
    ran = cloud.publish("ram", "--yes", "--deadline", "2")
    assert (ran.code, cloud.writes()) == (3, []), ran.said
    assert "sts answers GetCallerIdentity with" in ran.err


@pytest.mark.parametrize("count", ["many", [1]])
def test_a_policy_of_another_form_is_not_believed(cloud: Cloud, count: Any) -> None:
    body = {
        "Policy": {"Description": MARK, "AttachmentCount": count},
        "DefaultPolicyVersion": {"PolicyDocument": OLD},
    }
    refused(cloud, body)


def test_a_policy_that_is_nested_without_end_is_not_believed(cloud: Cloud) -> None:
    document = (
        f'{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{NESTED}}}]}}'
    )
    refused(cloud, {"Policy": {"Description": MARK}, "DefaultPolicyVersion": {"PolicyDocument": document}})


def refused(cloud: Cloud, body: Any) -> None:
    cloud.account.user(ADDONS)
    give_policy(cloud, OLD, description=MARK)
    cloud.ram.fault(answer(body), times=9, operation="GetPolicy")
    ran = cloud.publish("ram", "--yes", "--deadline", "2")
    assert (ran.code, cloud.writes()) == (3, []), ran.said
    assert "ram answers GetPolicy with" in ran.out


POOL = {"nodepool_info": {"name": "elastic", "nodepool_id": "np1"}}
OURS = {"scaling_group": {"tags": [{"key": "hybridc.dev/cluster", "value": "idc-hangzhou"}]}}


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"nodepool_info": None},
        {**OURS, "nodepool_info": {"nodepool_id": "np1"}},
        {**POOL, "scaling_group": {"tags": ["x"]}},
        {**POOL, "scaling_group": {"desired_size": "3"}},
        {**POOL, "status": {"total_nodes": "three"}},
        {**POOL, "auto_scaling": "on"},
        {**POOL, "kubernetes_config": {"labels": ["x"]}},
    ],
)
def test_a_pool_of_another_form_is_neither_changed_nor_made(cloud: Cloud, found: Any) -> None:
    with ready(cloud):
        cloud.cs.fault(answer({"nodepools": [found]}), times=9, operation="DescribeClusterNodePools")
        ran = publish_pool(cloud, "pool", "--adopt")
        assert (ran.code, cloud.writes()) == (3, []), ran.said
        assert "cs answers DescribeClusterNodePools with" in ran.out


def test_what_is_null_of_a_pool_is_not_set(cloud: Cloud) -> None:
    nothing = dict.fromkeys(("scaling_group", "auto_scaling", "status", "kubernetes_config", "management"))
    with ready(cloud):
        assert publish_pool(cloud, CREATE).code == 0
        cloud.forget()
        foreign = {"nodepool_info": {"name": "of-others", "nodepool_id": "np2"}, **nothing}
        merged = Change(
            lambda reply: Reply(
                200, reply.headers, json.dumps({"nodepools": [*json.loads(reply.body)["nodepools"], foreign]}).encode()
            )
        )
        cloud.cs.fault(merged, times=9, operation="DescribeClusterNodePools")
        assert (publish_pool(cloud, CREATE).code, cloud.writes()) == (0, [])


@pytest.mark.parametrize("found", [{"name": 7}, {"name": "terway-eniip", "version": 1}, {"state": []}])
def test_an_addon_of_another_form_is_not_installed_again(cloud: Cloud, found: Any) -> None:
    cloud.cs.fault(answer({"addons": [found]}), times=9, operation="ListClusterAddonInstances")
    ran = cloud.publish("addon", "--yes", "--deadline", "2")
    assert (ran.code, cloud.writes()) == (3, []), ran.said


@pytest.mark.parametrize("body", ["", "<BucketInfo><Bucket/></BucketInfo>"])
def test_a_bucket_that_says_nothing_of_itself_is_not_used(cloud: Cloud, body: str) -> None:
    give(cloud)
    cloud.oss.fault(xml(body), times=9, operation="GetBucketInfo")
    ran = cloud.publish("oss", "--yes", "--deadline", "2")
    assert (ran.code, cloud.writes()) == (3, []), ran.said


@pytest.mark.parametrize(
    "text",
    ['{"Version":"1","Statement":["x"]}', '{"Version":"1","Statement":[null]}', DEEP, f'{{"Statement":[{NESTED}]}}'],
)
def test_a_bucket_policy_of_another_form_stays_as_it_is(cloud: Cloud, text: str) -> None:
    give(cloud)
    cloud.oss.fault(answer(text), times=9, operation="GetBucketPolicy")
    ran = cloud.publish("oss.policy", "--yes")
    assert (ran.code, cloud.writes()) == (1, []), ran.said
    assert "is not one that hybridc can read" in ran.out


@pytest.mark.parametrize("condition", ["x", ["x"], {"StringEquals": "x"}, {"StringEquals": None}, 7])
def test_a_statement_of_ours_with_an_odd_condition_is_replaced(cloud: Cloud, condition: Any) -> None:
    old = {**FOREIGN, "Resource": f"acs:oss:*:1234567890123456:{NAME}/idc-hangzhou/*", "Condition": condition}
    give(cloud, policy={"Version": "1", "Statement": [FOREIGN]})
    cloud.oss.fault(answer({"Version": "1", "Statement": [FOREIGN, old]}), operation="GetBucketPolicy")
    ran = cloud.publish("oss.policy", "--yes")
    assert ran.code == 0, ran.said
    assert "  - " in ran.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("all", "--done", "network.route"), "did you mean network.routes?"),
        (("all", "--done", ""), 'no step ""'),
        (("pool", "--despite", ""), "--despite: it takes a reason"),
        (("pool", "--despite", "  "), "--despite: it takes a reason"),
    ],
)
def test_a_flag_that_says_nothing_is_refused(cloud: Cloud, words: tuple[str, ...], said: str) -> None:
    ran = cloud.publish(*words, "--yes")
    assert (ran.code, cloud.asked()) == (2, [])
    assert said in ran.err
