"""What tools/install.py has set up in .tools/: programs, and folders of other projects' files."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def program(name: str) -> str:
    """The path of a pinned tool. A missing one fails the test with the command that installs it."""
    return str(_there(ROOT / ".tools" / "bin" / name))


def folder(name: str) -> Path:
    """The folder of a pinned tool that is files. A missing one fails the test with the command that installs it."""
    return _there(ROOT / ".tools" / name)


def _there(path: Path) -> Path:
    if not path.exists():
        pytest.fail(f"{path.name} is not installed: python3 tools/install.py {path.name}", pytrace=False)
    return path
