"""Files that ship with hybridc: the JSON Schema and the text templates.

In a wheel they lie inside the package (``_data/``); in a source tree they are the top-level folders.
"""

from __future__ import annotations

import os

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_BUNDLED = os.path.join(_PACKAGE, "_data")
ROOT = _BUNDLED if os.path.isdir(_BUNDLED) else os.path.dirname(os.path.dirname(_PACKAGE))
SCHEMA = os.path.join(ROOT, "schemas", "hybrid.schema.json")
TEMPLATES = os.path.join(ROOT, "chart-templates")
COMPILED = os.path.join(_BUNDLED, "templates")
"""The templates as Python modules; there in a wheel only."""


def read(path: str) -> bytes:
    """The bytes of one of these files. A missing one means a broken installation: OSError."""
    with open(path, "rb") as file:
        return file.read()
