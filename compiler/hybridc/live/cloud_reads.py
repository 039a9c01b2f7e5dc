"""What is read of Alibaba Cloud, and the part of an answer that decides; the calls stand in ``cloud_collect.py``.

Fields are spelled as the APIs spell them (VPC 2016-04-28, ECS 2014-05-26, RAM 2015-05-01, CS 2015-12-15). What was
asked for in several calls is one object: a route table with its ``Entries``, a group with its ``Rules``, a user with
the statements of his policies. No description, no user data, no configuration of an add-on is kept.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from hybridc.live.shapes import Misshapen, project

VSWITCH, VPC, TABLE, GROUP, IMAGE = "VSwitch", "VPC", "RouteTable", "SecurityGroup", "Image"
TYPE, USER, ROLE, CLUSTER, POOL, ADDON = (
    "InstanceType",
    "RAM user",
    "RAM role",
    "registered cluster",
    "NodePool",
    "Addon",
)
QUOTA, SIZE = "Quota", "size of"
CORES = "vCPU"
"""The quota of ECS that a pool meets first; its two numbers are attributes of the account."""


class Asked(NamedTuple):
    """What specs name, each once; ``users`` and ``roles`` are RAM's. ``addons``: those of the clusters too."""

    vpcs: tuple[str, ...] = ()
    vswitches: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    addons: bool = False


def _strings(value: Any, place: str) -> list[str]:
    """A text, or a list of texts, as a list: policies have both."""
    found: list[str] = project([value] if isinstance(value, str) else value, [str], place)
    return found


def _said(value: Any, place: str) -> bool:
    """Whether there is something: what a condition says is not kept."""
    return bool(value)


def statements(document: Any) -> list[dict[str, Any]]:
    """The statements of a policy document (JSON text), of each what decides. Raises :class:`Misshapen`."""
    try:
        data = json.loads(document)
    except (TypeError, ValueError, RecursionError):
        raise Misshapen("PolicyDocument must be JSON") from None
    listed = data.get("Statement") if isinstance(data, dict) else None
    found: list[dict[str, Any]] = project([listed] if isinstance(listed, dict) else listed, [_STATEMENT], "Statement")
    return found


_STATEMENT = {
    "Effect": str,
    **dict.fromkeys(("Action", "NotAction", "Resource", "NotResource"), _strings),
    "Condition": _said,
}
_HOP = {"NextHopId": str, "NextHopType": str}
_ENTRY = {
    **dict.fromkeys(("DestinationCidrBlock", "Status", "Type", "NextHopId", "NextHopType"), str),
    "NextHops": {"NextHop": [_HOP]},
}
_RULE = dict.fromkeys(
    (
        *("IpProtocol", "PortRange", "Policy", "Direction", "Priority", "NicType"),
        *("SourceCidrIp", "Ipv6SourceCidrIp", "DestCidrIp", "Ipv6DestCidrIp"),
        *("SourceGroupId", "SourcePrefixListId", "DestGroupId", "DestPrefixListId"),
    ),
    str,
)
_POLICY = {"PolicyName": str, "PolicyType": str, "Group": str, "Statement": [_STATEMENT]}
_HOLDER = {"Policies": [_POLICY]}
_TAG = {"key": str, "value": str}
SHAPES: dict[str, dict[str, Any]] = {
    VSWITCH: {
        **dict.fromkeys(("VSwitchId", "VpcId", "ZoneId", "CidrBlock", "Ipv6CidrBlock", "Status"), str),
        "AvailableIpAddressCount": int,
    },
    VPC: {
        **dict.fromkeys(("VpcId", "CidrBlock", "Ipv6CidrBlock", "RegionId", "Status"), str),
        "SecondaryCidrBlocks": {"SecondaryCidrBlock": [str]},
    },
    TABLE: {
        **dict.fromkeys(("RouteTableId", "VpcId", "RouteTableType"), str),
        "VSwitchIds": {"VSwitchId": [str]},
        "Entries": [_ENTRY],
    },
    GROUP: {**dict.fromkeys(("SecurityGroupId", "VpcId", "SecurityGroupType"), str), "Rules": [_RULE]},
    IMAGE: dict.fromkeys(("ImageId", "OSType", "OSName", "OSNameEn", "Platform", "Architecture", "Status"), str),
    TYPE: {"Zones": [{"ZoneId": str, "StatusCategory": str, "Status": str}]},
    SIZE: {"CpuCoreCount": int},
    USER: _HOLDER,
    ROLE: _HOLDER,
    CLUSTER: dict.fromkeys(
        ("cluster_id", "name", "cluster_type", "profile", "state", "region_id", "vpc_id", "current_version"), str
    ),
    POOL: {
        "nodepool_info": {"name": str, "nodepool_id": str, "type": str},
        "scaling_group": {
            **{key: [str] for key in ("vswitch_ids", "instance_types", "security_group_ids")},
            **dict.fromkeys(("image_id", "image_type", "key_pair", "system_disk_category"), str),
            "system_disk_size": int,
            "desired_size": int,
            "tags": [_TAG],
        },
        "auto_scaling": {"enable": bool, "min_instances": int, "max_instances": int},
        "status": {"state": str, "total_nodes": int},
    },
    ADDON: dict.fromkeys(("name", "version", "state"), str),
    QUOTA: {"max": int, "used": int},
}
"""By kind."""
