"""sourcemap.json: where the values of the output come from.

For every data file: the JSON pointer of a value (``#`` leads into JSON that a string holds) → the list of its origins.
An origin is ``spec <pointer>`` (written there in hybrid.yaml) or ``default <pointer>``.
A value that is not listed is a constant of hybridc.
"""

from __future__ import annotations

from json.encoder import encode_basestring as quoted  # the C function behind ensure_ascii=False
from typing import Any

from hybridc.lower.bundle import JsonText, YamlText
from hybridc.source.document import join
from hybridc.spec.origin import CONSTANTS, Flag, Number, Origin, Text

NAME = "sourcemap.json"
VERSION = 2


def sourcemap(files: dict[str, Any]) -> str:
    """The text of the file; ``files`` are the data files by path."""
    names = _Names()
    parts = []
    for path, data in sorted(files.items()):
        found: list[str] = []
        _collect(data, "", found, names)
        if found:
            parts.append(f"    {quoted(path)}: {{\n" + ",\n".join(found) + "\n    }")
    return f'{{\n  "version": {VERSION},\n  "files": {{\n' + ",\n".join(parts) + "\n  }\n}\n"


def _collect(data: Any, pointer: str, found: list[str], names: _Names) -> None:
    """Add a line for every value at and below ``pointer`` that has an origin."""
    if isinstance(data, dict):
        for key, value in data.items():
            if type(value) not in CONSTANTS:
                _collect(value, join(pointer, key), found, names)
    elif isinstance(data, (list, tuple)):
        for index, item in enumerate(data):
            if type(item) not in CONSTANTS:
                _collect(item, f"{pointer}/{index}", found, names)
    elif isinstance(data, (JsonText, YamlText)):
        _collect(data.data, f"{pointer}#", found, names)
    elif isinstance(data, (Text, Number, Flag)):
        found.append(f"      {quoted(pointer)}: {names.of(data.origins)}")


class _Names:
    """How origins are written; the same ones come again and again."""

    def __init__(self) -> None:
        self._known: dict[tuple[Origin, ...], str] = {}

    def of(self, origins: tuple[Origin, ...]) -> str:
        """Origins as a JSON list of strings."""
        if origins not in self._known:
            names = dict.fromkeys(f"{origin.kind} {origin.pointer}" for origin in origins)
            self._known[origins] = f"[{', '.join(map(quoted, names))}]"
        return self._known[origins]
