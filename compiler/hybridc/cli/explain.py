"""``hybridc explain``: what a field of hybrid.yaml or a rule means."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator

from hybridc import exits
from hybridc.cli.say import lines, note
from hybridc.schema import load
from hybridc.words import TYPES, nearest

_LONGEST_EXAMPLE = 160
_CODE = re.compile(r"[A-Z]{2,5}[0-9]{1,4}\Z")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("what", metavar="PATH|CODE", nargs="?", default="", help="spec.terway.poolSize, or NET004")


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return explain(arguments.what)


def explain(what: str = "") -> int:
    """Print what a path (``spec.terway.poolSize``; "": the file) or a code means; exit code 2 when there is no such."""
    if _CODE.match(what.upper()):
        return _rule(what.upper())
    parts = [part for part in re.split(r"[./\[\]]+", what) if part]
    node: load.Node | None = load.schema()
    for index, part in enumerate(parts):
        below = load.child(node or {}, part)
        if below is None and "items" in (node or {}):
            node = load.follow((node or {})["items"])
            below = load.child(node, part)
        if below is None:
            return _unknown(parts, index, node or {})
        parent = node or {}
        required = {"x-default": "none, it is required"} if part in parent.get("required", ()) else {}
        node = {"description": parent.get("description", ""), **required, **below}
    for line in _field(parts, node or {}):
        lines(line)
    return exits.FINE


def _unknown(parts: list[str], index: int, node: load.Node) -> int:
    known = list(node.get("properties", {}))
    where = ".".join(parts[:index]) or "hybrid.yaml"
    note(f'hybridc: {where} has no field "{parts[index]}"')
    meant, homes = nearest(parts[index], known), load.homes(parts[index])
    if homes and index == 0:
        note(f"  help: did you mean {' or '.join(f'{home}.{parts[0]}' for home in homes[:3])}?")
    elif meant:
        note(f"  help: did you mean {'.'.join([*parts[:index], meant])}?")
    elif known:
        note(f"  help: fields there: {', '.join(known)}")
    return exits.WRONG_INPUT


def _rule(code: str) -> int:
    from hybridc.codes import RETIRED
    from hybridc.report import book

    pages = book.pages()
    if code in pages:
        page = pages[code]
        lines(f"{code} ({page.code.severity}, since {page.code.since})\n\n{book.plain(page)}")
        lines(f"\nChecked {book.checked(page.code)}.")
    elif code in RETIRED:
        lines(f"{code} (retired)\n\n{RETIRED[code]}")
    else:
        note(f"hybridc: there is no rule {code}")
        meant = nearest(code, pages)
        note(f"  help: did you mean {meant}?" if meant else "  help: every finding names its rule")
        return exits.WRONG_INPUT
    return exits.FINE


def _field(parts: list[str], node: load.Node) -> Iterator[str]:
    yield ".".join(parts) or "hybrid.yaml"
    yield f"  {node.get('description', 'No description.')}"
    yield ""
    yield f"  type:     {_type(node)}"
    for label, key in (("unit", "x-unit"), ("expected", "x-expected")):
        if key in node:
            yield f"  {label + ':':9} {node[key]}"
    yield f"  default:  {_default(node)}"
    if "enum" in node:
        yield f"  values:   {', '.join(str(value) for value in node['enum'])}"
    if "minimum" in node:
        yield f"  range:    {node['minimum']} " + (f"to {node['maximum']}" if "maximum" in node else "or more")
    for example in node.get("examples", [])[:2]:
        shown = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
        if len(shown) <= _LONGEST_EXAMPLE:
            yield f"  example:  {shown}"
    if "x-effect" in node:
        yield f"  output:   {node['x-effect']}"
    yield from _members(node)


def _members(node: load.Node) -> Iterator[str]:
    inner = load.follow(node["items"]) if isinstance(node.get("items"), dict) else node
    properties = inner.get("properties")
    if properties:
        required = inner.get("required", [])
        yield ""
        yield "  fields of each item:" if inner is not node else "  fields:"
        for name, member in properties.items():
            member = load.follow(member)
            summary = str(member.get("description", "")).partition(". ")[0].rstrip(".")
            if "default" in member or "x-default" in member:
                summary += f" (default: {_default(member)})"
            yield f"    {name + ('*' if name in required else ''):28} {summary}"
        yield "    (* required)" if required else ""


def _type(node: load.Node) -> str:
    kind = TYPES.get(str(node.get("type")), "a string" if "enum" in node else "any value")
    if isinstance(node.get("items"), dict):
        return f"a list, each {_type(load.follow(node['items']))}"
    return kind


def _default(node: load.Node) -> str:
    if "default" in node:
        value = node["default"]
        return value if isinstance(value, str) else json.dumps(value)
    members = [load.follow(member) for member in node.get("properties", {}).values()]
    filled = any("default" in member or "x-default" in member for member in members)
    if filled and not {"required", "x-default"} & set(node):
        return "those of its fields"
    return str(node.get("x-default", "not set"))
