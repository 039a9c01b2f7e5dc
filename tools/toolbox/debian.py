"""Finds the programs that come from Debian; installing them is left to who owns the machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

from tools.toolbox import SetupError, catalog
from tools.toolbox.catalog import Tool


def program(tool: Tool, links: Path) -> Path:
    """Where `tool` is on PATH, `links` (our own links) aside; where Debian would put it when it is nowhere."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    others = os.pathsep.join(folder for folder in folders if Path(folder) != links)
    return Path(shutil.which(tool.name, path=others) or Path("/usr/bin") / tool.name)


def missing(_tool: Tool) -> NoReturn:
    """Raise SetupError with the one command that installs them all."""
    packages = [tool.package for tool in catalog.load().values() if tool.kind == "debian"]
    raise SetupError(f"not on this machine: sudo apt-get install -y --no-install-recommends {' '.join(packages)}")
