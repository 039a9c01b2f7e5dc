"""Builds one Go tool, or copies a folder of its module, from the committed go.mod and go.sum."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.toolbox import SetupError
from tools.toolbox.catalog import Tool, goos_goarch

# -mod=readonly: what is not in go.sum fails instead of being looked up.
# -modcacherw: a module cache that `rm -rf` can remove.
GOFLAGS = "-mod=readonly -modcacherw -trimpath -buildvcs=false"
MODULE_TROUBLE = ("proxy", "dial tcp", "lookup", "timeout", "TLS")


def build(tool: Tool, folder: Path) -> None:
    """Write the executable `folder/<tool.name>`; raises SetupError."""
    go = program(tool)
    flags = " ".join(f"-s -w {tool.ldflags}".split())
    command = [go, "build", "-ldflags", flags, "-o", str(folder / tool.name), tool.package]
    done = subprocess.run(command, cwd=tool.source, env=_environment(), text=True, capture_output=True, check=False)
    if done.returncode:
        raise SetupError(_failure(tool, done.stderr))


def copy(tool: Tool, folder: Path) -> None:
    """Write the folder `folder/<tool.name>`, a copy of `tool.folder` in the module; raises SetupError."""
    command = [program(tool), "mod", "download", "-json", tool.package]
    done = subprocess.run(command, cwd=tool.source, env=_environment(), text=True, capture_output=True, check=False)
    if done.returncode:
        raise SetupError(_failure(tool, done.stderr or done.stdout))
    module = Path(json.loads(done.stdout)["Dir"])
    shutil.copytree(module / tool.folder, folder / tool.name, copy_function=shutil.copyfile)


def _environment() -> dict[str, str]:
    """The caller's environment with everything pinned that would change the build."""
    goos, goarch = goos_goarch()
    pinned = {"GOOS": goos, "GOARCH": goarch, "CGO_ENABLED": "0"}
    pinned |= {"GOFLAGS": GOFLAGS, "GOTOOLCHAIN": "local", "GOWORK": "off"}
    return os.environ | pinned


def program(tool: Tool) -> str:
    """The path of a go that is new enough for `tool`; raises SetupError."""
    # The newest that any tool asks for: one advice for all, and none has to be given twice.
    newest = max((_go_line(folder) for folder in tool.source.parent.iterdir()), key=_numbers)
    archive = f"https://go.dev/dl/go{newest}.{'-'.join(goos_goarch())}.tar.gz"
    advice = f"curl -fsSL {archive} | sudo tar -C /usr/local -xz && export PATH=/usr/local/go/bin:$PATH"
    go = shutil.which("go")
    if go is None:
        raise SetupError(f"needs Go {newest} or newer, and there is no `go` on PATH: {advice}")
    asked = subprocess.run([go, "env", "GOVERSION"], env=_environment(), text=True, capture_output=True, check=False)
    found = re.search(r"go(\d+(?:\.\d+)+)", asked.stdout)
    if found is None:
        raise SetupError(f"{go} does not tell its version: {advice}")
    if _numbers(found[1]) < _numbers(_go_line(tool.source)):
        raise SetupError(f"needs Go {newest} or newer, {go} is {found[1]}: {advice}")
    return go


def _go_line(source: Path) -> str:
    """The oldest Go that the go.mod in `source` allows."""
    found = re.search(r"^go (\S+)$", (source / "go.mod").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise SetupError(f"{source / 'go.mod'} has no go line")
    return found[1]


def _numbers(version: str) -> tuple[int, ...]:
    """The parts of "1.26.2", comparable."""
    return tuple(int(part) for part in version.split("."))


def _failure(tool: Tool, stderr: str) -> str:
    """One sentence about a failed build: go's last words, and what to look at."""
    said = [line for line in stderr.splitlines() if not line.startswith("go: downloading")]
    last = said[-1].strip() if said else "no output"
    if any(word in stderr for word in MODULE_TROUBLE):
        return f"go could not fetch a module ({last}): check the network and `go env GOPROXY`"
    return f"go failed on {tool.package} in {tool.source}: {last}"
