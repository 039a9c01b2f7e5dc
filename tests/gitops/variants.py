"""Specs that differ from an example in a few places, and what they compile to."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path
from typing import Any

import yaml

from hybridc.compile import Compiled, compile_spec
from hybridc.layout import yaml_text
from hybridc.source.reader import read

ROOT = Path(__file__).resolve().parents[2]
Object = dict[str, Any]


def example(name: str, **changes: Any) -> bytes:
    """An example with changes: ``cluster__cni={"type": …}`` merges below ``spec``; None removes a key."""
    document, _ = read("hybrid.yaml", (ROOT / "examples" / name / "hybrid.yaml").read_bytes())
    data = document.data
    for path, value in changes.items():
        *parents, last = path.split("__")
        node = data["spec"]
        for part in parents:
            node = node[part]
        _merge(node, last, value)
    return yaml_text.dump(data).encode()


def _merge(node: Object, key: str, value: Any) -> None:
    if value is None:
        node.pop(key, None)
    elif isinstance(value, dict) and isinstance(node.get(key), dict):
        for below, item in value.items():
            _merge(node[key], below, item)
    else:
        node[key] = copy.deepcopy(value)


def build(raw: bytes, folder: Path, layout: str = "both") -> Path:
    """The cluster's folder, written below ``folder``. A spec with errors fails the test with its findings."""
    result = compile_spec("hybrid.yaml", raw, "2026-01-01", layout)
    assert isinstance(result, Compiled), result.found
    for path, data in result.tree.items():
        target = folder / str(result.spec.name) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder / str(result.spec.name)


def errors(raw: bytes) -> set[str]:
    """The codes of the errors of a spec."""
    result = compile_spec("hybrid.yaml", raw, "2026-01-01")
    return {found.code for found in result.found if found.severity == "error"}


def run(*command: str, stdin: str | None = None) -> str:
    """The standard output of a command that must succeed."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def objects(text: str) -> dict[tuple[str, str, str], Object]:
    """The objects of a YAML stream by kind, namespace and name."""
    found = {}
    for item in yaml.load_all(text, Loader=yaml.CSafeLoader):
        if item:
            meta = item["metadata"]
            found[item["kind"], meta.get("namespace", ""), meta["name"]] = item
    return found


def terms(workload: Object) -> list[Object]:
    """The nodeSelectorTerms of a workload."""
    affinity = workload["spec"]["template"]["spec"]["affinity"]["nodeAffinity"]
    found: list[Object] = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    return found
