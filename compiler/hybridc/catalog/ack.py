"""Names on the ACK side: labels, tags, objects (``ack.toml``)."""

from __future__ import annotations

from hybridc.catalog import load

_FACTS = load("ack")

EXTERNAL_LABEL: tuple[str, str] = (_FACTS["external_label"]["key"], _FACTS["external_label"]["value"])
"""The label of every cloud node: exclusion, Terway's selector, node script and pools all use this one value."""

VIRTUAL_NODE_LABEL: tuple[str, str] = (_FACTS["virtual_node_label"]["key"], _FACTS["virtual_node_label"]["value"])
CLUSTER_TAG: str = _FACTS["cluster_tag"]["key"]
RESERVED_NODE_LABELS: tuple[str, ...] = tuple(_FACTS["reserved_node_labels"]["names"])
TERWAY_ADDON: str = _FACTS["terway_addon"]["name"]
TERWAY_DAEMON_SET: str = _FACTS["terway_addon"]["daemon_set"]
CREDENTIALS_SECRET: str = _FACTS["credentials_secret"]["name"]
AGENT_CONFIG: str = _FACTS["agent_config"]["name"]
AGENT_CONFIG_KEY: str = _FACTS["agent_config"]["key"]
SCRIPT_URL_LIMIT: int = _FACTS["agent_config"]["max_characters"]
ENI_CONFIG: str = _FACTS["eni_config"]["name"]
NAMESPACE: str = _FACTS["eni_config"]["namespace"]
