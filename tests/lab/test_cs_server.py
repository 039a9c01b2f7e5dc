"""CS on loopback, by the official SDK with its own models."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_cs20151215 import models
from alibabacloud_cs20151215.client import Client
from tests.lab.clients import config, refused, roa
from tests.lab.servers.account import ALL, Account
from tests.lab.servers.acs import Acs
from tests.lab.servers.acs_words import refusal
from tests.lab.servers.cs import cs
from tests.lab.servers.cs_fields import FIXED, SECTIONS
from tests.lab.servers.cs_state import Cluster

TAINT = models.Taint(key="gpu", value="", effect="NoSchedule")


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(offered={"terway-eniip": ["v1.16.0", "v1.17.5"], "csi-plugin": ["v1.30.1"]})


@pytest.fixture
def server(account: Account, cluster: Cluster) -> Iterator[Acs]:
    with cs(account, cluster) as running:
        yield running


@pytest.fixture
def client(server: Acs, account: Account) -> Any:
    return Client(config(server, account.root()))


def request(size: int = 0, **more: Any) -> Any:
    """The request for a pool ``workers``."""
    group = models.CreateClusterNodePoolRequestScalingGroup(
        vswitch_ids=["vsw-1"], instance_types=["ecs.g7.large"], desired_size=size, security_group_ids=["sg-1"], **more
    )
    return models.CreateClusterNodePoolRequest(
        nodepool_info=models.CreateClusterNodePoolRequestNodepoolInfo(name="workers", type="ess"),
        scaling_group=group,
        kubernetes_config=models.CreateClusterNodePoolRequestKubernetesConfig(taints=[TAINT]),
        auto_scaling=models.CreateClusterNodePoolRequestAutoScaling(enable=False, type="cpu"),
    )


@pytest.fixture
def pool(client: Any, cluster: Cluster) -> str:
    return str(client.create_cluster_node_pool(cluster.id, request()).body.nodepool_id)


def change(client: Any, cluster: Cluster, pool: str, **sections: Any) -> Any:
    return client.modify_cluster_node_pool(cluster.id, pool, models.ModifyClusterNodePoolRequest(**sections)).body


def wait(client: Any, task: str) -> str:
    """What becomes of a task, and how often it was asked for."""
    seen = ""
    while not seen.endswith(("success", "fail")):
        seen += f" {client.describe_task_info(task).body.state}"
    return seen.strip()


def test_the_cluster_is_a_registered_one(client: Any, cluster: Cluster) -> None:
    found = client.describe_cluster_detail(cluster.id).body
    assert (found.cluster_type, found.state, found.region_id) == ("ExternalKubernetes", "running", "cn-hangzhou")
    missing = refused(lambda: client.describe_cluster_detail("c1"))
    assert (missing[:2], missing.data["requestId"] != "") == ((404, "ErrorClusterNotFound"), True)


def test_a_pool_and_its_nodes(client: Any, cluster: Cluster) -> None:
    made = client.create_cluster_node_pool(cluster.id, request(2)).body
    assert wait(client, made.task_id) == "running success"
    found = client.describe_cluster_node_pool_detail(cluster.id, made.nodepool_id).body
    assert (found.nodepool_info.name, found.nodepool_info.type, found.status.state) == ("workers", "ess", "active")
    assert found.status.total_nodes == 2
    assert [taint.key for taint in found.kubernetes_config.taints] == ["gpu"]
    assert (found.scaling_group.security_group_id, found.scaling_group.platform) == ("sg-1", "AliyunLinux")
    assert (found.kubernetes_config.labels, found.nodepool_info.created[-6:]) == ([], "+08:00")


def test_the_same_request_twice_makes_two_pools(client: Any, cluster: Cluster, pool: str) -> None:
    client.create_cluster_node_pool(cluster.id, request())
    found = client.describe_cluster_node_pools(cluster.id, models.DescribeClusterNodePoolsRequest()).body.nodepools
    assert [item.nodepool_info.name for item in found] == ["workers", "workers"]
    assert len({item.nodepool_info.nodepool_id for item in found}) == 2
    asked = models.DescribeClusterNodePoolsRequest(nodepool_name="other")
    assert not client.describe_cluster_node_pools(cluster.id, asked).body.nodepools


def test_the_sdk_clears_what_it_was_not_told(client: Any, cluster: Cluster, pool: str) -> None:
    disks = [models.DataDisk(category="cloud_essd", size=100)]
    group = models.ModifyClusterNodePoolRequestScalingGroup(data_disks=disks)
    change(client, cluster, pool, scaling_group=group)
    assert cluster.pools[pool].wanted["scaling_group"]["data_disks"] == [{"category": "cloud_essd", "size": 100}]
    one = models.ModifyClusterNodePoolRequestScalingGroup(desired_size=1)
    change(client, cluster, pool, scaling_group=one)
    assert cluster.pools[pool].wanted["scaling_group"]["data_disks"] == []
    assert cluster.pools[pool].wanted["scaling_group"]["vswitch_ids"] == ["vsw-1"]
    labels = [models.Tag(key="a", value="b")]
    config = models.ModifyClusterNodePoolRequestKubernetesConfig(labels=labels)
    change(client, cluster, pool, kubernetes_config=config)
    assert cluster.pools[pool].wanted["kubernetes_config"]["taints"] == []


def test_a_pool_grows_and_shrinks(client: Any, cluster: Cluster, pool: str) -> None:
    for size in (3, 1):
        group = models.ModifyClusterNodePoolRequestScalingGroup(desired_size=size)
        wait(client, change(client, cluster, pool, scaling_group=group).task_id)
        assert len(cluster.pools[pool].nodes) == size
    added = client.scale_cluster_node_pool(cluster.id, pool, models.ScaleClusterNodePoolRequest(count=2)).body
    wait(client, added.task_id)
    assert len(cluster.pools[pool].nodes) == 3
    gone = models.RemoveNodePoolNodesRequest(instance_ids=[next(iter(cluster.pools[pool].nodes))], release_node=True)
    client.remove_node_pool_nodes(cluster.id, pool, gone)
    assert client.describe_cluster_node_pool_detail(cluster.id, pool).body.status.total_nodes == 2


def test_a_pool_that_scales_by_itself(client: Any, cluster: Cluster, pool: str) -> None:
    scaling = models.ModifyClusterNodePoolRequestAutoScaling(enable=True, min_instances=2, max_instances=4)
    wait(client, change(client, cluster, pool, auto_scaling=scaling).task_id)
    assert len(cluster.pools[pool].nodes) == 2


def test_looking_at_a_pool_lets_its_task_go_on(client: Any, cluster: Cluster) -> None:
    made = client.create_cluster_node_pool(cluster.id, request(1)).body
    states = [client.describe_cluster_node_pool_detail(cluster.id, made.nodepool_id).body.status for _ in range(3)]
    assert [(status.state, status.total_nodes) for status in states] == [("scaling", 0), ("active", 1), ("active", 1)]


def test_a_task_that_fails(client: Any, cluster: Cluster) -> None:
    cluster.fails["workers"] = "InvalidInstanceType.NotSupported"
    made = client.create_cluster_node_pool(cluster.id, request(1)).body
    assert wait(client, made.task_id) == "running fail"
    assert client.describe_task_info(made.task_id).body.error.message == "InvalidInstanceType.NotSupported"
    assert not cluster.pools[made.nodepool_id].nodes


def test_what_is_fixed_when_a_pool_is_made() -> None:
    """The lists of the server are those of the SDK's models."""

    def fields(model: type) -> set[str]:
        return set(inspect.signature(model).parameters)

    for section, allowed in SECTIONS.items():
        word = "".join(part.title() for part in section.split("_"))
        changed = fields(getattr(models, f"ModifyClusterNodePoolRequest{word}"))
        assert changed == allowed, section
        made = fields(getattr(models, f"CreateClusterNodePoolRequest{word}"))
        assert made - changed == FIXED.get(section, set()), section


@pytest.mark.parametrize(
    "body",
    [
        {"nodepool_info": {"type": "edge"}},
        {"scaling_group": {"ram_role_name": "x"}},
        {"auto_scaling": {"type": "gpu"}},
        {"node_config": {}},
        {"scaling_group": {"vswitch_ids": []}},
        {"scaling_group": {"instance_types": []}},
        {"nodepool_info": {"name": ""}},
        {"kubernetes_config": []},
        {"kubernetes_config": {"taints": [{"key": "a", "effect": "No"}]}},
        {"kubernetes_config": {"labels": ["a"]}},
        {"kubernetes_config": {"labels": 1}},
        {"scaling_group": {"desired_size": -1}},
        {"scaling_group": {"desired_size": "1"}},
        {"auto_scaling": {"min_instances": 3, "max_instances": 2}},
        ["workers"],
    ],
    ids=str,
)
def test_what_cannot_be_changed(server: Acs, account: Account, cluster: Cluster, pool: str, body: Any) -> None:
    before = dict(cluster.pools[pool].wanted)
    call = roa(server, account.root())
    path = f"/clusters/{cluster.id}/nodepools/{pool}"
    assert refused(lambda: call("ModifyClusterNodePool", "PUT", path, body))[:2] == (400, "InvalidParameter")
    assert cluster.pools[pool].wanted == before


def test_auto_repair_needs_its_add_on(client: Any, cluster: Cluster) -> None:
    made = request()
    made.management = models.CreateClusterNodePoolRequestManagement(enable=True)
    code = refused(lambda: client.create_cluster_node_pool(cluster.id, made))[:2]
    assert code == (400, "InvalidParameter.Management")


def test_a_pool_is_deleted(client: Any, cluster: Cluster, pool: str) -> None:
    group = models.ModifyClusterNodePoolRequestScalingGroup(desired_size=1)
    wait(client, change(client, cluster, pool, scaling_group=group).task_id)
    plain, force = models.DeleteClusterNodepoolRequest(), models.DeleteClusterNodepoolRequest(force=True)
    assert refused(lambda: client.delete_cluster_nodepool(cluster.id, pool, plain)).status == 400
    wait(client, client.delete_cluster_nodepool(cluster.id, pool, force).body.task_id)
    gone = refused(lambda: client.describe_cluster_node_pool_detail(cluster.id, pool))
    assert gone[:2] == (404, "ErrorNodePoolNotFound")


def install(client: Any, cluster: Cluster, name: str, version: str, config: str | None = None) -> Any:
    item = models.InstallClusterAddonsRequestBody(name=name, version=version, config=config)
    return client.install_cluster_addons(cluster.id, models.InstallClusterAddonsRequest(body=[item])).body


def test_an_add_on_from_the_offer_to_its_end(client: Any, cluster: Cluster) -> None:
    offered = client.list_addons(models.ListAddonsRequest(cluster_id=cluster.id)).body.addons
    assert [(item.name, item.version) for item in offered] == [("terway-eniip", "v1.17.5"), ("csi-plugin", "v1.30.1")]
    task = install(client, cluster, "terway-eniip", "v1.16.0", '{"a":1}').task_id
    assert refused(lambda: install(client, cluster, "terway-eniip", "v1.17.5")).code == "AddonAlreadyInstalled"
    assert wait(client, task) == "running success"
    newer = models.UpgradeClusterAddonsRequestBody(component_name="terway-eniip", next_version="v1.17.5")
    asked = models.UpgradeClusterAddonsRequest(body=[newer])
    task = client.upgrade_cluster_addons(cluster.id, asked).body.task_id
    assert client.get_cluster_addon_instance(cluster.id, "terway-eniip").body.state == "upgrading"
    wait(client, task)
    found = client.get_cluster_addon_instance(cluster.id, "terway-eniip").body
    assert (found.state, found.version, found.config) == ("active", "v1.17.5", '{"a":1}')
    listed = client.list_cluster_addon_instances(cluster.id).body.addons
    assert [(item.name, item.version, item.state) for item in listed] == [("terway-eniip", "v1.17.5", "active")]
    addon = models.UnInstallClusterAddonsRequestAddons(name="terway-eniip")
    gone = models.UnInstallClusterAddonsRequest(addons=[addon])
    wait(client, client.un_install_cluster_addons(cluster.id, gone).body.task_id)
    assert not cluster.addons


def test_an_add_on_that_is_not_offered(client: Any, cluster: Cluster) -> None:
    assert refused(lambda: install(client, cluster, "nothing", "v1")).code == "AddonNotFound"
    assert refused(lambda: install(client, cluster, "csi-plugin", "v9")).code == "InvalidParameter"
    assert not cluster.addons


def test_who_may_is_said_by_ram(server: Acs, account: Account, cluster: Cluster) -> None:
    resource = f"acs:cs:cn-hangzhou:{account.id}:cluster/{cluster.id}"
    allow = {"Effect": "Allow", "Action": "cs:DescribeClusterNodePools", "Resource": resource}
    asked = models.DescribeClusterNodePoolsRequest()
    user = Client(config(server, account.user("ci", allow)))
    user.describe_cluster_node_pools(cluster.id, asked)
    denied = refused(lambda: user.create_cluster_node_pool(cluster.id, request()))
    assert denied[:2] == (403, "StatusForbidden")
    assert denied.data["message"] == "RAM policy Forbidden for action cs:CreateClusterNodePool"
    assert denied.data["accessDeniedDetail"]["AuthAction"] == "cs:CreateClusterNodePool"
    role = Client(config(server, account.session("deployer", {**allow, "Resource": f"{resource}x"})))
    denied = refused(lambda: role.describe_cluster_node_pools(cluster.id, asked))
    assert denied.data["message"] == "STSToken policy Forbidden for action cs:DescribeClusterNodePools"
    assert not cluster.pools


def test_faults_are_written_as_cs_writes(server: Acs, client: Any, cluster: Cluster) -> None:
    server.fault(refusal(503, "ServiceUnavailable"), operation="CreateClusterNodePool")
    client.describe_cluster_detail(cluster.id)
    failed = refused(lambda: client.create_cluster_node_pool(cluster.id, request()))
    assert (failed.status, failed.data["code"], failed.data["status"]) == (503, "ServiceUnavailable", 503)


def test_a_password_is_not_in_the_log(server: Acs, account: Account, client: Any, cluster: Cluster) -> None:
    account.user("ci", ALL)
    client.create_cluster_node_pool(cluster.id, request(login_password="Geheim-1"))
    assert server.requests[0].parameters["scaling_group"]["login_password"] == "***"
    assert server.requests[0].parameters["nodepool_info"]["name"] == "workers"
    (found,) = client.describe_cluster_node_pools(cluster.id, models.DescribeClusterNodePoolsRequest()).body.nodepools
    assert found.scaling_group.login_password is None
