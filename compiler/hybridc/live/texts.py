"""Texts inside ConfigMaps that are documents themselves."""

from __future__ import annotations

from typing import Any

import yaml


def mapping(value: Any) -> dict[str, Any]:
    """A mapping, or one as YAML or JSON text; {} for anything else."""
    if isinstance(value, str):
        try:
            value = yaml.load(value, Loader=yaml.CSafeLoader)
        except (yaml.YAMLError, ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}
