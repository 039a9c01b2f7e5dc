"""CS (2015-12-15) on loopback: one registered cluster of ACK with its node pools, add-ons and tasks.

``with cs(account, cluster) as server``; ``cluster`` is what it keeps. Paths and shapes: alibabacloud-cs20151215 7.2.3.
A right has the name of its call, and is asked for on the cluster: https://www.alibabacloud.com/help/doc-detail/167753.htm
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.servers import cs_addons as addons
from tests.lab.servers import cs_pools as pools
from tests.lab.servers.account import Account, Principal
from tests.lab.servers.acs import Acs, Api, Operation, acs
from tests.lab.servers.acs_words import RefusedError, error_of_cs
from tests.lab.servers.cs_state import Cluster, describe_cluster, describe_task

_CLUSTER = "acs:cs:{region}:{account}:cluster/{ClusterId}"
_ALL = "acs:cs:*:*:*"
_POOLS, _POOL = "/clusters/{ClusterId}/nodepools", "/clusters/{ClusterId}/nodepools/{NodepoolId}"
PATHS = {
    ("GET", "/clusters/{ClusterId}"): "DescribeClusterDetail",
    ("GET", _POOLS): "DescribeClusterNodePools",
    ("POST", _POOLS): "CreateClusterNodePool",
    ("GET", _POOL): "DescribeClusterNodePoolDetail",
    ("PUT", _POOL): "ModifyClusterNodePool",
    ("POST", _POOL): "ScaleClusterNodePool",
    ("DELETE", _POOL): "DeleteClusterNodepool",
    ("DELETE", f"{_POOL}/nodes"): "RemoveNodePoolNodes",
    ("POST", "/clusters/{ClusterId}/components/install"): "InstallClusterAddons",
    ("POST", "/clusters/{ClusterId}/components/upgrade"): "UpgradeClusterAddons",
    ("POST", "/clusters/{ClusterId}/components/uninstall"): "UnInstallClusterAddons",
    ("GET", "/clusters/{ClusterId}/addon_instances"): "ListClusterAddonInstances",
    ("GET", "/clusters/{ClusterId}/addon_instances/{Name}"): "GetClusterAddonInstance",
    ("GET", "/clusters/{ClusterId}/components/{Name}/instance"): "DescribeClusterAddonInstance",
    ("GET", "/addons"): "ListAddons",
    ("GET", "/tasks/{TaskId}"): "DescribeTaskInfo",
}


def denied(action: str, resource: str, principal: Principal) -> RefusedError:
    """https://www.alibabacloud.com/help/doc-detail/356611.html (STSToken), and ACK's FAQ on authorization (RAM)."""
    who = "STSToken" if principal.kind == "Role" else "RAM"
    return RefusedError(403, "StatusForbidden", f"{who} policy Forbidden for action {action}")


def api(cluster: Cluster) -> Api:
    """The service that keeps this cluster."""
    cs = (_CLUSTER,)
    operations = {
        "DescribeClusterDetail": Operation(describe_cluster(cluster), cs),
        "DescribeTaskInfo": Operation(describe_task(cluster), (_ALL,)),
        **{name: Operation(do(cluster), cs) for name, do in {**pools.OPERATIONS, **addons.OPERATIONS}.items()},
        "ListAddons": Operation(addons.list_offered(cluster), (_ALL,)),
        # One of the two names that Alibaba's pages give the right (catalog/ack.toml).
        "UpgradeClusterAddons": Operation(addons.upgrade(cluster), cs, "UpgradeK8sComponents"),
    }
    host = f"cs.{cluster.region}.aliyuncs.com"
    return Api("cs", host, "2015-12-15", operations, denied, PATHS, error_of_cs)


@contextmanager
def cs(account: Account, cluster: Cluster) -> Iterator[Acs]:
    """Run it until the block ends."""
    with acs(api(cluster), account, cluster.region) as server:
        yield server
