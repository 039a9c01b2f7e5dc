"""JSON schemas for kubeconform from the projects' own CustomResourceDefinitions.

Strict, as ``kubeconform -strict`` wants them: an object takes no field that the definition does not name, unless it
says ``x-kubernetes-preserve-unknown-fields``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

LOCATION = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"


def convert(sources: list[Path], folder: Path) -> str:
    """Write a schema for every version of every definition; the value for ``-schema-location``."""
    for source in sources:
        for crd in _definitions(source):
            group, kind = crd["spec"]["group"], crd["spec"]["names"]["kind"].lower()
            for version in crd["spec"]["versions"]:
                target = folder / group / f"{kind}_{version['name']}.json"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(json.dumps(_strict(version["schema"]["openAPIV3Schema"])))
    return f"{folder}/{LOCATION}"


def _definitions(source: Path) -> Iterator[dict[str, Any]]:
    for item in yaml.load_all(source.read_text(), Loader=yaml.CSafeLoader):
        if item and item["kind"] == "CustomResourceDefinition":
            yield item


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    # Texts only: a property may be called "description" too.
    found = {key: _strict(value) for key, value in node.items() if key != "description" or not isinstance(value, str)}
    if found.get("x-kubernetes-int-or-string"):
        found.pop("type", None)
        found["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    closed = "properties" in found and "additionalProperties" not in found
    if closed and not found.get("x-kubernetes-preserve-unknown-fields"):
        found["additionalProperties"] = False
    # Every object has these, and the definition need not say what is in them.
    if isinstance(found.get("properties"), dict) and found["properties"].get("metadata") == {"type": "object"}:
        found["properties"] |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
    return found
