"""Texts inside ConfigMaps that are documents themselves: kubeconfigs, settings, lists of networks."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from hybridc import cidr
from hybridc.source.secrets import MASK

_DEEPEST = 64
_ACCESS_KEY = re.compile(r"""(access_?(?:key|secret)\w{0,32})["']?\s*:\s*(?:"[^"]|'[^']|\*)""", re.IGNORECASE)


def mapping(value: Any) -> dict[str, Any]:
    """A mapping, or one as YAML or JSON text; {} for anything else, also for one with aliases or nested too deep."""
    if isinstance(value, str):
        value = _loaded(value.replace(MASK, "masked"))  # the stars would be an alias of YAML
    return value if isinstance(value, dict) else {}


def _loaded(text: str) -> Any:
    import yaml  # not before a text is there: whoever only explains a rule reads none

    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
            depth -= isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
            if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
                return None
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def access_key_fields(conf: str) -> list[str]:
    """The fields of an ``eni_conf`` that hold a part of an AccessKey, also where the text is no JSON.

    Terway reads access_key and access_secret in any case of their letters (Go's encoding/json); whoever reads the
    ConfigMap has what stands under any other name.
    """
    return list(dict.fromkeys(_ACCESS_KEY.findall(conf)))


def text(found: dict[str, Any], key: str) -> str:
    """The text under a key; "" for anything else."""
    value = found.get(key)
    return value if isinstance(value, str) else ""


def clusters(kubeconfig: str | None) -> Iterator[dict[str, Any]]:
    """The clusters of a kubeconfig: ``server``, ``certificate-authority-data``."""
    entries = mapping(kubeconfig).get("clusters")
    for entry in entries if isinstance(entries, list) else ():
        yield mapping(mapping(entry).get("cluster"))


def decoded(value: Any) -> str:
    """Base64 of ASCII as text; "" for what is none."""
    try:
        return base64.b64decode(value, validate=True).decode("ascii") if isinstance(value, str) else ""
    except (binascii.Error, ValueError):
        return ""


def networks(value: Any) -> list[str]:
    """``a,b`` or a list as canonical networks; none when one of them is no network."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    found = [cidr.canonical(part.strip()) if isinstance(part, str) else None for part in parts]
    return [each for each in found if each] if all(found) else []
