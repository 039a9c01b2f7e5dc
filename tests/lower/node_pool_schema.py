"""The body of CreateClusterNodePool (cs 2015-12-15), as its reference describes it, for cloud pools of type ess."""

from __future__ import annotations

from typing import Any


def _closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _list(items: dict[str, Any], least: int = 0, most: int = 100) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most, "uniqueItems": True}


TEXT = {"type": "string", "minLength": 1}
DISK = {"enum": ["cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto", "cloud_essd_entry"]}
TAG = _closed(
    ["key", "value"], key={**TEXT, "maxLength": 128, "not": {"pattern": "^(aliyun|acs:|https?://)"}}, value={}
)
LABEL = _closed(["key", "value"], key=TEXT, value={"type": "string", "maxLength": 63})
TAINT = _closed(
    ["key", "effect"],
    key=TEXT,
    value={"type": "string", "maxLength": 63},
    effect={"enum": ["NoSchedule", "NoExecute", "PreferNoSchedule"]},
)
SCALING_GROUP = _closed(
    ["vswitch_ids", "instance_types", "instance_charge_type", "key_pair"],
    vswitch_ids=_list({"type": "string", "pattern": "^vsw-[a-z0-9]+$"}, 1, 8),
    security_group_ids=_list({"type": "string", "pattern": "^sg-[a-z0-9]+$"}, 1, 10),
    instance_types=_list({"type": "string", "pattern": r"^ecs\.[a-z0-9.-]+$"}, 1, 10),
    instance_charge_type={"enum": ["PostPaid", "PrePaid"]},
    multi_az_policy={"enum": ["PRIORITY", "COST_OPTIMIZED", "BALANCE"]},
    key_pair=TEXT,
    system_disk_category=DISK,
    system_disk_size={"type": "integer", "minimum": 20, "maximum": 2048},
    data_disks=_list(
        _closed(["category", "size"], category=DISK, size={"type": "integer", "minimum": 40, "maximum": 32768})
    ),
    image_id={"type": "string", "pattern": "^m-[a-z0-9]+$"},
    image_type=TEXT,
    desired_size={"type": "integer", "minimum": 0},
    spot_strategy={"enum": ["NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"]},
    spot_price_limit=_list(_closed(["instance_type", "price_limit"], instance_type=TEXT, price_limit=TEXT)),
    tags=_list(TAG),
    instance_metadata_options=_closed([], http_tokens={"enum": ["optional", "required"]}),
)
SCALING_GROUP["oneOf"] = [{"required": ["image_id"]}, {"required": ["image_type"]}]
NODE_POOL: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_closed(
        ["nodepool_info", "scaling_group"],
        nodepool_info=_closed(["name", "type"], name=TEXT, type={"const": "ess"}, resource_group_id=TEXT),
        scaling_group=SCALING_GROUP,
        kubernetes_config=_closed([], labels=_list(LABEL), taints=_list(TAINT)),
        auto_scaling=_closed(
            ["enable"],
            enable={"type": "boolean"},
            min_instances={"type": "integer", "minimum": 0},
            max_instances={"type": "integer", "maximum": 2000},
            type={"enum": ["cpu", "gpu", "gpushare", "spot"]},
        ),
        # Auto repair, which comes with it, needs ack-node-problem-detector: the API refuses the pool without.
        management=_closed(["enable"], enable={"const": False}),
    ),
}
