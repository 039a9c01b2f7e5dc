"""YAML as nodes that know how a person wrote them (quotes, blocks, flow), and back to text in one layout.

Text is parsed by the parser that the reader uses (libyaml), so that what the reader takes can be rewritten. It is
written by ruamel.yaml, with two blanks for a mapping and a list indented below its key. Nodes carry no comments:
ruamel.yaml ties a comment to what stands before it, where it is lost or moves when keys change places
(:mod:`hybridc.rewrite.notes` keeps them).
"""

from __future__ import annotations

import io
import re
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.resolver import VersionedResolver

_RESOLVER = VersionedResolver(version="1.2")
_STRING = "tag:yaml.org,2002:str"
_PLAIN = re.compile(r"(?:[A-Za-z][A-Za-z0-9_.\-/]*|[0-9]+\.[0-9]+\.[0-9]+(?:\.[0-9]+/[0-9]+)?)\Z")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "t", "f"])


def parse(text: str) -> Node:
    """The document of a text that the reader takes without findings."""
    return _node(yaml.compose(text, Loader=yaml.CSafeLoader))


def write(root: Node) -> str:
    """The text, with LF as line end. A flow collection stands in one line, however long."""
    writer = YAML(typ="rt")
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.width = 10**9
    writer.brace_single_entry_mapping_in_flow_sequence = True
    stream = io.StringIO()
    writer.serialize(root, stream)
    return stream.getvalue().removesuffix("...\n")


def _node(read: Any) -> Node:
    if isinstance(read, yaml.MappingNode):
        pairs = [(_node(key), _node(value)) for key, value in read.value]
        return MappingNode(read.tag, pairs, flow_style=read.flow_style)
    if isinstance(read, yaml.SequenceNode):
        return SequenceNode(read.tag, [_node(item) for item in read.value], flow_style=read.flow_style)
    return scalar(read.value, read.style)


def scalar(text: str, style: str | None = None) -> ScalarNode:
    """A scalar as it is written: plain (None, whatever value that means), ``"``, ``'`` or ``|``."""
    if style in ("|", ">"):
        # A folded text would be folded anew; blanks in front, and several line ends behind, hang on their neighbours.
        style = '"' if text[:1].isspace() or text.endswith("\n\n") or not text.strip() else "|"
    elif "\n" in text or (style == "'" and not re.search(r'["\\]|[^\x20-\x7e]', text)):
        style = '"'
    tag = _RESOLVER.resolve(ScalarNode, text, (True, False)) if not style else _STRING
    return ScalarNode(tag, text, style=style)


def from_data(value: Any, *, flow: bool = False) -> Node:
    """Plain data as nodes: strings plain where every reader of YAML takes them for strings; ``flow``: on one line."""
    if isinstance(value, dict):
        pairs = [(from_data(str(key)), from_data(below, flow=flow)) for key, below in value.items()]
        return MappingNode("tag:yaml.org,2002:map", pairs, flow_style=flow or not pairs)
    if isinstance(value, (list, tuple)):
        items = [from_data(item, flow=flow or _is_short(item)) for item in value]
        return SequenceNode("tag:yaml.org,2002:seq", items, flow_style=flow or not value)
    if isinstance(value, str):
        return scalar(value, _style(value, flow=flow))
    return scalar("null" if value is None else str(value).lower())


def _is_short(item: Any) -> bool:
    """Whether an item of a list is a mapping that reads best in one line: {id: …, zone: …, cidr: …}."""
    texts = [f"{key}: {value}" for key, value in item.items()] if isinstance(item, dict) else []
    flat = all(not isinstance(value, (dict, list)) for value in item.values()) if texts else False
    return flat and "\n" not in str(texts) and sum(map(len, texts)) < 96


def _style(text: str, *, flow: bool) -> str | None:
    if "\n" in text and not flow:
        return "|"
    return None if _PLAIN.match(text) and text.lower() not in _WORDS else '"'
