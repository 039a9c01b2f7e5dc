"""Node pools as the request that makes them (CreateClusterNodePool of cs 2015-12-15)."""

from __future__ import annotations

from typing import Any

from hybridc.catalog import instance_types
from hybridc.lower.names import CLUSTER_TAG, POOL_LABEL, TERWAY_CONFIG_LABEL, dynamic_config_name
from hybridc.spec.model import NodePool, Spec


def node_pools(spec: Spec) -> dict[str, Any]:
    """By pool: the body of ``POST /clusters/<id>/nodepools``."""
    return {str(pool.name): _body(spec, pool) for pool in spec.node_pools}


def _body(spec: Spec, pool: NodePool) -> dict[str, Any]:
    info: dict[str, Any] = {"name": pool.name, "type": "ess"}
    if spec.alibaba_cloud.resource_group_id is not None:
        info["resource_group_id"] = spec.alibaba_cloud.resource_group_id
    body = {
        "nodepool_info": info,
        "scaling_group": _scaling_group(spec, pool),
        "kubernetes_config": {"labels": _labels(pool), "taints": [_taint(taint) for taint in pool.taints]},
        "auto_scaling": _auto_scaling(pool),
        # Auto repair needs ack-node-problem-detector; without it the API refuses the pool.
        "management": {"enable": False},
    }
    return _merged(body, pool.extra)


def _merged(body: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """The body with the keys that the spec passes through; a map is merged, anything else replaces what is there."""
    found = dict(body)
    for key, value in extra.items():
        there = found.get(key)
        found[key] = _merged(there, value) if isinstance(there, dict) and isinstance(value, dict) else value
    return found


def _scaling_group(spec: Spec, pool: NodePool) -> dict[str, Any]:
    group: dict[str, Any] = {
        "vswitch_ids": list(pool.vswitches),
        "security_group_ids": list(pool.security_groups),
        "instance_types": list(pool.instance_types),
        "instance_charge_type": "PostPaid",
        "multi_az_policy": "BALANCE",
        "key_pair": pool.key_pair,
        "system_disk_category": pool.system_disk.category,
        "system_disk_size": pool.system_disk.size_gib,
        "data_disks": [{"category": disk.category, "size": disk.size_gib} for disk in pool.data_disks],
        "desired_size": pool.size.desired,
        "tags": [{"key": key, "value": value} for key, value in {**pool.tags, CLUSTER_TAG: spec.name}.items()],
    }
    if pool.image.id is not None:
        group["image_id"] = pool.image.id
    else:
        group["image_type"] = pool.image.type
    if pool.spot is not None:
        group["spot_strategy"] = pool.spot.strategy
        group["spot_price_limit"] = [
            {"instance_type": limit["instanceType"], "price_limit": limit["priceLimit"]} for limit in pool.spot.limits
        ]
    return group


def _auto_scaling(pool: NodePool) -> dict[str, Any]:
    if not pool.auto_scaling:
        return {"enable": False}
    return {
        "enable": pool.auto_scaling,
        "min_instances": pool.size.min,
        "max_instances": pool.size.max,
        "type": _kind(pool),
    }


def _kind(pool: NodePool) -> str:
    """What ACK scales (``auto_scaling.type``); it cannot be changed once the pool is made."""
    if pool.spot is not None and pool.spot.strategy != "NoSpot":
        return "spot"
    return "gpu" if any(instance_types.has_gpus(str(name)) for name in pool.instance_types) else "cpu"


def _labels(pool: NodePool) -> list[dict[str, str]]:
    """The pool's labels and its name; ACK adds its own, ``alibabacloud.com/external=true`` among them."""
    labels = dict(pool.labels)
    if pool.terway_config is not None:
        labels[TERWAY_CONFIG_LABEL] = dynamic_config_name(pool.terway_config)
    labels[POOL_LABEL] = pool.name
    return [{"key": key, "value": value} for key, value in labels.items()]


def _taint(taint: str) -> dict[str, str]:
    key_value, _, effect = taint.rpartition(":")
    key, _, value = key_value.partition("=")
    return {"key": key, "value": value, "effect": effect}
