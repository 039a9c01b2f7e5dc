"""``import --cloud``: what the cloud alone knows of the ids that were seen; the servers verify every request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.lab.servers.account import ALL, Key
from tests.lab.servers.acs_words import refusal
from tests.preflight.cases import BASE
from tests.preflight.clouds import Cloud, cloud_for, signs
from tests.preflight.clusters import compiled

from hybridc.cli.main import main

Capture = pytest.CaptureFixture[str]
Data = dict[str, Any]
Run = Callable[..., tuple[int, Data, str]]
SPEC = BASE.read_text("utf-8")
FOUND = compiled(SPEC)
CLUSTER = str(FOUND.spec.alibaba_cloud.registered_cluster_id)
TERWAY = FOUND.spec.terway
assert TERWAY is not None
ENI_CONF = {
    "vswitches": {"cn-shanghai-l": ["vsw-uf6podl"]},
    "security_groups": ["sg-uf6a1b2c3d4e5f6"],
    "eni_tags": {"ack.aliyun.com": CLUSTER},
    "min_pool_size": int(TERWAY.pool_size.min),
    "max_pool_size": int(TERWAY.pool_size.max),
    "vswitch_selection_policy": str(TERWAY.vswitch_selection),
}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with cloud_for(FOUND) as running:
        yield running


@pytest.fixture
def run(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Run:
    """``run(*flags, key=…)``: exit code, the spec that was written, and what was said."""
    monkeypatch.chdir(tmp_path)
    Path("eni.json").write_text(json.dumps(ENI_CONF), encoding="utf-8")
    Path("base.yaml").write_text(SPEC, encoding="utf-8")

    def go(*flags: str, key: Key | None = None) -> tuple[int, Data, str]:
        signs(monkeypatch, key or cloud.account.root())
        code = main(["import", "-f", "eni.json", "--cloud", *cloud.endpoints, *flags])
        captured = capsys.readouterr()
        assert not [each for each in cloud.account.keys.values() if each.secret in captured.out + captured.err]
        return code, (yaml.safe_load(captured.out) or {}).get("spec", {}), captured.err + captured.out

    return go


def test_a_draft_has_what_the_cloud_knows(cloud: Cloud, run: Run) -> None:
    code, spec, said = run()
    assert code == 0, said
    wanted = yaml.safe_load(SPEC)["spec"]
    vpc = spec["alibabaCloud"]["vpc"]
    assert vpc == wanted["alibabaCloud"]["vpc"]
    for name in ("region", "accountID", "registeredClusterID"):
        assert spec["alibabaCloud"][name] == wanted["alibabaCloud"][name]
    assert spec["addons"] == wanted["addons"]
    (pool,) = spec["nodePools"]
    assert pool == {**wanted["nodePools"][0], "size": {"desired": 0}}
    assert "seen in ACK, DescribeClusterNodePools" in said
    assert "seen in VPC, DescribeVpcs" in said


def test_it_asks_and_changes_nothing(cloud: Cloud, run: Run) -> None:
    run()
    assert [call for call in cloud.asked if not call.partition(":")[2].startswith(("Describe", "Get", "List"))] == []


def test_a_spec_that_says_the_same_stays(run: Run) -> None:
    code, _, said = run("--update", "base.yaml")
    assert code == 0, said
    assert "0 of them are other ones" in said, said


def test_a_spec_that_says_another_range_gets_that_of_the_cloud(run: Run) -> None:
    Path("base.yaml").write_text(SPEC.replace("10.20.64.0/19", "10.20.96.0/19"), encoding="utf-8")
    _, spec, said = run("--update", "base.yaml")
    assert spec["alibabaCloud"]["vpc"]["podVSwitches"][0]["cidr"] == "10.20.64.0/19"
    assert "1 of them are other ones" in said


def test_a_pool_gets_what_it_is(cloud: Cloud, run: Run) -> None:
    (pool,) = cloud.cluster.pools.values()
    del pool.wanted["scaling_group"]["image_type"]
    pool.wanted["scaling_group"]["image_id"] = "m-uf6a1b2c3d4e5f6"
    pool.wanted["auto_scaling"] = {"enable": True, "min_instances": 2, "max_instances": 30}
    (found,) = run("--update", "base.yaml")[1]["nodePools"]
    assert found["image"] == {"id": "m-uf6a1b2c3d4e5f6"}
    assert (found["autoScaling"], found["size"]) == (True, {"max": 30, "min": 2})


def test_credentials_of_another_account_than_the_spec(cloud: Cloud, run: Run) -> None:
    cloud.account.id = "9999999999999999"
    code, _, said = run("--update", "base.yaml")
    assert code == 2
    assert "the spec says 1234567890123456" in said
    assert cloud.asked == ["sts:GetCallerIdentity"]


def test_a_right_that_is_missing_is_a_note(cloud: Cloud, run: Run) -> None:
    key = cloud.account.user("less", ALL, {"Effect": "Deny", "Action": "cs:DescribeClusterNodePools", "Resource": "*"})
    code, spec, said = run(key=key)
    assert code == 0, said
    assert f"cannot see the NodePools in {CLUSTER} (needs cs:DescribeClusterNodePools)" in said
    assert spec["alibabaCloud"]["vpc"]["cidrs"] == ["10.20.0.0/16"]


def test_pools_of_another_cluster_are_left_alone(cloud: Cloud, run: Run) -> None:
    (pool,) = cloud.cluster.pools.values()
    pool.wanted["scaling_group"]["tags"] = [{"key": "hybridc.dev/cluster", "value": "idc-other"}]
    assert run("--update", "base.yaml")[1]["nodePools"] == yaml.safe_load(SPEC)["spec"]["nodePools"]


def test_without_a_region_it_asks_for_one(cloud: Cloud, run: Run) -> None:
    Path("eni.json").write_text('{"security_groups": ["sg-uf6a1b2c3d4e5f6"]}', encoding="utf-8")
    code, _, said = run()
    assert code == 2
    assert "nothing that was seen tells the region" in said
    assert cloud.asked == []


def test_a_cloud_that_is_ill_writes_nothing(cloud: Cloud, run: Run) -> None:
    cloud.servers["vpc"].fault(refusal(500, "InternalError"), times=99)
    code, spec, said = run("--deadline", "1")
    assert (code, spec) == (3, {})
    assert "help:" in said
