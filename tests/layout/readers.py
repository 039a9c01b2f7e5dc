"""Text of Kubernetes objects as kubectl, kustomize and Helm read it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Object = dict[str, Any]


def tool_output(command: list[str], text: str | None = None) -> str:
    """What a command that ends well prints."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {(done.stderr or done.stdout)[-2000:]}"
    return done.stdout


def objects(kubectl: str, text: str) -> list[Object]:
    """The objects of a YAML stream as kubectl decodes them, without asking a server."""
    command = [kubectl, "annotate", "--local", "-f", "-", "read=back", "-o", "json"]
    found = []
    for item in _documents(tool_output(command, text)):
        annotations = item["metadata"]["annotations"]
        del annotations["read"]
        if not annotations:
            del item["metadata"]["annotations"]
        found.append(item)
    return found


def _documents(text: str) -> Iterator[Object]:
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        item, at = decoder.raw_decode(text, at)
        yield from item["items"] if item["kind"] == "List" else [item]
        while at < len(text) and text[at].isspace():
            at += 1


def by_name(found: list[Object]) -> dict[tuple[str, str, str], Object]:
    """Objects by kind, namespace and name; none twice."""
    named = {(i["kind"], i["metadata"].get("namespace", ""), i["metadata"]["name"]): i for i in found}
    assert len(named) == len(found)
    return named


def kubeconform(tool: str, schemas: str, minor: int, text: str) -> str:
    """The summary of a strict check of a YAML stream; a finding fails."""
    command = [tool, "-strict", "-summary", "-output", "text", "-kubernetes-version", f"1.{minor}.0"]
    return tool_output([*command, "-schema-location", schemas, "-"], text)


def folder_of(base: Path, files: dict[str, str]) -> Path:
    """A folder with these files."""
    base.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (base / name).write_text(text, encoding="utf-8")
    return base
