"""What a person or another tool takes: values and patches for what is not synced from here."""

from __future__ import annotations

from typing import Any

from hybridc.lower.bundle import Bundle
from hybridc.lower.names import config_file, patch_file


def by_hand(bundle: Bundle) -> dict[str, Any]:
    """YAML documents by path, as data."""
    files = {
        "terway/values.yaml": bundle.terway_values,
        "terway/kustomization.yaml": bundle.terway_chart,
        **_cni(bundle),
        **{patch_file(item["kind"], item["metadata"]["name"]): item for item in bundle.cni_patches},
    }
    return {path: data for path, data in files.items() if data is not None}


def _cni(bundle: Bundle) -> dict[str, Any]:
    """The values of the CNI's chart, or the object that holds them."""
    if bundle.cni_config is not None:
        item = bundle.cni_config
        return {config_file(item["kind"], item["metadata"]["name"]): item}
    return {"cni/values.yaml": bundle.cni_values}
