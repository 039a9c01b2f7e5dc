"""The file of a live eni-config: a ConfigMap as kubectl prints it, or eni_conf alone; and where its JSON stands."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from hybridc.diagnostic import Diagnostic, Place
from hybridc.eni_config.json_reader import Extent, Json
from hybridc.source.document import Document, join
from hybridc.source.reader import read

_BARE = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|(?:#|//)[^\n]*\n)*\{")
_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


class Part:
    """One JSON text of the file: ``eni_conf``, ``10-terway.conf`` or ``10-terway.conflist``."""

    def __init__(self, document: Document, pointer: str, text: str, offsets: list[int]) -> None:
        self.pointer = pointer
        self.json = Json(text)
        self._offsets = [*offsets, offsets[-1] + 1 if offsets else 0]
        self._starts = [0]
        for line in document.lines():
            self._starts.append(self._starts[-1] + len(line) + 1)

    def place(self, extent: Extent) -> Place:
        """Where a stretch of the JSON stands in the file."""
        last = len(self._offsets) - 1
        first, end = self._offsets[min(extent[0], last)], self._offsets[min(max(extent[1] - 1, extent[0]), last)]
        return Place(*self._position(first), *self._position(end + 1))

    def _position(self, offset: int) -> tuple[int, int]:
        from bisect import bisect_right

        line = max(1, bisect_right(self._starts, offset))
        return line, offset - self._starts[line - 1] + 1

    def of(self, pointer: str, *, key: bool = False) -> Place:
        """The place of a value, or of its key; of what holds it when it is not there."""
        while pointer and pointer not in self.json.values and pointer not in self.json.keys:
            pointer = pointer.rpartition("/")[0]
        extents = self.json.keys if key and pointer in self.json.keys else self.json.values
        return self.place(extents.get(pointer, (0, 1)))


class EniFile(NamedTuple):
    """``parts`` by data key; ``data`` is the ConfigMap's (None for bare JSON). ``name`` is the ConfigMap's."""

    document: Document
    name: str | None
    data: dict[str, Any] | None
    parts: dict[str, Part]


def read_eni_file(path: str, raw: bytes) -> tuple[EniFile | None, list[Diagnostic]]:
    """The file as parts, or None and what is wrong with it as a file."""
    document, found = read(path, raw)
    content = document.data if isinstance(document.data, dict) else {}
    if content.get("kind") == "ConfigMap" or isinstance(content.get("data"), dict):
        return _config_map(document, content), found
    if document.text and _BARE.match(raw):
        text = "\n".join(Document(path, raw.decode("utf-8", "replace")).lines())
        bare = Document(path, text)
        return EniFile(bare, None, None, {"eni_conf": Part(bare, "", text, list(range(len(text))))}), []
    return None, found


def _config_map(document: Document, content: dict[str, Any]) -> EniFile:
    data = content.get("data")
    data = data if isinstance(data, dict) else {}
    metadata = content.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    parts = {
        key: Part(document, join("/data", key), value, _offsets(document, join("/data", key), value))
        for key, value in data.items()
        if key in ("eni_conf", "10-terway.conf", "10-terway.conflist") and isinstance(value, str)
    }
    return EniFile(document, name if isinstance(name, str) else None, data, parts)


def _offsets(document: Document, pointer: str, value: str) -> list[int]:
    """For each character of a YAML string, where it stands in the file."""
    lines = document.lines()
    text, place = "\n".join(lines), document.values[pointer]
    at = sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1
    style = text[at : at + 1]
    if style in ("|", ">"):
        at = text.find("\n", at) + 1
    elif style in ("'", '"'):
        at += 1
    return _aligned(text, at, value, style)


def _aligned(text: str, at: int, value: str, style: str) -> list[int]:
    """Walk the source and the string side by side: indentation, folded lines and escapes are in one of them only."""
    found: list[int] = []
    for character in value:
        if not character.isspace():
            while at < len(text) and (text[at].isspace() or (style == '"' and text.startswith("\\\n", at))):
                at += 1
        escaped = style == '"' and text.startswith("\\", at)
        found.append(min(at, len(text)))
        if escaped:
            at += _ESCAPE_LENGTHS.get(text[at + 1 : at + 2], 2)
        elif style == "'" and text.startswith("''", at):
            at += 2
        elif character == "\n":
            end = text.find("\n", at)
            at = end + 1 if end >= 0 and not text[at:end].strip() else at
        elif at < len(text) and (text[at] == character or text[at].isspace()):
            at += 1
    return found
