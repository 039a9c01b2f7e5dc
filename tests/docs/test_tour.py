"""README and Getting started: their commands run in a fresh copy of a clone, and print what stands on the page."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.docs import pages
from tests.pinned import ROOT

from hybridc.cli.main import parser
from hybridc.compile import front

PAGES = ("README.md", "docs/getting-started.md")
TRANSCRIPT = "docs/publish-guide.md"
"""Run by tests/lab/test_publish_guide.py."""
GUIDE = ROOT / "examples" / "guide" / "hybrid.yaml"
# Printed behind each command's output; the next command still sees its exit code.
MARK = "--- end of a command ---"


def clone(folder: Path) -> Path:
    """What Git would bring here."""
    left_out = {line.strip("/\n") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()}
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", *left_out), symlinks=True)
    return folder


def shell(commands: list[str], folder: Path, source: Path) -> list[str]:
    """What each of the commands prints, on both streams; hybridc is that of the clone."""
    script = "".join(f"{words}\ns=$?; printf '%s\\n' '{MARK}'; (exit $s)\n" for words in commands)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "PYTHONPATH": str(source / "compiler"), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout.split(f"{MARK}\n")[:-1]


@pytest.mark.parametrize("page", PAGES)
def test_commands_print_what_the_page_shows(page: str, tmp_path: Path) -> None:
    source = clone(tmp_path / "clone")
    folder = source if page == "README.md" else tmp_path / "mine"
    folder.mkdir(exist_ok=True)
    commands = list(pages.commands(page))
    assert len(commands) >= 4
    for command, printed in zip(commands, shell([each.words for each in commands], folder, source), strict=True):
        assert re.fullmatch(pages.pattern(command.prints or ""), printed), f"$ {command.words}\n{printed}"
    for words in parsed(page):
        for path in words:
            assert "/" not in path or (folder / path).exists(), path


def parsed(page: str) -> list[list[str]]:
    """The commands that need a cluster, as words."""
    return [
        shlex.split(words)
        for block in pages.blocks(page)
        if block.kind == pages.PARSED
        for words, _ in pages.shown(block)
    ]


@pytest.mark.parametrize("page", [*PAGES, TRANSCRIPT])
def test_every_block_is_of_a_kind_that_is_tested(page: str) -> None:
    assert {block.kind for block in pages.blocks(page)} <= {pages.RUNS, pages.PARSED, pages.HIDDEN, pages.COPIED}
    outside = re.sub(r"(?ms)^ *```.*?^ *```$", "", pages.text_of(page))
    assert "```" not in outside
    assert re.findall(r"(?m)\n\n {4,}\S.*", outside) == [], "an indented block is run by nothing"


@pytest.mark.parametrize("page", [*PAGES, TRANSCRIPT])
def test_what_needs_a_cluster_is_shell_at_least(page: str) -> None:
    for block in pages.blocks(page):
        if block.kind == pages.PARSED:
            text = "".join(f"{words}\n" for words, _ in pages.shown(block))
            done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
            assert (done.returncode, text != "") == (0, True), done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_targets_of_make_exist(page: str) -> None:
    known = re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert set(re.findall(r"`make ([a-z-]+)", pages.text_of(page))) <= set(known)


def copied(page: str) -> list[str]:
    return [block.text for block in pages.blocks(page) if block.kind == pages.COPIED]


def test_the_part_of_an_example_is_in_it() -> None:
    part, _ = copied("README.md")
    lines = [line.strip() for line in part.splitlines()]
    assert "\n".join(lines) in "\n".join(line.strip() for line in GUIDE.read_text(encoding="utf-8").splitlines())


def test_the_workflow_calls_verbs_and_flags_that_exist() -> None:
    _, workflow = copied("README.md")
    steps = yaml.safe_load(workflow)["jobs"]["hybrid"]["steps"]
    runs = [shlex.split(step["run"], comments=True) for step in steps if "run" in step]
    (called,) = (words[1:] for words in runs if words[0] == "hybridc")
    assert parser(called).parse_args(called).check


def test_an_acceptance_can_be_written_as_shown() -> None:
    (part,) = copied("docs/getting-started.md")
    spec: dict[str, Any] = yaml.safe_load(GUIDE.read_text(encoding="utf-8"))
    spec["spec"] |= yaml.safe_load(part)["spec"]
    checked = front("hybrid.yaml", yaml.safe_dump(spec).encode(), "2026-11-01")
    assert checked.spec is not None, checked.found
    assert [ignore.code for ignore in checked.spec.ignores] == ["NET005"]
