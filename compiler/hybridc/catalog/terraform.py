"""What Terraform's provider for Alibaba Cloud takes (``terraform.toml``)."""

from __future__ import annotations

from hybridc.catalog import load

_FACTS = load("terraform")

PROVIDER: str = _FACTS["provider"]["address"]
VERSION: str = _FACTS["provider"]["version"]
"""A constraint on the provider's version: from the one that was read on."""
TERRAFORM: str = _FACTS["provider"]["terraform"]
NODE_POOL: str = _FACTS["registered_cluster"]["node_pool"]
ADDON: str = _FACTS["registered_cluster"]["addon"]
ARGUMENTS: dict[str, str] = _FACTS["node_pool"]["arguments"]
"""Arguments of a node pool (``argument`` or ``block.argument``), by the path of the request's key."""
IMAGE_TYPES: tuple[str, ...] = tuple(_FACTS["accepted"]["image_types"])
MOST_MIN_SIZE: int = _FACTS["accepted"]["min_size"]
MOST_DATA_DISK: int = _FACTS["accepted"]["data_disk"]
