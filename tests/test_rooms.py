"""Every import goes to a room above its own, and nothing is too long: what CONTRIBUTING says, held against the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "compiler" / "hybridc"
GROUND = ("exits", "resources", "diagnostic", "code", "codes", "words", "cidr")
ROOMS = (
    *("catalog", "source", "schema", "rewrite", "spec", "eni_config", "rules", "lower", "proofs", "layout", "compile"),
    *("claims", "fleet", "output", "session", "cloud", "live", "preflight", "importer", "doctor", "publish"),
    *("report", "cli"),
)


def room(module: str) -> int:
    """The floor of a module, from the ground up; the package itself and what starts it stand outside."""
    name = module.split(".")[1] if "." in module else ""
    if name == "__main__":
        return len(ROOMS) + 1
    return 0 if name in ("", *GROUND) else ROOMS.index(name) + 1


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "hybridc":
            yield from (
                f"{node.module}.{alias.name}" if node.module == "hybridc" else str(node.module) for alias in node.names
            )
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("hybridc"))


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_from_the_rooms_above_its_own(path: Path) -> None:
    own = room(".".join(("hybridc", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"))
    known = (*GROUND, *ROOMS, "__main__")
    found = [name for name in imports(path) if "." not in name or name.split(".")[1] in known]
    assert [name for name in found if room(name) > own] == []


def test_a_module_fits_into_400_lines_and_a_function_into_60() -> None:
    too_long = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text("utf-8")
        functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
        too_long += [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= 60]
        too_long += [path.name] * (text.count("\n") > 400)
    assert too_long == []
