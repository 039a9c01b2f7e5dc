"""What is made in the registered cluster after the sync: add-ons, and node pools without nodes.

No plan makes or removes a node: a pool is made with none and without scaling, and how many it has is not Terraform's
from then on (``ignore_changes``). ACK takes nodes away without draining them when a size is lowered.
"""

from __future__ import annotations

from typing import Any

from hybridc.catalog import ack, terraform
from hybridc.lower.names import terraform_name
from hybridc.lower.terraform.root import KEPT, Block, root
from hybridc.lower.terraform.text import beside, expression
from hybridc.spec.model import Spec

_LIVE = ["desired_size", "scaling_config"]


def _in_terraform(request: list[dict[str, Any]]) -> bool:
    """Whether the provider can make this request: without a version it would send an empty one."""
    return "version" in request[0]


def addons(spec: Spec, requests: dict[str, Any]) -> dict[str, Any]:
    """By file: the configuration for add-ons; ``requests`` are those of ``cloud/addons/``. Empty without any."""
    found = {
        terraform_name(name): _addon(spec, name, request)
        for name, request in requests.items()
        if _in_terraform(request)
    }
    return {"main": root(spec), "addons": {"resource": {terraform.ADDON: found}}} if found else {}


def _addon(spec: Spec, name: str, request: list[dict[str, Any]]) -> Block:
    (addon,) = request
    block: Block = {"cluster_id": spec.alibaba_cloud.registered_cluster_id, **addon}
    if "config" in addon:
        block["config"] = expression(f'jsondecode(file("{beside(f"../../addons/{name}.json")}"))[0].config')
    if name == ack.TERWAY_ADDON:
        block["lifecycle"] = KEPT
    return block


def pools(spec: Spec, requests: dict[str, Any]) -> dict[str, Any]:
    """By file: the configuration for node pools; ``requests`` are those of ``cloud/node-pools/``. Empty without any."""
    found = {terraform_name(name): _pool(spec, request) for name, request in requests.items()}
    return {"main": root(spec), "pools": {"resource": {terraform.NODE_POOL: found}}} if found else {}


def _pool(spec: Spec, request: dict[str, Any]) -> Block:
    found: Block = {"cluster_id": spec.alibaba_cloud.registered_cluster_id}
    for path, value in _leaves(request):
        block, _, argument = terraform.ARGUMENTS[path].rpartition(".")
        if block:
            found.setdefault(block, {})[argument] = value
        else:
            found[argument] = value
    found["desired_size"] = "0"
    found["tags"] = {tag["key"]: tag["value"] for tag in found["tags"]}
    # Left out, the provider installs CloudMonitor; the request does not ask for it.
    found.setdefault("install_cloud_monitor", False)
    # Left out, the provider deletes a pool with its nodes when the spec has it no more.
    found["force_delete"] = False
    if "scaling_config" in found:
        found["scaling_config"]["enable"] = False
    return {**found, "lifecycle": {**KEPT, "ignore_changes": _LIVE}}


def _leaves(request: dict[str, Any], path: str = "") -> list[tuple[str, Any]]:
    """What of a request there is an argument for, by its path; the rest is found by a rule."""
    found = []
    for key, value in request.items():
        # A key that holds a dot is no path: such a one is not the API's.
        here = f"{path}.{key}" if path else key
        if "." not in key and here in terraform.ARGUMENTS:
            found.append((here, value))
        elif "." not in key and isinstance(value, dict):
            found += _leaves(value, here)
    return found
