"""What a node script is made of: the parts of the templates that are in it, and the values that fill them."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import BaseLoader, Environment, FileSystemLoader, Template, nodes

from hybridc import resources
from hybridc.lower import node_script, templates
from hybridc.lower.node_packages import FamilyText
from hybridc.spec import model

FOLDER = Path(resources.TEMPLATES) / "node"


class Part(NamedTuple):
    """Text between two tags of a template, or a string that an expression chooses with ``if``."""

    template: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.strip().splitlines()


class Marked(BaseLoader):
    """Templates that print a number before each of their parts."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._files = FileSystemLoader(resources.TEMPLATES)

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - jinja's name for it
    ) -> Template:
        tree = environment.parse(self._files.get_source(environment, name)[0], name)
        for output in tree.find_all(nodes.Output):
            output.nodes = [piece for node in output.nodes for piece in self._pieces(name, node)]
        tree.set_environment(environment)
        return Template.from_code(environment, environment.compile(tree, name), globals or {})

    def _pieces(self, name: str, node: nodes.Expr) -> Iterator[nodes.Expr]:
        if isinstance(node, nodes.CondExpr):
            node.expr1 = self._chosen(name, node.expr1)
            node.expr2 = node.expr2 and self._chosen(name, node.expr2)
        elif isinstance(node, nodes.TemplateData) and node.data.strip():
            yield nodes.TemplateData(self._mark(name, node.data), lineno=node.lineno)
        yield node

    def _chosen(self, name: str, node: nodes.Expr) -> nodes.Expr:
        (text,) = {each.value for each in [node, *node.find_all(nodes.Const)] if isinstance(each, nodes.Const)}
        return nodes.Concat([nodes.Const(self._mark(name, text or "nothing")), node], lineno=node.lineno)

    def _mark(self, name: str, text: str) -> str:
        self.parts.append(Part(name.removeprefix("node/"), text))
        return f"\x01{len(self.parts) - 1}\x02"


@cache
def _marked() -> tuple[list[Part], Environment]:
    loader = Marked()
    environment = templates.environment().overlay(loader=loader)
    for path in sorted(FOLDER.iterdir()):
        environment.get_template(f"node/{path.name}")
    return loader.parts, environment


def known() -> list[Part]:
    """Every part of every template of the node script, by its number."""
    return _marked()[0]


def seen(spec: model.Spec) -> set[int]:
    """The numbers of the parts that a script has."""
    script = node_script.node_script_values(spec)
    values = {field.name: getattr(script, field.name) for field in fields(script)}
    text = _marked()[1].get_template(node_script.TEMPLATE).render(**values)
    return {int(number) for number in re.findall("\x01(\\d+)\x02", text)}


def values(spec: model.Spec) -> dict[str, str]:
    """The values of a script by the path of their field."""
    return dict(_flat("", node_script.node_script_values(spec)))


def _flat(path: str, value: object) -> Iterator[tuple[str, str]]:
    if is_dataclass(value):
        for field in fields(value):
            yield from _flat(f"{path}.{field.name}".lstrip("."), getattr(value, field.name))
    elif isinstance(value, tuple) and value and all(isinstance(item, FamilyText) for item in value):
        for item in value:
            yield from _flat(f"{path}.{item.id}", item)
    else:
        items = value if isinstance(value, tuple) else (value,)
        yield path, "\n".join(" ".join(map(str, _words(item))) for item in items)


def _words(item: object) -> Iterator[object]:
    if is_dataclass(item):
        yield from (getattr(item, field.name) for field in fields(item))
    elif isinstance(item, tuple):
        yield from item
    else:
        yield item
