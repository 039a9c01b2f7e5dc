"""tools.toml as typed data, and the key under which a built tool is kept."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

TOOLS_DIR = Path(__file__).resolve().parent.parent
REPO = TOOLS_DIR.parent
WHEELS = TOOLS_DIR / "wheels.txt"
SCHEMAS_SCRIPT = TOOLS_DIR / "kubernetes_schemas.py"
IMAGE_SCRIPT = TOOLS_DIR / "toolbox" / "image.py"
GO_ARCH = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
# Part of every key: raise it when a build step changes what comes out.
RECIPE = 1


@dataclass(frozen=True)
class Tool:
    """One table of tools.toml; fields that its kind does not use are empty."""

    name: str
    group: str
    kind: str
    version: str
    purpose: str
    family: str = ""
    package: str = ""
    ldflags: str = ""
    folder: str = ""
    integrity: str = ""
    seconds: int = 0
    releases: dict[str, list[str]] = field(default_factory=dict)

    @property
    def source(self) -> Path:
        """The folder of the Go module that builds this tool."""
        return TOOLS_DIR / "go" / self.family

    @property
    def wheels(self) -> list[str]:
        """The `name==version` of every wheel that this tool is made from."""
        return list(self.releases) if self.kind == "schemas" else [self.package]


def load(path: Path = TOOLS_DIR / "tools.toml") -> dict[str, Tool]:
    """Read tools.toml; name -> Tool, in the file's order."""
    with path.open("rb") as stream:
        tables = tomllib.load(stream)
    return {name: Tool(name=name, **table) for name, table in tables.items()}


def goos_goarch() -> tuple[str, str]:
    """GOOS and GOARCH of this machine, without asking go: a warm cache needs none."""
    machine = platform.machine().lower()
    return sys.platform, GO_ARCH.get(machine, machine)


@cache
def wheel_pins(path: Path = WHEELS) -> dict[str, str]:
    """`name==version` -> its requirement lines, hashes included."""
    joined = path.read_text("utf-8").replace("\\\n", " ").splitlines()
    lines = (" ".join(line.split()) for line in joined if not line.startswith("#"))
    return {line.split()[0]: line for line in lines if line}


def inputs(tool: Tool) -> dict[str, str]:
    """Everything that decides the bytes of `tool`, by name."""
    table = {"package": tool.package, "ldflags": tool.ldflags, "version": tool.version}
    table |= {"folder": tool.folder} if tool.folder else {}
    found = {"table": json.dumps([table, tool.releases]), "machine": "/".join(goos_goarch())}
    if tool.kind == "npm":
        return found | {"integrity": tool.integrity}
    if tool.kind == "image":
        return found | {"script": IMAGE_SCRIPT.read_text("utf-8")}
    if tool.kind in ("go", "files"):
        files = [*tool.source.glob("go.*"), *tool.source.glob("*.go")]
        return found | {file.name: file.read_text("utf-8") for file in files}
    if tool.kind == "schemas":
        found["script"] = SCHEMAS_SCRIPT.read_text("utf-8")
    return found | {wheel: wheel_pins()[wheel] for wheel in tool.wheels}


def key(tool: Tool) -> str:
    """sha256 (hex) of `inputs`: the same key means the same tool."""
    text = json.dumps([RECIPE, tool.name, tool.kind, inputs(tool)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
