"""The same steps as SUMMARY.md shows them, as JSON, as text and as a script."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.build.cli import EXAMPLES
from tests.cli.programs import GUIDE, hybridc
from tests.pinned import ROOT

from hybridc.compile import Compiled, compile_spec
from hybridc.lower.steps.day_two.day import Nothing
from hybridc.lower.steps.day_two.lists import LISTS, steps_for

GOLDENS = Path(__file__).parent / "goldens"
KEYS = {"id", "after", "who", "sentence", "command", "expects", "undo", "publishedBy"}


@pytest.mark.parametrize("form", ["text", "sh"])
def test_what_a_person_sees(form: str, golden: Callable[[Path, str], None]) -> None:
    done = hybridc("steps", str(GUIDE), "--format", form)
    assert done.returncode == 0
    # Its name is its content, which is the business of other tests.
    golden(GOLDENS / f"guide.{form}", re.sub("init-node-ecs-[0-9a-f]{12}", "init-node-ecs-0123456789ab", done.stdout))


def test_the_forms_say_the_same() -> None:
    document = json.loads(hybridc("steps", str(GUIDE), "--format", "json").stdout)
    assert (document["version"], document["cluster"]) == (1, "idc-hangzhou")
    assert all(step.keys() == KEYS for step in document["steps"])
    ids = [step["id"] for step in document["steps"]]
    markdown = hybridc("steps", str(GUIDE), "--format", "markdown").stdout
    assert re.findall(r"^- \[ \] \*\*(.+?)\*\*:", markdown, re.MULTILINE) == ids
    script = hybridc("steps", str(GUIDE), "--format", "sh").stdout
    assert re.findall(r"^if next (.+); then$", script, re.MULTILINE) == ids
    for step in document["steps"]:
        assert step["command"] in script
        assert step["sentence"] in markdown


def test_summary_has_the_list() -> None:
    markdown = hybridc("steps", str(GUIDE), "--format", "markdown").stdout
    summary = (ROOT / "out" / "idc-hangzhou" / "SUMMARY.md").read_text("utf-8")
    assert summary.endswith(f"## What is left to do\n\n{markdown}")


def test_the_script_stops_where_nobody_answers(tmp_path: Path) -> None:
    script = hybridc("steps", str(GUIDE), "--format", "sh").stdout
    done = subprocess.run(
        ["setsid", "bash", "-c", script], cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == b""


@pytest.mark.parametrize("spec", EXAMPLES, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_every_file_that_a_command_names_is_there(spec: Path, elsewhere: bool) -> None:
    text = spec.read_text("utf-8")
    if elsewhere:
        text = re.sub("destination: .*", "", text).replace(
            "\n  gitops:\n", "\n  gitops:\n    destination: {name: idc}\n"
        )
    compiled = compile_spec("hybrid.yaml", text.encode(), "2026-11-30")
    assert isinstance(compiled, Compiled)
    lists = [steps_for(purpose, compiled.spec, compiled.bundle.steps) for purpose in LISTS]
    listed = [compiled.bundle.steps, *(steps for steps in lists if not isinstance(steps, Nothing))]
    commands = "\n".join(step.command for steps in listed for step in steps)
    assert ("ARGOCD_CONTEXT" in commands) == elsewhere
    named = set(re.findall(r"(?<![\w/])(?:argocd|calico|cloud|cni|components|flux)/[\w./-]+", commands))
    folders = {path.rpartition("/")[0] for path in compiled.tree}
    for path in named:
        assert path in compiled.tree or path.rstrip("/") in folders, path
