"""Names on the ACK side: labels, tags, objects (``ack.toml``)."""

from __future__ import annotations

from hybridc.catalog import facts, load

_FACTS = load("ack")

EXTERNAL_LABEL: tuple[str, str] = (_FACTS["external_label"]["key"], _FACTS["external_label"]["value"])
"""The label of every cloud node: exclusion, Terway's selector, node script and pools all use this one value."""

VIRTUAL_NODE_LABEL: tuple[str, str] = (_FACTS["virtual_node_label"]["key"], _FACTS["virtual_node_label"]["value"])
POOL_LABEL: str = _FACTS["pool_label"]["key"]
"""The label with the id of the pool that made a node."""

CLUSTER_TAG: str = _FACTS["cluster_tag"]["key"]
RESERVED_NODE_LABELS: tuple[str, ...] = tuple(_FACTS["reserved_node_labels"]["names"])
TERWAY_ADDON: str = _FACTS["terway_addon"]["name"]
TERWAY_DAEMON_SET: str = _FACTS["terway_addon"]["daemon_set"]
CREDENTIALS_SECRET: str = _FACTS["credentials_secret"]["name"]
AGENT: str = _FACTS["agent"]["deployment"]
AGENT_INTERNAL: str = _FACTS["agent"]["internal"]
"""The variable of the agent's container that is ``true`` when it was imported for a private connection."""

AGENT_CONFIG: str = _FACTS["agent_config"]["name"]
AGENT_CONFIG_KEY: str = _FACTS["agent_config"]["key"]
SCRIPT_URL_LIMIT: int = _FACTS["agent_config"]["max_characters"]
ENI_CONFIG: str = _FACTS["eni_config"]["name"]
NAMESPACE: str = _FACTS["eni_config"]["namespace"]

NODE_QUOTA: int = _FACTS["node_pools"]["nodes"]
NODE_CONTROLLER: str = _FACTS["node_pools"]["controller"]
AUTOSCALERS: tuple[str, ...] = tuple(_FACTS["node_pools"]["autoscalers"])
"""Add-ons that scale node pools."""
POOL_FIELDS: dict[str, str] = _FACTS["pool_request"]["fields"]
"""Keys of the request for a node pool (``section.key``), and the field of a pool that is in each."""
SYSTEM_KEYS: tuple[str, ...] = tuple(_FACTS["system_keys"]["prefixes"])
"""What the keys of tags and labels begin with that ACK sets on a pool."""
REFUSED_PODS: int = _FACTS["pods_of_a_node"]["refused"]
HOST_NETWORK_PODS: int = _FACTS["pods_of_a_node"]["host_network"]
GPU_FAMILIES: tuple[str, ...] = tuple(_FACTS["gpu_families"]["prefixes"])
OWN_PODS: int = _FACTS["pods_of_a_node"]["always"]
"""Pods that every cloud node has in its own network, so that they take none of the addresses."""
LEGACY_IMAGES: dict[str, str] = facts(_FACTS["legacy_images"])
"""Systems behind image types that hybridc writes no script for."""

CLOSED_IMAGES: dict[str, str] = facts(_FACTS["closed_images"])
"""Image types whose nodes cannot join, and why."""

IMAGE_TYPES: tuple[str, ...] = tuple(_FACTS["image_types"]["names"])
"""Every image type that the request for a node pool may name."""

PRESIGNED: tuple[str, ...] = tuple(_FACTS["oss"]["presigned"])
"""Query parameters of a URL that carries a signature."""

SCRIPT_INPUTS: str = _FACTS["script_inputs"]["prefix"]
"""What the names of variables begin with that ACK gives to the node script."""

SCRIPT_FLAGS: tuple[str, ...] = tuple(_FACTS["script_flags"]["names"])
"""kubelet flags that the node script sets itself."""


def joins_without_script(minor: int) -> bool:
    """Whether node pools of a registered cluster join a stock kubeadm cluster of this minor by themselves."""
    facts = _FACTS["stock_kubeadm"]
    return minor in facts["minors"] or (facts["and_later"] and minor > max(facts["minors"]))


TERWAY_SELECTOR: dict[str, str] = dict(_FACTS["terway_addon"]["node_selector"])
"""The node selector of the managed add-on's DaemonSet."""
