"""Add-ons of CS: offered, installed, upgraded, uninstalled.

Shapes: alibabacloud-cs20151215 7.2.3. AddonAlreadyInstalled: AliyunContainerService/ack-ram-tool (installhelperaddon).
Its status, and the codes for what is not offered or not there, are not established.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tests.lab.servers.acs import Call
from tests.lab.servers.acs_words import Json, RefusedError, wanted
from tests.lab.servers.cs_state import Addon, Cluster, Task, known


def list_offered(cluster: Cluster) -> Callable[[Call], Json]:
    """ListAddons: the newest version of each."""

    def do(call: Call) -> Json:
        if call.parameters.get("cluster_id") not in (None, cluster.id):
            raise RefusedError(404, "ErrorClusterNotFound", "cluster not found")
        offered = [{"name": name, "version": versions[-1]} for name, versions in cluster.offered.items()]
        return {"addons": [{**item, "install_by_default": False, "managed": False} for item in offered]}

    return do


def list_installed(cluster: Cluster) -> Callable[[Call], Json]:
    """ListClusterAddonInstances."""

    def do(call: Call) -> Json:
        known(call, cluster)
        for name in list(cluster.addons):
            cluster.look(name)
        return {
            "addons": [
                {"name": addon.name, "version": addon.version, "state": addon.state}
                for addon in cluster.addons.values()
            ]
        }

    return do


def get_installed(cluster: Cluster) -> Callable[[Call], Json]:
    """GetClusterAddonInstance, and DescribeClusterAddonInstance, which it replaced."""

    def do(call: Call) -> Json:
        known(call, cluster)
        name = wanted(call.parameters, "Name")
        cluster.look(name)
        addon = _there(cluster, name)
        return {"name": name, "version": addon.version, "state": addon.state, "config": addon.config}

    return do


def install(cluster: Cluster) -> Callable[[Call], Json]:
    """InstallClusterAddons."""

    def do(call: Call) -> Json:
        known(call, cluster)
        items = _items(call.body)
        for item in items:
            _check(cluster, item.get("name"), item.get("version"))
            if item["name"] in cluster.addons:
                raise RefusedError(400, "AddonAlreadyInstalled", f"addon {item['name']} is already installed")
        for item in items:
            addon = Addon(item["name"], item["version"], item.get("config") or "", "initial")
            cluster.addons[addon.name] = addon
            task = cluster.start("addon_install", addon.name, partial(_active, addon, addon.version))
        return _answer(call, cluster, task)

    return do


def upgrade(cluster: Cluster) -> Callable[[Call], Json]:
    """UpgradeClusterAddons."""

    def do(call: Call) -> Json:
        known(call, cluster)
        items = _items(call.body)
        for item in items:
            _there(cluster, item.get("component_name"))
            _check(cluster, item["component_name"], item.get("next_version"))
        for item in items:
            addon = cluster.addons[item["component_name"]]
            addon.state = "upgrading"
            addon.config = item.get("config") or addon.config
            task = cluster.start("addon_upgrade", addon.name, partial(_active, addon, item["next_version"]))
        return _answer(call, cluster, task)

    return do


def uninstall(cluster: Cluster) -> Callable[[Call], Json]:
    """UnInstallClusterAddons."""

    def do(call: Call) -> Json:
        known(call, cluster)
        items = _items(call.body)
        for item in items:
            _there(cluster, item.get("name")).state = "deleting"
        for item in items:
            task = cluster.start("addon_uninstall", item["name"], partial(cluster.addons.pop, item["name"], None))
        return _answer(call, cluster, task)

    return do


OPERATIONS: Mapping[str, Callable[[Cluster], Callable[[Call], Json]]] = {
    "ListClusterAddonInstances": list_installed,
    "GetClusterAddonInstance": get_installed,
    "DescribeClusterAddonInstance": get_installed,
    "InstallClusterAddons": install,
    "UnInstallClusterAddons": uninstall,
}


def _items(body: Any) -> list[Json]:
    if not isinstance(body, list) or not body or not all(isinstance(item, dict) for item in body):
        raise RefusedError(400, "InvalidParameter", "a list of add-ons")
    return body


def _check(cluster: Cluster, name: Any, version: Any) -> None:
    if name not in cluster.offered:
        raise RefusedError(404, "AddonNotFound", f"addon {name} is not offered")
    if version not in cluster.offered[name]:
        raise RefusedError(400, "InvalidParameter", f"version {version} of addon {name} is not offered")


def _there(cluster: Cluster, name: Any) -> Addon:
    if name not in cluster.addons:
        raise RefusedError(404, "AddonNotFound", f"addon {name} is not installed")
    return cluster.addons[name]


def _active(addon: Addon, version: str) -> None:
    addon.version, addon.state = version, "active"


def _answer(call: Call, cluster: Cluster, task: Task) -> Json:
    return {"cluster_id": cluster.id, "task_id": task.id, "request_id": call.request_id}
