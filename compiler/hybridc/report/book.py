"""The rule book: the documentation of every code, wherever it stands. Nothing but reports loads it.

A code that a function reports is documented by that function's docstring; the others stand in ``report/pages``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import hybridc
from hybridc.code import Code, Stage
from hybridc.codes import CODES

FAMILIES = {
    "NET": "addresses and routes",
    "ID": "identifiers",
    "ENI": "Terway's configuration",
    "CNI": "the on-prem network plugin",
    "VER": "versions",
    "NODE": "node pools and nodes",
    "RAM": "permissions",
    "INIT": "the node script",
    "OSS": "the script's place",
    "GIT": "Argo CD and Git",
    "SEC": "secrets",
    "LIVE": "the live cluster as a whole",
    "CLD": "the cloud as its API shows it",
    "PATH": "paths that no test has walked",
    "CHK": "accepted findings",
    "SPEC": "the schema",
    "YAML": "the text of the file",
    "FILE": "spec files",
    "OUT": "generated files",
}
"""What each family is about, in the order of docs/rules.md."""

_MOST_WORDS = 8
_SNIPPET = re.compile(r"^(Fails|Passes)::$")
_WHOLE_FILE = re.compile(r"(apiVersion|kind|metadata|spec):")
_ARTICLES = ("A", "An", "The", "a", "an", "the")


class Page(NamedTuple):
    """What is written about a code; ``function`` is the name of what reports it, "" when it has none of its own."""

    code: Code
    doc: str
    function: str

    @property
    def title(self) -> str:
        """The first line of the documentation."""
        return self.doc.partition("\n")[0]


@cache
def pages() -> dict[str, Page]:
    """Every code's page, in the order of :data:`hybridc.codes.CODES`."""
    from hybridc.preflight.on_node import node_rules
    from hybridc.preflight.registry import rules as live_rules
    from hybridc.proofs.prove import proofs
    from hybridc.report.pages import build, checks, eni_config, form, guard, live, node, schema, text
    from hybridc.rules.registry import rules

    functions: dict[str, Callable[..., object]] = {code: one.check for code, one in proofs().items()}
    functions |= {one.code.id: one.check for one in (*live_rules(), *node_rules(), *rules())}
    found = {code: Page(CODES[code], _doc(one), one.__name__) for code, one in functions.items()}
    for module in (build, checks, eni_config, form, guard, live, node, schema, text):
        found |= {code: Page(CODES[code], doc.strip("\n"), "") for code, doc in module.PAGES.items()}
    return {code: found[code] for code in CODES}


def _doc(function: Callable[..., object]) -> str:
    """What is written at a function; ``python -OO`` has thrown it away, and it is read from the source."""
    return inspect.cleandoc(function.__doc__ or _written(function.__module__).get(function.__name__, ""))


@cache
def _written(module: str) -> dict[str, str]:
    """The docstrings of a module's functions, by name; a module whose source is not there has none."""
    import ast
    import sys

    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except OSError:
        return {}
    return {node.name: ast.get_docstring(node) or "" for node in tree.body if isinstance(node, ast.FunctionDef)}


def page(code: str) -> Page:
    """The page of a finding's code."""
    return pages()[code]


def uri(code: Code) -> str | None:
    """The address of a code's page at this version; None while the repository has no address."""
    place = f"blob/v{hybridc.__version__}/docs/rules/{code.family.lower()}.md#{code.id.lower()}"
    return f"{hybridc.REPOSITORY}/{place}" if hybridc.REPOSITORY else None


def checked(code: Code) -> str:
    """Who reports a code: ``in the spec; over the output``."""
    return "; ".join(code.stages)


def name(entry: Page) -> str:
    """The rule's name in PascalCase: that of its function, or made from its title."""
    text = entry.function or entry.title.replace("'", "")
    words = [word for word in re.findall(r"[A-Za-z0-9]+", text) if word not in _ARTICLES]
    return "".join(word.capitalize() for word in words[:_MOST_WORDS])


def summary(entry: Page) -> str:
    """The prose before the first snippet and the source, as one paragraph."""
    return " ".join(" ".join(block.split()) for block in _prose(entry.doc))


def _prose(doc: str) -> Iterator[str]:
    for block in doc.split("\n\n"):
        if block.startswith(("Fails::", "Passes::", "Source:")):
            return
        yield block


class Snippet(NamedTuple):
    """An example of the documentation; ``kind`` is Fails or Passes."""

    kind: str
    text: str


def snippets(entry: Page) -> list[Snippet]:
    """The examples of the documentation in their order. For a code of the spec they are merge patches of ``spec:``."""
    found: list[tuple[str, list[str]]] = []
    inside = False
    for line in entry.doc.split("\n"):
        heading = _SNIPPET.match(line)
        if heading:
            found.append((heading[1], []))
        inside = bool(heading) or (inside and not line[:4].strip())
        if inside and not heading:
            found[-1][1].append(line[4:])
    return [Snippet(kind, "\n".join(lines).strip("\n") + "\n") for kind, lines in found]


def home(code: Code) -> str:
    """What the examples of a code are part of: ``spec``, ``eni-config``, ``output``, or ""."""
    stages = set(code.stages)
    if stages & {Stage.SPEC, Stage.FORM}:
        return "spec"
    if Stage.ENI_CONFIG in stages:
        return "eni-config"
    return "output" if Stage.OUTPUT in stages else ""


def plain(entry: Page) -> str:
    """The documentation for a terminal."""
    headings = _headings(entry, "spec")
    return "\n".join(next(headings) if _SNIPPET.match(line) else line for line in entry.doc.split("\n"))


def markdown(entry: Page) -> str:
    """The documentation without its title; snippets are fenced."""
    lines: list[str] = []
    fence = False
    headings = _headings(entry, "`spec:`")
    for line in entry.doc.split("\n")[1:]:
        heading = _SNIPPET.match(line)
        if fence and line and not line.startswith(" "):
            lines[-1:] = ["```", ""] if not lines[-1] else [lines[-1], "```", ""]
            fence = False
        if heading:
            lines += [next(headings), "", "```yaml"]
            fence = True
        elif fence:
            lines += [line[4:]] if line or lines[-1] != "```yaml" else []
        else:
            lines.append(line)
    return "\n".join([*lines, "```"] if fence else lines).strip("\n")


def _headings(entry: Page, spec: str) -> Iterator[str]:
    """What stands above each example: Fails or Passes, and what it is part of; ``spec`` is how that is written."""
    where = {"spec": spec, "eni-config": "an eni-config", "output": "the output"}.get(home(entry.code))
    for kind, text in snippets(entry):
        yield f"{kind}, in {where}:" if where and not _WHOLE_FILE.match(text) else f"{kind}:"
