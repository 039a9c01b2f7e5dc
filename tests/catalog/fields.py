"""Fields of the schema, by their path below ``spec``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def schema_field(*path: str) -> dict[str, Any]:
    """The schema of a field; ``[]`` in the path steps into the items of a list."""
    node: dict[str, Any] = json.loads((ROOT / "schemas" / "hybrid.schema.json").read_text("utf-8"))
    for name in ("spec", *path):
        node = node["items"] if name == "[]" else node["properties"][name]
    return node
