"""What every test may use: goldens and the pinned real tools."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from tests import needs, pinned
from tests.pinned import ROOT


def pytest_configure(config: pytest.Config) -> None:
    # A shell gives a job in the background SIGINT ignored, and so would every process that a test interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(needs)
    config.addinivalue_line("markers", "walks(*words): it walks these paths of catalog/support.toml; docs/support.md")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens", action="store_true", help="run only the tests of golden files, and rewrite the files"
    )
    parser.addoption("--set-up", action="store_true", help="set up what the selected tests need, and run none of them")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--update-goldens"):
        items[:] = [item for item in items if "golden" in getattr(item, "fixturenames", ())]


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
def tool(pytestconfig: pytest.Config) -> Callable[[str], str]:
    """``tool(name)``: the path of a pinned tool. A missing one fails the test with the command that installs it."""

    def locate(name: str) -> str:
        needs.check(pytestconfig, needs.TOOLS[name].group)
        return pinned.program(name)

    return locate


@pytest.fixture(scope="session")
def kubernetes_schemas() -> str:
    """The folder of Kubernetes JSON schemas that kubeconform reads."""
    return str(pinned.folder("kubernetes-schemas"))
