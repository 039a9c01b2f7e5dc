"""How tests are chosen: what needs more is left out and counted, and nothing is skipped in silence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.pinned import ROOT

TESTS = """
import pytest

def test_here(): pass

@pytest.mark.needs("root", "kubeadm")
def test_elsewhere(): pass
"""
SKIPPED = 'import pytest\n\ndef test_skip(): pytest.skip("no such thing here")\n'
SKIPPED_FILE = 'import pytest\n\npytest.skip("not on this machine", allow_module_level=True)\n'


def run(folder: Path, text: str, *options: str) -> tuple[int, list[str]]:
    """Exit code and lines of a run of these tests, with this repository's settings."""
    (folder / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder)]
    plugin = ["-p", "tests.needs", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *plugin, *options, "test_it.py"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_what_needs_more_is_left_out_and_counted(tmp_path: Path) -> None:
    code, lines = run(tmp_path, TESTS)
    assert code == 0
    assert lines[-2] == "1 test needs root, servers, other packages or long builds: make test-all"
    assert "1 passed, 1 deselected" in lines[-1]


def test_what_was_not_asked_for_is_not_counted(tmp_path: Path) -> None:
    _, lines = run(tmp_path, TESTS, "-k", "here")
    assert "make test-all" not in "".join(lines)


def test_a_word_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    code, lines = run(tmp_path, TESTS.replace("kubeadm", "kubeadmin"))
    assert code != 0
    assert "unknown needs: kubeadmin; there are root, debian, " in "".join(lines)


def test_a_skip_fails(tmp_path: Path) -> None:
    for text in (SKIPPED, SKIPPED_FILE):
        code, lines = run(tmp_path, text)
        assert code != 0
        assert "skipped; a test that cannot run everywhere is marked" in "".join(lines)
        assert "skipped" not in lines[-1]
