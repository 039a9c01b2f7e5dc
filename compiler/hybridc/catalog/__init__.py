"""Facts about the systems that hybridc compiles for: data in TOML files, each entry with its source.

A new Kubernetes or Terway release is an edit of these files. Typed look-ups live in the modules beside them,
one for each file.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from typing import Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))


@cache
def load(name: str) -> dict[str, Any]:
    """The parsed ``<name>.toml`` of this folder."""
    with open(os.path.join(_FOLDER, f"{name}.toml"), "rb") as file:
        return tomllib.load(file)
