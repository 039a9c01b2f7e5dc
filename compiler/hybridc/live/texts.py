"""Texts inside ConfigMaps that are documents themselves."""

from __future__ import annotations

from typing import Any

import yaml

from hybridc.source.secrets import MASK

_DEEPEST = 64


def mapping(value: Any) -> dict[str, Any]:
    """A mapping, or one as YAML or JSON text; {} for anything else, also for one with aliases or nested too deep."""
    if isinstance(value, str):
        value = value.replace(MASK, "masked")  # the stars would be an alias of YAML
        try:
            value = yaml.load(value, Loader=yaml.CSafeLoader) if _is_plain(value) else None
        except (yaml.YAMLError, ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _is_plain(text: str) -> bool:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
        depth -= isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
        if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
            return False
    return True
