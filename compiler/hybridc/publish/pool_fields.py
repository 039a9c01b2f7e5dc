"""A node pool field by field: what the spec says, what ACK has, and the smallest request that makes them equal.

Shapes: alibabacloud_cs20151215 7.2.3, DescribeClusterNodePoolsResponseBodyNodepools and ModifyClusterNodePoolRequest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from hybridc.catalog import ack
from hybridc.publish.plan import Change

Data = dict[str, Any]
_SIZE = ("scaling_group.desired_size", "auto_scaling", "management")
"""What other steps set, or ACK alone."""
_UNORDERED = ("scaling_group.vswitch_ids", "scaling_group.security_group_ids")
_KEYED = ("scaling_group.tags", "kubernetes_config.labels", "kubernetes_config.taints")
_SPOT = "scaling_group.spot_strategy"


class Difference(NamedTuple):
    """A field as the API names it (``scaling_group.key_pair``), what it is to be and what it is.

    ``fixed``: ACK sets it when the pool is made.
    """

    path: str
    wanted: Any
    live: Any
    fixed: bool

    @property
    def field(self) -> str:
        """The field of the spec."""
        return ack.POOL_FIELDS.get(self.path, self.path)

    def change(self, pool: str) -> Change:
        """In words."""
        return Change("~", f"node pool {pool}: {self.field} {_said(self.live)} → {_said(self.wanted)}")


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_said(item) for item in value) + "]"
    if isinstance(value, dict) and "key" in value:
        effect = f":{value['effect']}" if value.get("effect") else ""
        return f"{value['key']}={value.get('value', '')}{effect}"
    return str(value) if isinstance(value, (str, int, float)) else json.dumps(value, ensure_ascii=False)


def tags_of(pool: Data) -> dict[str, str]:
    """The tags of a live pool."""
    tags = pool.get("scaling_group", {}).get("tags") or ()
    return {str(tag.get("key")): str(tag.get("value", "")) for tag in tags}


def differences(wanted: Data, live: Data) -> list[Difference]:
    """The fields that the spec sets and ACK has otherwise; size and scaling aside."""
    return list(_differences("", wanted, live))


def _differences(path: str, wanted: Data, live: Data) -> Iterator[Difference]:
    for key, value in wanted.items():
        at, there = f"{path}.{key}" if path else key, live.get(key)
        if at in _SIZE:
            continue
        if isinstance(value, dict):
            yield from _differences(at, value, there if isinstance(there, dict) else {})
        elif _canonical(at, value) != _canonical(at, there):
            yield Difference(at, _sent(at, value, there), there, _is_fixed(at, value, there))


def _canonical(path: str, value: Any) -> Any:
    """A value as it counts: what has no order sorted, what ACK adds left out, nothing and an empty list the same."""
    if value in (None, [], {}):
        return None
    if path in _KEYED and isinstance(value, list):
        ours = [item for item in value if not _is_of_ack(item)]
        return sorted(
            json.dumps({k: v for k, v in item.items() if v not in (None, "")}, sort_keys=True) for item in ours
        )
    if path in _UNORDERED and isinstance(value, list):
        return sorted(map(str, value))
    return value


def _is_of_ack(item: Data) -> bool:
    """Whether ACK sets a tag or label by itself."""
    return str(item.get("key", "")).startswith(ack.SYSTEM_KEYS)


def _sent(path: str, wanted: Any, live: Any) -> Any:
    """What the request says: a list replaces, so what ACK set itself is sent along."""
    if path in _KEYED and isinstance(wanted, list):
        return [*wanted, *(item for item in live or () if _is_of_ack(item))]
    return wanted


def _is_fixed(path: str, wanted: Any, live: Any) -> bool:
    if path == "nodepool_info.type":
        return True
    return path == _SPOT and _is_spot(wanted) != _is_spot(live)


def _is_spot(strategy: Any) -> bool:
    return strategy not in (None, "", "NoSpot")


def request(listed: Sequence[Difference]) -> Data:
    """The body of ModifyClusterNodePool with these fields, and no other."""
    body: Data = {}
    for each in listed:
        at = body
        *parents, last = each.path.split(".")
        for parent in parents:
            at = at.setdefault(parent, {})
        at[last] = each.wanted
    return body
