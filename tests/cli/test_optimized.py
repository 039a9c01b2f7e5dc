"""``python -OO`` keeps no docstrings and no asserts: what hybridc says and writes does not depend on them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.build.cli import EXAMPLES, GUIDE, clean_environment, tree

BAD = GUIDE.read_text("utf-8").replace("podCIDRs: [10.100.0.0/16]", "podCIDRs: [192.168.0.0/16]")


def said(level: str, *arguments: str, cwd: Path) -> tuple[int, str, str]:
    environment = {**clean_environment(PYTHONOPTIMIZE=level), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "hybridc", *arguments],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("level", ["1", "2"])
@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "build --help",
        "explain NET005",
        "explain SEC001",
        "explain GIT031",
        "explain YAML013",
        "explain spec.terway",
        "rules",
        "rules --format json",
        "validate bad.yaml",
        "validate bad.yaml --format sarif",
        "validate bad.yaml --format json",
        "validate bad.yaml --format junit",
    ],
)
def test_the_same_is_said(tmp_path: Path, words: str, level: str) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    plain = said("", *words.split(), cwd=tmp_path)
    assert len(plain[1] + plain[2]) > 100
    assert said(level, *words.split(), cwd=tmp_path) == plain


def test_the_same_is_written(tmp_path: Path) -> None:
    for level in ("", "2"):
        code, _, _ = said(level, "build", *map(os.fspath, EXAMPLES), "-o", f"out{level}", cwd=tmp_path)
        assert code == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "out2")
