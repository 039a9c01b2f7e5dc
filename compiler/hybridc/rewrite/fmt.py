"""hybrid.yaml in its canonical form: keys in the order of the schema, one indentation, comments where they belong."""

from __future__ import annotations

import json
from typing import Any

from hybridc.diagnostic import Diagnostic
from hybridc.rewrite.tree import Tree, rank
from hybridc.schema.load import Node as Schema
from hybridc.schema.load import child, schema
from hybridc.source.document import Document
from hybridc.source.reader import read


def formatted(path: str, raw: bytes) -> tuple[str, list[Diagnostic]]:
    """The text in canonical form; or why the file cannot be read, and no text.

    The result holds the same data and the same comments (RuntimeError when it would not: a bug), and stays as it is
    when it is formatted again. CR LF as the line end is kept. JSON stays JSON.
    """
    document, found = read(path, raw)
    return ("", found) if found else (text_of(document, Tree(document)), [])


def text_of(document: Document, tree: Tree) -> str:
    """A tree as text, in the form of the document that it was made from: JSON or YAML, and its line ends."""
    text = json_text(tree.data) if is_json(document.text) else tree.text()
    return text.replace("\n", "\r\n") if "\r\n" in document.text else text


def is_json(text: str) -> bool:
    """Whether a text is JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def json_text(data: Any) -> str:
    """JSON with its keys in order."""
    return json.dumps(_ordered(data, schema()), indent=2, ensure_ascii=False) + "\n"


def _ordered(data: Any, node: Schema | None) -> Any:
    if isinstance(data, list):
        return [_ordered(item, child(node, "0") if node else None) for item in data]
    if isinstance(data, dict):
        return {key: _ordered(data[key], child(node, key) if node else None) for key in sorted(data, key=rank(node))}
    return data
