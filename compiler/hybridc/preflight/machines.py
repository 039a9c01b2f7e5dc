"""Nodes as preflight looks at them: the cloud's and the IDC's, their addresses, and several of them in a sentence."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Any

from hybridc.catalog import ack

Data = dict[str, Any]
_SHOWN = 3
_MINOR = re.compile(r"v?1\.([0-9]{1,3})\.")


def is_cloud(node: Data) -> bool:
    """Whether it has the label of cloud nodes."""
    return _has(node, ack.EXTERNAL_LABEL)


def is_virtual(node: Data) -> bool:
    """Whether it is a virtual node, which no network plugin runs on."""
    return _has(node, ack.VIRTUAL_NODE_LABEL)


def of_the_idc(node: Data) -> bool:
    """Whether it is neither."""
    return not is_cloud(node) and not is_virtual(node)


def _has(node: Data, label: tuple[str, str]) -> bool:
    key, value = label
    return bool(node["metadata"].get("labels", {}).get(key) == value)


def kubelet_version(node: Data) -> str:
    """The version of its kubelet; "" when it says none."""
    return str(node.get("status", {}).get("nodeInfo", {}).get("kubeletVersion", ""))


def kubelet_minor(node: Data) -> int | None:
    """The minor of its kubelet; None when it says none."""
    found = _MINOR.match(kubelet_version(node))
    return int(found[1]) if found else None


def internal(node: Data) -> list[str]:
    """Its InternalIPs, as they are written."""
    found = node.get("status", {}).get("addresses", [])
    return [each["address"] for each in found if each.get("type") == "InternalIP" and "address" in each]


def within(addresses: Iterable[str], ranges: Iterable[str]) -> bool:
    """Whether one of the addresses lies in one of the ranges."""
    networks = [ipaddress.ip_network(str(each)) for each in ranges]
    for text in addresses:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if any(address in network for network in networks):
            return True
    return False


def several(kind: str, names: Sequence[str], one: str = "", many: str = "") -> str:
    """``1 Node has``, ``2 Nodes have``; without a verb ``1 Node``."""
    plural = len(names) > 1
    return f"{len(names)} {kind}{'s' if plural else ''} {many if plural else one}".rstrip()


def listed(names: Sequence[str], most: int = _SHOWN) -> str:
    """The first of the names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
