"""What a person or another tool takes: values and patches for what is not synced from here."""

from __future__ import annotations

from typing import Any

from hybridc.lower.bundle import Bundle
from hybridc.lower.names import patch_file


def by_hand(bundle: Bundle) -> dict[str, Any]:
    """YAML documents by path, as data."""
    files = {
        "terway/values.yaml": bundle.terway_values,
        "terway/kustomization.yaml": bundle.terway_chart,
        "cni/values.yaml": bundle.cni_values,
        **{patch_file(item["kind"], item["metadata"]["name"]): item for item in bundle.cni_patches},
    }
    return {path: data for path, data in files.items() if data is not None}
