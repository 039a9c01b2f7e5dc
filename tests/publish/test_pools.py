"""``publish pool``: made without nodes, grown behind the gate, changed field by field, and nothing foreign touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import yaml
from tests.publish.around import synced
from tests.publish.cloud import FAULTS, GUIDE, Cloud, Kill, Ran

Data = dict[str, Any]
CREATE, ONE, SCALE = "pool.elastic.create", "pool.elastic.one", "pool.elastic.scale"
POOL: Data = yaml.safe_load(GUIDE.read_text())["spec"]["nodePools"][0]


def publish(cloud: Cloud, *words: str, **more: Any) -> Ran:
    return cloud.publish(*words, "--yes", "--kubeconfig", str(cloud.folder / "kubeconfig"), **more)


@contextmanager
def ready(cloud: Cloud, drop: str = "") -> Iterator[None]:
    """Everything in place: the script in OSS, a cluster where all was synced, without the object named ``drop``."""
    assert cloud.publish("oss", "--yes").code == 0
    cloud.forget()
    with synced(cloud, lambda items: [each for each in items if each["metadata"]["name"] != drop]):
        yield


def pools(cloud: Cloud) -> list[Data]:
    return [pool.wanted for pool in cloud.cluster.pools.values()]


def pool(cloud: Cloud) -> Data:
    (found,) = pools(cloud)
    return found


def test_a_pool_is_made_without_nodes_and_without_scaling(cloud: Cloud) -> None:
    with ready(cloud):
        ran = publish(cloud, CREATE)
        assert (ran.code, cloud.writes()) == (0, ["CreateClusterNodePool"]), ran.said
        assert pool(cloud)["scaling_group"]["desired_size"] == 0
        assert pool(cloud)["auto_scaling"]["enable"] is False
        assert {"key": "hybridc.dev/cluster", "value": "idc-hangzhou"} in pool(cloud)["scaling_group"]["tags"]
        cloud.forget()
        assert (publish(cloud, CREATE).code, cloud.writes()) == (0, [])


def test_a_plan_makes_no_pool(cloud: Cloud) -> None:
    with ready(cloud):
        ran = cloud.publish(CREATE, "--kubeconfig", str(cloud.folder / "kubeconfig"))
        assert (ran.code, cloud.writes()) == (1, [])
        assert "+ node pool elastic: no node, no scaling" in ran.out


def test_a_pool_grows_to_one_node_and_then_to_its_size(cloud: Cloud) -> None:
    cloud.write(spec={"nodePools": [{**POOL, "size": {"desired": 3}}]})
    with ready(cloud):
        assert publish(cloud, CREATE).code == 0
        cloud.forget()
        for step, size in ((ONE, 1), (SCALE, 3)):
            ran = publish(cloud, step)
            assert ran.code == 0, ran.said
            assert pool(cloud)["scaling_group"]["desired_size"] == size
        assert cloud.writes() == ["ModifyClusterNodePool"] * 2
        cloud.forget()
        assert publish(cloud, "pool").code == 0
        assert cloud.writes() == []


@pytest.mark.parametrize(
    ("drop", "said"),
    [
        ("alibaba-addon-secret", "credentials.secret"),
        ("ack-agent-config", "addNodeScriptPath"),
        ("eni-config", "eni-config"),
        ("terway-eniip", "see.terway"),
        ("calico-node", "see.exclusion"),
    ],
)
def test_the_gate_is_closed_while_something_is_missing(cloud: Cloud, drop: str, said: str) -> None:
    with ready(cloud, drop):
        ran = publish(cloud, CREATE)
        assert (ran.code, cloud.writes()) == (1, []), ran.said
        assert "no node may come yet" in ran.out
        assert said in ran.out


def test_the_gate_is_closed_without_the_script_in_oss(cloud: Cloud) -> None:
    with ready(cloud):
        for bucket in cloud.oss.buckets.values():
            bucket.objects.clear()
        ran = publish(cloud, CREATE)
        assert (ran.code, cloud.writes()) == (1, [])
        assert "the script in OSS" in ran.out


def test_a_reason_passes_the_gate_and_is_reported(cloud: Cloud) -> None:
    with ready(cloud, "terway-eniip"):
        ran = publish(cloud, CREATE, "--despite", "Terway comes by another hand")
        assert (ran.code, cloud.writes()) == (0, ["CreateClusterNodePool"]), ran.said
        assert "passed because: Terway comes by another hand" in ran.out


def test_no_cluster_no_pool(cloud: Cloud) -> None:
    with ready(cloud):
        ran = cloud.publish(CREATE, "--yes", "--kubeconfig", str(cloud.folder / "none"))
        assert (ran.code, cloud.writes()) == (3, [])


def test_a_pool_of_somebody_else_is_refused_and_adopted_on_request(cloud: Cloud) -> None:
    with ready(cloud):
        publish(cloud, CREATE)
        pool(cloud)["scaling_group"]["tags"] = [{"key": "team", "value": "x"}]
        cloud.forget()
        ran = publish(cloud, CREATE)
        assert (ran.code, cloud.writes()) == (1, [])
        assert "somebody else made it" in ran.out
        ran = publish(cloud, CREATE, "--adopt")
        assert (ran.code, cloud.writes()) == (0, ["ModifyClusterNodePool"]), ran.said
        assert publish(cloud, CREATE).code == 0


def test_a_pool_of_another_cluster_is_never_taken(cloud: Cloud) -> None:
    with ready(cloud):
        publish(cloud, CREATE)
        pool(cloud)["scaling_group"]["tags"] = [{"key": "hybridc.dev/cluster", "value": "other"}]
        cloud.forget()
        ran = publish(cloud, CREATE, "--adopt")
        assert (ran.code, cloud.writes()) == (1, [])
        assert "belongs to other" in ran.out


def test_two_pools_of_one_name_are_refused(cloud: Cloud) -> None:
    with ready(cloud):
        publish(cloud, CREATE)
        (found,) = cloud.cluster.pools.values()
        cloud.cluster.pools["np-again"] = replace(found, id="np-again")
        cloud.forget()
        ran = publish(cloud, CREATE)
        assert (ran.code, cloud.writes()) == (1, [])
        assert "there are 2 pools elastic" in ran.out


def test_what_differs_is_changed_and_nothing_else_is_sent(cloud: Cloud) -> None:
    with ready(cloud):
        publish(cloud, CREATE)
        before = {**pool(cloud)["scaling_group"]}
        pool(cloud)["scaling_group"]["key_pair"] = "another"
        cloud.forget()
        ran = publish(cloud, CREATE)
        assert ran.code == 0, ran.said
        assert "keyPair another →" in ran.out
        assert pool(cloud)["scaling_group"] == before
        (sent,) = [line for line in cloud.cs.requests if line.operation == "ModifyClusterNodePool"]
        assert set(sent.parameters) - {"ClusterId", "NodepoolId"} == {"scaling_group"}
        assert set(sent.parameters["scaling_group"]) == {"key_pair"}


def test_order_of_what_has_none_is_no_change(cloud: Cloud) -> None:
    with ready(cloud):
        publish(cloud, CREATE)
        group = pool(cloud)["scaling_group"]
        group["vswitch_ids"] = group["vswitch_ids"][::-1]
        group["tags"] = [{"key": "ack.aliyun.com", "value": "c1"}, *group["tags"][::-1]]
        cloud.forget()
        assert (publish(cloud, CREATE).code, cloud.writes()) == (0, [])


def test_spot_or_not_cannot_be_changed(cloud: Cloud) -> None:
    with ready(cloud):
        publish(cloud, CREATE)
        cloud.write(spec={"nodePools": [{**POOL, "spot": {"strategy": "SpotAsPriceGo"}}]})
        cloud.forget()
        ran = publish(cloud, CREATE)
        assert (ran.code, cloud.writes()) == (1, [])
        assert "cannot be changed" in ran.out


def test_a_pool_of_size_0_stays_without_a_node(cloud: Cloud) -> None:
    """A first node would contradict the spec, and the step after it would refuse."""
    cloud.write(spec={"nodePools": [{**POOL, "size": {"desired": 0, "max": 10}}]})
    with ready(cloud):
        assert publish(cloud, CREATE).code == 0
        cloud.forget()
        ran = publish(cloud, "pool")
        assert (ran.code, cloud.writes()) == (0, [])
        assert "note: the spec asks for no node of elastic: size.desired is 0" in ran.out
        pool(cloud)["scaling_group"]["desired_size"] = 4
        ran = publish(cloud, "pool")
        assert (ran.code, cloud.writes()) == (0, []), "a person gave it nodes, as hybridc steps says"


def test_nothing_takes_nodes_away(cloud: Cloud) -> None:
    cloud.write(spec={"nodePools": [{**POOL, "size": {"desired": 1}}]})
    with ready(cloud):
        publish(cloud, CREATE)
        pool(cloud)["scaling_group"]["desired_size"] = 4
        cloud.forget()
        ran = publish(cloud, SCALE)
        assert (ran.code, cloud.writes()) == (1, [])
        assert "drains none of them" in ran.out


def test_pools_of_ours_without_a_place_in_the_spec_are_listed(cloud: Cloud) -> None:
    with ready(cloud):
        publish(cloud, CREATE)
        pool(cloud)["nodepool_info"]["name"] = "gone"
        ran = publish(cloud, CREATE)
        assert ran.code == 0
        assert "gone (" in ran.out
        assert "no place in the spec" in ran.out


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"silence before", "silence after"}))
def test_after_a_fault_there_is_one_pool(cloud: Cloud, fault: str) -> None:
    with ready(cloud):
        cloud.cs.fault(FAULTS[fault]("cs"), operation="CreateClusterNodePool")
        first = publish(cloud, CREATE, "--deadline", "20")
        assert first.code in (0, 3), first.said
        assert publish(cloud, CREATE).code == 0
        assert len(pools(cloud)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(2, 6))
def test_a_run_that_is_killed_is_run_again(cloud: Cloud, number: int, when: Any) -> None:
    with ready(cloud):
        publish(cloud, CREATE, kill=Kill(number, when))
        assert publish(cloud, CREATE).code == 0
        assert len(pools(cloud)) == 1
