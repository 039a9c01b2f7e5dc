"""Every variant of the pairwise cover compiles, and the real tools read it back; variants.txt says how far each goes.

`walked`: all that it chooses was walked to its end; else the words of catalog/support.toml that were not.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import yaml
from tests.gitops.variants import run
from tests.layout import cover
from tests.layout.readers import kubeconform

from hybridc.compile import Compiled, compile_spec
from hybridc.rules.support import unwalked

Tool = Callable[[str], str]
GOLDEN = Path(__file__).with_name("variants.txt")


def compiled(row: cover.Row) -> Compiled:
    result = compile_spec("hybrid.yaml", cover.spec(row), "2026-01-01")
    assert isinstance(result, Compiled), (row, [(d.code, d.message) for d in result.found if d.severity == "error"])
    return result


def written(result: Compiled, folder: Path) -> Path:
    for path, data in result.tree.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder


def read_back(tool: Tool, row: cover.Row, folder: Path) -> str:
    """What an engine would apply, by the tool that it has for the format; all other files are what their names say."""
    for path in folder.rglob("*.json"):
        json.loads(path.read_text("utf-8"))
    for path in folder.rglob("*.yaml"):
        if "templates" not in path.parts:
            list(yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader))
    for path in folder.rglob("*.sh"):
        run("bash", "-n", str(path))
    if "helm" in row:
        version = f"1.{row[list(cover.FACTORS).index('kubernetes')]}.1"
        return run(tool("helm4"), "template", "x", str(folder / "chart"), "--kube-version", version)
    return run(tool("kustomize"), "build", str(folder / "kustomize"))


def split(text: str) -> tuple[list[str], list[str]]:
    """Whole objects, and the one that a server-side apply names in part: no schema knows that."""
    documents = [part for part in re.split(r"^---$", text, flags=re.M) if part.strip()]
    partial = [part for part in documents if re.search("^kind: DaemonSet$", part, re.M)]
    return [part for part in documents if part not in partial], partial


def test_every_variant_is_read_back(
    tool: Tool, kubernetes_schemas: str, tmp_path: Path, golden: Callable[[Path, str], None]
) -> None:
    lines: list[str] = []
    by_minor: dict[int, list[str]] = defaultdict(list)
    for number, row in enumerate(cover.rows()):
        result = compiled(row)
        text = read_back(tool, row, written(result, tmp_path / str(number)))
        objects = [item for item in yaml.load_all(text, yaml.CSafeLoader) if item]
        assert len(objects) == len(result.bundle.objects)
        whole, partial = split(text)
        assert len(partial) == ("calico ssa" in row)
        by_minor[int(row[list(cover.FACTORS).index("kubernetes")])] += whole
        left = ", ".join(path.word for path, _ in unwalked(result.spec))
        lines.append(f"{' | '.join(row)} | {len(objects)} objects | {left or 'walked'}")
    for minor, texts in by_minor.items():
        summary = kubeconform(tool("kubeconform"), kubernetes_schemas, minor, "\n---\n".join(texts))
        assert "Invalid: 0, Errors: 0, Skipped: 0" in summary
    golden(GOLDEN, "\n".join([" | ".join([*cover.FACTORS, "read back", "support"]), *lines, ""]))


def test_there_are_sixty_of_them() -> None:
    assert len(cover.rows()) >= 60
