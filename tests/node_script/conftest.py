"""The sandbox of a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.node_script.sandbox import Sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """A fresh machine."""
    return Sandbox(tmp_path / "sandbox")
