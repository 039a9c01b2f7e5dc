"""Calls of ACK on one registered cluster: node pools and add-ons, as the API spells them.

Bodies go out as they stand, so that no list comes to be sent that nobody set: an empty one may clear a setting.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from hybridc.cloud.acs import Request, ack
from hybridc.cloud.trouble import strange
from hybridc.live.cloud_reads import ADDON, POOL, SHAPES
from hybridc.live.shapes import Misshapen, project
from hybridc.publish.context import Context

Data = dict[str, Any]
_KEYED = [{"key": str, "value": str}]
_POOL = {**SHAPES[POOL], "kubernetes_config": {"labels": _KEYED, "taints": _KEYED}}
"""What is relied on of the form of a pool: an answer of another form is believed in nothing."""


def pools(context: Context) -> list[Data]:
    """Every node pool (DescribeClusterNodePools), without what is null. Raises Trouble."""
    request = ack("DescribeClusterNodePools", "GET", _path(context, "nodepools"))
    found = _listed(context, request, "nodepools", _POOL)
    if not all(each.get("nodepool_info", {}).get(key) for each in found for key in ("name", "nodepool_id")):
        raise strange("cs", request.call, "a node pool without its name or id")
    return found


def create_pool(context: Context, body: Data) -> None:
    """A new pool: a second request makes a second one. Raises Trouble."""
    context.acs.roa(ack("CreateClusterNodePool", "POST", _path(context, "nodepools"), body), again=False)


def modify_pool(context: Context, pool: str, body: Data) -> None:
    """Sets what ``body`` names, so that a second request changes nothing more. Raises Trouble."""
    context.acs.roa(ack("ModifyClusterNodePool", "PUT", _path(context, "nodepools", pool), body))


def _listed(context: Context, request: Request, name: str, shape: Data = SHAPES[ADDON]) -> list[Data]:
    """A list of an answer; null is an empty one. Raises Trouble for an answer without it, which proves nothing."""
    found = context.acs.roa(request)
    listed = found[name] if isinstance(found, dict) and name in found else 0
    if listed is not None and (not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed)):
        raise strange("cs", request.call, f"no {name}")
    try:
        for each in listed or ():
            project(each, shape, name)
    except Misshapen as error:
        raise strange("cs", request.call, f"something else: {error}") from None
    return [_without_nulls(each) for each in listed or ()]


def _without_nulls(found: Any) -> Any:
    """The same without what ACK gives as null: it is not set."""
    if isinstance(found, dict):
        return {key: _without_nulls(value) for key, value in found.items() if value is not None}
    return found


def _path(context: Context, *parts: str) -> str:
    cluster = str(context.spec.alibaba_cloud.registered_cluster_id)
    return "/".join(["/clusters", *(quote(part, safe="") for part in (cluster, *parts))])


def addon(context: Context, name: str) -> Data | None:
    """An add-on as it is (ListClusterAddonInstances); None when it is not there. Raises Trouble."""
    found = _listed(context, ack("ListClusterAddonInstances", "GET", _path(context, "addon_instances")), "addons")
    return next((each for each in found if each.get("name") == name), None)


def offered_addons(context: Context) -> list[Data]:
    """Every add-on that ACK offers this cluster (ListAddons). Raises Trouble."""
    cluster = str(context.spec.alibaba_cloud.registered_cluster_id)
    return _listed(context, ack("ListAddons", "GET", "/addons", query={"cluster_id": cluster}), "addons")


def install_addon(context: Context, body: Data) -> None:
    """InstallClusterAddons, for one. Raises Trouble."""
    path = _path(context, "components", "install")
    context.acs.roa(ack("InstallClusterAddons", "POST", path, [body]), again=False)


def upgrade_addon(context: Context, body: Data) -> None:
    """UpgradeClusterAddons, for one. Raises Trouble."""
    path = _path(context, "components", "upgrade")
    context.acs.roa(ack("UpgradeClusterAddons", "POST", path, [body]), again=False)
