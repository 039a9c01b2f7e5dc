#!/usr/bin/env python3
"""Write docs/support.md: each path that a spec can choose, what was run of it, by which tests, and when.

From catalog/support.toml and the markers of the tests (``@pytest.mark.walks("kubeadm", "repo")``). With --check nothing
is written, and the exit code is 1 when the page is another.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "compiler"))
from hybridc.catalog import load
from hybridc.catalog import support as catalog
from tools import pages

REPO = pages.REPO
PAGE = REPO / "docs" / "support.md"
_HEAD = """\
# What was walked

<!-- Generated from catalog/support.toml and the markers of the tests: python3 tools/support_doc.py -->

A path is walked when a test went it to its end: a joined node that can run a pod, or the nearest thing that a test
machine can show. No test has an account of Alibaba Cloud: ACK, OSS, RAM, Terway and ECS images are stood in for
everywhere. A spec that takes a path which is not walked gets one warning with all of them
([PATH001](rules/path.md#path001)).

`.ci/run` runs all of these tests before a merge; what is marked *root* belongs to `make test-all`, the rest to
`make test`. What each test needs stands at its head; `make test-all PYTEST_ARGS=tests/node_boot` runs those of one
folder.

[variants.txt](../tests/layout/variants.txt) lists specs in which every two choices meet: each compiles, kustomize or
Helm and the schemas of its Kubernetes read it back, and the last column says what of it was not walked.
"""


class Walk(NamedTuple):
    """A test with the words of its marker; ``apart``: `make test` leaves it out."""

    path: Path
    name: str
    words: tuple[str, ...]
    apart: bool

    @property
    def link(self) -> str:
        """The test as a link of the page."""
        inside = self.path.relative_to(REPO).as_posix()
        mark = " (root)" if self.apart else ""
        return f"[{inside.removeprefix('tests/')}: {self.name.removeprefix('test_')}](../{inside}){mark}"


def walks() -> Iterator[Walk]:
    """Every test with the marker, by file and place."""
    for path in sorted((REPO / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        module = [node.value for node in tree.body if isinstance(node, ast.Assign)]
        apart = any(_words(mark, "needs") for value in module for mark in ast.walk(value))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                words = [word for mark in node.decorator_list for word in _words(mark, "walks")]
                own = any(_words(mark, "needs") for mark in node.decorator_list)
                if words:
                    yield Walk(path, node.name, tuple(words), apart or own)


def _words(mark: ast.AST, name: str) -> list[str]:
    """What ``pytest.mark.<name>("…", …)`` says; [] for anything else."""
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == f"pytest.mark.{name}":
        return [str(ast.literal_eval(argument)) for argument in mark.args]
    return []


def page() -> str:
    """The text of the page."""
    found, seen = list(walks()), {word: entry["seen"] for word, entry in load("support")["path"].items()}
    lines = [_HEAD]
    for field in dict.fromkeys(path.field for path in catalog.paths()):
        lines += [f"## `{field}`", "", "| | walked | what was run | by | last seen |", "|---|---|---|---|---|"]
        for path in catalog.paths():
            if path.field == field:
                tests = "<br>".join(walk.link for walk in found if path.word in walk.words) or "none"
                values = "any" if path.values == (catalog.ANYTHING,) else ", ".join(f"`{v}`" for v in path.values)
                walked = "yes" if path.walked else "**no**"
                lines.append(f"| {values} | {walked} | {path.run} | {tests} | {seen[path.word]} |")
        lines.append("")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    return pages.main(PAGE, page(), "python3 tools/support_doc.py", argv)


if __name__ == "__main__":
    sys.exit(main())
