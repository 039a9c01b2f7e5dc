"""What every test may use: goldens and the pinned real tools."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests import pinned
from tests.pinned import ROOT


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="rewrite the golden files with what came out")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """``golden(path, text)``: the file holds this text. With ``--update-goldens`` the file is written instead."""

    def check(path: Path, text: str) -> None:
        if request.config.getoption("--update-goldens"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        assert path.exists(), f"no golden {path.relative_to(ROOT)}: run pytest --update-goldens and review it"
        assert text == path.read_text(encoding="utf-8"), f"{path.relative_to(ROOT)} differs; pytest --update-goldens"

    return check


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """``tool(name)``: the path of a pinned tool. A missing one fails the test with the command that installs it."""
    return pinned.program


@pytest.fixture(scope="session")
def kubernetes_schemas() -> str:
    """The folder of Kubernetes JSON schemas that kubeconform reads."""
    return str(pinned.folder("kubernetes-schemas"))
