"""The sandbox of a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests import needs
from tests.node_script.sandbox import Sandbox


@pytest.fixture
def sandbox(tmp_path: Path, pytestconfig: pytest.Config) -> Sandbox:
    """A fresh machine. Its test needs root, for mount namespaces."""
    needs.check(pytestconfig, "root")
    return Sandbox(tmp_path / "sandbox")
