"""The skeleton of a rule is a rule: it is listed, documented and found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.pinned import ROOT

from hybridc.codes import CODES, RETIRED
from hybridc.report import book
from tools import new_rule


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The compiler and the tool, to be written to."""
    shutil.copytree(ROOT / "compiler", tmp_path / "compiler", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "new_rule.py", tmp_path / "tools")
    return tmp_path


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def table(copy: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in (copy / "compiler" / "hybridc" / "codes").glob("*.py")}


@pytest.mark.parametrize("family", book.FAMILIES)
def test_a_number_that_was_never_given(family: str) -> None:
    code = new_rule.next_code(family)
    assert code not in CODES
    assert code not in RETIRED
    assert code > max(known for known in CODES if CODES[known].family == family)


def test_a_retired_number_is_not_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    code = new_rule.next_code("NET")
    monkeypatch.setitem(RETIRED, code, "as an example")
    assert new_rule.next_code("NET") > code


def test_the_skeleton_is_a_rule(copy: Path) -> None:
    code = new_rule.next_code("NODE")
    assert run(copy, "tools/new_rule.py", "NODE", "labels", "--info").returncode == 0
    listed = (
        "import sys; sys.path.insert(0, 'compiler')\n"
        "from hybridc.rules.registry import rules\n"
        "last = [one for one in rules() if one.code.family == 'NODE'][-1]\n"
        "print(last.code.id, last.code.severity, last.check.__module__)\n"
    )
    done = run(copy, "-c", listed)
    assert done.stdout == f"{code} info hybridc.rules.node.labels\n", done.stderr


def test_a_code_goes_to_the_module_of_its_family(copy: Path) -> None:
    before = table(copy)
    code = new_rule.next_code("ENI")
    assert run(copy, "tools/new_rule.py", "ENI", "overlays", "--info").returncode == 0
    assert [name for name, text in table(copy).items() if text != before[name]] == ["terway.py"]
    shown = "import sys; sys.path.insert(0, 'compiler'); from hybridc.codes import CODES; print([*CODES])"
    codes = run(copy, "-c", shown).stdout
    assert f"'{max(known for known in CODES if known.startswith('ENI'))}', '{code}', 'CNI001'" in codes


def test_the_first_number_of_a_family() -> None:
    assert new_rule.next_code("NEW") == "NEW001"


def test_without_a_module_nothing_is_written(copy: Path) -> None:
    before = table(copy)
    done = run(copy, "tools/new_rule.py", "NET")
    assert done.returncode == 0
    assert done.stdout.startswith(f"the next code is {new_rule.next_code('NET')}\n")
    assert "NET overlap" in done.stdout
    done = run(copy, "tools/new_rule.py", "NET", "overlaps")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "new_rule: NET has no module overlaps; there are overlap, size\n"
    assert table(copy) == before
