"""What the commands ask of JSON, with a real jq: a question that cannot be answered is answered with no."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.pinned import ROOT

from hybridc.lower.steps import filters

pytestmark = pytest.mark.needs("debian")

OFF = {"key": "alibabacloud.com/external", "operator": "NotIn", "values": ["true"]}
OTHER = {"key": "zone", "operator": "In", "values": ["a"]}
LABEL = ("alibabacloud.com/external", "true")
BUCKET_POLICY = ROOT / "out" / "idc-hangzhou" / "cloud" / "oss" / "bucket-policy.json"


def jq(question: str, data: Any, **named: str) -> Any:
    """What jq makes of data."""
    arguments = [word for name, value in named.items() for word in ("--arg", name, value)]
    done = subprocess.run(
        ["jq", "-c", *arguments, question], input=json.dumps(data), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout) if done.stdout else None


def daemon_set(affinity: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {} if affinity is None else {"affinity": affinity}}}}


def terms(*found: Any) -> dict[str, Any]:
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(found)}}
    return daemon_set({"nodeAffinity": required})


@pytest.mark.parametrize(
    ("workload", "off"),
    [
        (terms({"matchExpressions": [OFF]}), True),
        (terms({"matchExpressions": [OTHER, OFF]}, {"matchExpressions": [OFF]}), True),
        # Terms are OR-ed: one that lets cloud nodes in is enough.
        (terms({"matchExpressions": [OFF]}, {"matchExpressions": [OTHER]}), False),
        (terms({"matchExpressions": [OFF]}, {"matchFields": [OTHER]}), False),
        (terms({"matchExpressions": [{**OFF, "operator": "In"}]}), False),
        (terms({"matchExpressions": [{**OFF, "values": ["false"]}]}), False),
        (terms(), False),
        (daemon_set({"podAntiAffinity": {}}), False),
        (daemon_set(None), False),
    ],
)
def test_an_exclusion(workload: dict[str, Any], off: bool) -> None:
    assert jq(filters.excluded(LABEL), workload) is off


def node(**changed: Any) -> dict[str, Any]:
    found = {
        "ready": "True",
        "provider": "cn-hangzhou.i-1",
        "labels": {"alibabacloud.com/nodepool-id": "np-1"},
    } | changed
    return {
        "metadata": {"labels": found["labels"]},
        "spec": {} if found["provider"] is None else {"providerID": found["provider"]},
        "status": {"conditions": [{"type": "Ready", "status": found["ready"]}]},
    }


@pytest.mark.parametrize(
    ("nodes", "right"),
    [
        ([node()], True),
        ([], False),
        ([node(), node(ready="False")], False),
        ([node(), node(ready="Unknown")], False),
        ([node(provider=None)], False),
        ([node(provider="cn-beijing.i-1")], False),
        ([node(labels={})], False),
    ],
)
def test_cloud_nodes(nodes: list[Any], right: bool) -> None:
    question = filters.cloud_nodes("alibabacloud.com/nodepool-id", "cn-hangzhou")
    assert jq(question, {"items": nodes}) is right


def test_pools() -> None:
    answer = {"nodepools": [{"nodepool_info": {"name": "a", "nodepool_id": "np-1"}, "status": {"total_nodes": 3}}]}
    assert jq(filters.NAMED_POOL, answer, name="a") is True
    assert jq(filters.NAMED_POOL, answer, name="b") is False
    assert jq(filters.NAMED_POOL, {"nodepools": None}, name="a") is False
    assert jq(filters.POOL_AND_NODES, answer, name="a") == "np-1 3"
    body = json.loads((ROOT / "out" / "idc-shanghai" / "cloud" / "node-pools" / "cpu.json").read_text("utf-8"))
    made = jq(filters.EMPTY_POOL, body)
    assert (made["scaling_group"]["desired_size"], made["auto_scaling"]["enable"]) == (0, False)
    assert made["auto_scaling"]["type"] == body["auto_scaling"]["type"], "it cannot be changed later"


KEYS = "acs:oss:*:1234567890123456:kubelet-idc-hangzhou/idc-hangzhou/"
OTHERS: dict[str, Any] = {"Effect": "Allow", "Resource": ["acs:oss:*:1:bucket/other/*"]}
# Of whoever lets another read all that lies in the bucket: more than ours, so not ours.
WIDER: dict[str, Any] = {"Effect": "Allow", "Resource": [f"{KEYS}*", "acs:oss:*:1234567890123456:kubelet-idc-hangzhou"]}
# What 0.1.0 wrote, and a person by hand.
OLD: list[dict[str, Any]] = [{"Effect": "Allow", "Resource": [f"{KEYS}*"]}, {"Effect": "Deny", "Resource": f"{KEYS}a"}]


@pytest.mark.parametrize(
    ("before", "kept"), [([], []), ([OTHERS], [OTHERS]), (OLD, []), ([*OLD, OTHERS, WIDER], [OTHERS, WIDER])]
)
def test_a_bucket_keeps_the_statements_of_others(before: list[Any], kept: list[Any]) -> None:
    mine = json.loads(BUCKET_POLICY.read_text("utf-8"))
    question = f"($given | fromjson) as $mine | {filters.WITH_STATEMENTS}"
    policy = {"Version": "1", "Statement": before}
    merged = jq(question, policy, given=json.dumps(mine), keys=KEYS)
    assert merged["Statement"] == [*kept, *mine["Statement"]]
    assert jq(question, merged, given=json.dumps(mine), keys=KEYS) == merged


def test_a_key_becomes_a_secret_and_an_error_nothing() -> None:
    named = {"name": "n", "namespace": "ns"}
    made = jq(filters.KEY_MANIFEST, {"AccessKey": {"AccessKeyId": "i", "AccessKeySecret": "s"}}, **named)
    assert made["metadata"] == named
    assert made["stringData"] == {"access-key-id": "i", "access-key-secret": "s"}
    assert jq(filters.KEY_MANIFEST, {"Code": "Throttling"}, **named) is None


@pytest.mark.parametrize(("said", "ends"), [("echo true", 0), ("echo false", 1), ("false", 1), ("echo nonsense", 2)])
def test_a_question_ends_with_0_only_when_the_answer_is_yes(said: str, ends: int, tmp_path: Path) -> None:
    done = subprocess.run(["bash", "-c", filters.asks(said, ".")], cwd=tmp_path, capture_output=True, check=False)
    assert min(done.returncode, 2) == ends


def test_an_add_on_is_installed_in_the_version_that_is_offered() -> None:
    offered = {"addons": [{"name": "ack-virtual-node", "version": "v2"}, {"name": "logtail-ds", "version": "v1.8.4"}]}
    assert jq(filters.ADDON_VERSION, offered, name="logtail-ds") == "v1.8.4"
    assert jq(filters.ADDON_VERSION, offered, name="logtail") is None
    request = [{"name": "logtail-ds", "config": "{}"}]
    assert jq(filters.WITH_VERSION, request, version="v1.8.4") == [{**request[0], "version": "v1.8.4"}]
