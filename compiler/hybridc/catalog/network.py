"""Addresses that are taken already, and limits of networks (``network.toml``)."""

from __future__ import annotations

from hybridc.catalog import load

_FACTS = load("network")

RESERVED: str = _FACTS["reserved"]["range"]
"""The range that Alibaba Cloud keeps for itself in every VPC."""

SPECIAL: dict[str, str] = _FACTS["special"]["ranges"]
"""Ranges that never leave a host, and what they are."""

UNSPECIFIED: tuple[str, ...] = tuple(_FACTS["special"]["unspecified"])
"""Ranges that are no host's at all."""

DOCKER_BRIDGE: str = _FACTS["docker"]["bridge"]
LOCAL_DNS: str = _FACTS["node_local_dns"]["address"]
"""The address that NodeLocal DNSCache has unless somebody chose another one."""
LOCAL_DNS_DAEMON_SETS: tuple[str, ...] = tuple(_FACTS["node_local_dns"]["daemon_sets"])
"""What its DaemonSet is called in kube-system."""

VSWITCH_RESERVED: int = _FACTS["vswitch"]["reserved"]
SMALLEST_POD_VSWITCH: int = _FACTS["vswitch"]["smallest"]
RECOMMENDED_POD_VSWITCH: int = _FACTS["vswitch"]["recommended"]
CUSTOM_ROUTES: int = _FACTS["route_table"]["custom_routes"]
NO_WAY_TO_THE_IDC: tuple[str, ...] = tuple(_FACTS["next_hops"]["elsewhere"])
"""Next hops of a route that never lead to an IDC."""

LEARNED_ROUTES: int = _FACTS["vbr"]["learned"]
RESERVED_ASNS: dict[int, str] = {entry["number"]: entry["who"] for entry in _FACTS["reserved_asn"]}
PUBLIC_REGISTRIES: tuple[str, ...] = tuple(_FACTS["registries"]["public"])
DOCKER_HUB: str = _FACTS["registries"]["docker_hub"]
"""The host that serves docker.io."""

FROZEN_REGISTRY: str = _FACTS["registries"]["frozen"]
FROZEN_SINCE: str = _FACTS["registries"]["frozen_since"]

CLOCK: int = _FACTS["clock"]["backdated"]
"""Seconds that a node's clock may be behind: a kubelet's certificate is valid from so long ago."""
