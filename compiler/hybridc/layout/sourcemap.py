"""sourcemap.json: where the values of the output come from.

For every data file: the JSON pointer of a value (``#`` leads into JSON that a string holds) → its origins, joined by
``, ``. An origin is ``spec <pointer> <line>`` (written there in hybrid.yaml) or ``default <pointer>``. A value that is
not listed is a constant of hybridc.
"""

from __future__ import annotations

import json
from typing import Any

from hybridc.lower.bundle import JsonText, YamlText
from hybridc.source.document import Document, join
from hybridc.spec.origin import Flag, Number, Origin, Text

NAME = "sourcemap.json"
VERSION = 1


def sourcemap(files: dict[str, Any], document: Document) -> str:
    """The text of the file; ``files`` are the data files by path."""
    names = _Names(document)
    parts = []
    for path, data in sorted(files.items()):
        found: list[str] = []
        _collect(data, [], found, names)
        if found:
            parts.append(f"    {json.dumps(path)}: {{\n" + ",\n".join(found) + "\n    }")
    return f'{{\n  "version": {VERSION},\n  "files": {{\n' + ",\n".join(parts) + "\n  }\n}\n"


def _collect(data: Any, keys: list[object], found: list[str], names: _Names) -> None:
    """Add a line for every value below ``keys`` that has an origin."""
    if isinstance(data, dict):
        for key, value in data.items():
            keys.append(key)
            _collect(value, keys, found, names)
            keys.pop()
    elif isinstance(data, (list, tuple)):
        for index, item in enumerate(data):
            keys.append(index)
            _collect(item, keys, found, names)
            keys.pop()
    elif isinstance(data, (JsonText, YamlText)):
        keys[-1] = f"{keys[-1]}#"
        _collect(data.data, keys, found, names)
    elif isinstance(data, (Text, Number, Flag)):
        pointer = "".join(join("", key) for key in keys)
        found.append(f"      {json.dumps(pointer, ensure_ascii=False)}: {names.of(data.origins)}")


class _Names:
    """How origins are written; the same ones come again and again."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[tuple[Origin, ...], str] = {}

    def of(self, origins: tuple[Origin, ...]) -> str:
        """Origins as a JSON string."""
        if origins not in self._known:
            self._known[origins] = json.dumps(", ".join(dict.fromkeys(self._one(origin) for origin in origins)))
        return self._known[origins]

    def _one(self, origin: Origin) -> str:
        line = f" {self._document.place(origin.pointer).line}" if origin.kind == "spec" else ""
        return f"{origin.kind} {origin.pointer}{line}"
