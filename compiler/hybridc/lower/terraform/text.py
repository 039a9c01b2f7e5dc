"""Values in Terraform's JSON, where every string, and every key of a map, is a template.

``${`` and ``%{`` begin one; ``$${`` and ``%%{`` are these characters themselves (Terraform, JSON Configuration Syntax:
Expression Mapping). So what a spec says is escaped, and only a :class:`Template` is evaluated.
"""

from __future__ import annotations

import re
from typing import Any

from hybridc.spec.origin import CONSTANTS, Text, origins, trace

_OPENS = re.compile(r"([$%])(?=\{)")
_NOT_IN_QUOTES = re.compile(r'["\\\x00-\x1f]')


class Template(str):
    """Text that Terraform evaluates."""

    __slots__ = ()


def literal(data: Any) -> Any:
    """The same data for a ``.tf.json``: templates as they are, every other string escaped, with its origins."""
    if isinstance(data, Template):
        return str(data)
    if isinstance(data, str):
        escaped = _OPENS.sub(r"\1\1", data)
        return trace(escaped, *origins(data)) if isinstance(data, Text) else escaped
    if type(data) in CONSTANTS:
        return data
    if isinstance(data, dict):
        return {literal(key): literal(value) for key, value in data.items()}
    return [literal(item) for item in data] if isinstance(data, (list, tuple)) else data


def quoted(value: object) -> str:
    """A string inside of an expression. HCL has other escapes than JSON; four hexadecimal digits are in both."""
    text = _NOT_IN_QUOTES.sub(lambda match: f"\\u{ord(match[0]):04x}", str(value))
    return '"' + _OPENS.sub(r"\1\1", text) + '"'


def expression(text: str) -> Template:
    """A value that Terraform works out."""
    return Template(f"${{{text}}}")


def beside(path: str) -> Template:
    """The path of a file, from the configuration's own folder."""
    return Template(f"${{path.module}}/{path}")


def file(path: str) -> Template:
    """The text of such a file."""
    return expression(f'file("{beside(path)}")')
