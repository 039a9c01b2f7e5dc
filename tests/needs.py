"""What a test needs beyond Python, Go and the core tools, said by a marker: ``@pytest.mark.needs("kubeadm")``.

`make test` leaves these tests out and says how many they are; `make test-all` sets up what they need and runs them
alone. The words are the groups of tools.toml, ``root``, and ``debian``: the packages of tools/debian-packages.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from typing import Any, TypeVar

import pytest
from tests.pinned import ROOT
from tools.toolbox import catalog

CORE = "core"
TOOLS = catalog.load()
GROUPS = tuple(dict.fromkeys(tool.group for tool in TOOLS.values() if tool.group != CORE))
WORDS = ("root", "debian", *GROUPS)
AS_ROOT = 'sudo env "PATH=$PATH" "HOME=$HOME" make test-all'
READY = pytest.StashKey[set[str]]()
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
LEFT_OUT = pytest.StashKey[int]()


def check(config: pytest.Config, word: str) -> None:
    """Fail a test that uses what no selected test says that it needs: on another machine it would not be there."""
    if word not in config.stash[READY]:
        pytest.fail(f"a test that uses this says so: @pytest.mark.needs({word!r})", pytrace=False)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*what): only `make test-all` has it; tests/needs.py lists the words")
    config.stash[READY] = {CORE}
    config.stash[LEFT_OUT] = 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if unknown := sorted({word for item in items for word in _needs(item)} - set(WORDS)):
        raise pytest.UsageError(f"unknown needs: {', '.join(unknown)}; there are {', '.join(WORDS)}")


def _needs(item: pytest.Item) -> set[str]:
    return {word for marker in item.iter_markers("needs") for word in marker.args}


def pytest_deselected(items: list[pytest.Item]) -> None:
    config = items[0].config
    if not config.option.keyword:  # what -k leaves out was not asked for
        config.stash[LEFT_OUT] += sum(bool(_needs(item)) for item in items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Set up what the selected tests need; exit 3 with a line for each thing that is missing.

    pytest calls it also when an unknown word has ended the collection: that is then what is to be said.
    """
    wanted = {word for item in session.items for word in _needs(item)}
    if wanted and wanted <= set(WORDS) and not session.config.option.collectonly:
        capture = session.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            sys.stdout.write("\n")
            sys.stdout.flush()
            ready = set_up(wanted)
        if not ready:
            pytest.exit("make test-all: something is missing, see above", returncode=3)
    session.config.stash[READY] |= wanted


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """With ``--set-up`` no test runs: of several processes each would set up for itself, and nobody would see how."""
    return True if session.config.getoption("set_up", default=False) else None


def set_up(wanted: set[str]) -> bool:
    """Whether everything is there now. What is not is said on stderr, with the command that brings it."""
    ready = True
    if "root" in wanted and os.geteuid() != 0:
        sys.stderr.write(f"hybridc: these tests need root, for namespaces and a booted machine: {AS_ROOT}\n")
        ready = False
    if "debian" in wanted:
        ready &= subprocess.run([str(ROOT / "tools" / "debian-packages")], check=False).returncode == 0
    groups = [word for group in GROUPS if group in wanted for word in ("--group", group)]
    if ready and groups:
        command = [sys.executable, str(ROOT / "tools" / "install.py"), *groups]
        ready = subprocess.run(command, check=False).returncode == 0
    return ready


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _no_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _no_skip((yield))


def _no_skip(report: Report) -> Report:
    """A skipped test is a failed one: nothing that was not run may look as if it had been."""
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{report.longrepr}\nskipped; a test that cannot run everywhere is marked: tests/needs.py"
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of ``-n`` has ended: each of them selected the same tests, and left out the same."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", 0)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that started this one, if one did."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["left_out"] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    yield
    if count := terminalreporter.config.stash[LEFT_OUT]:
        tests = "1 test needs" if count == 1 else f"{count} tests need"
        terminalreporter.write_line(f"{tests} root, servers, other packages or long builds: make test-all")
