"""The text of the script for a node, over the same cover of specs as the node script's."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.node_script import cover, whole
from tests.node_script.test_rendering import NAMES, NEWER_THAN_BASH_4_2, ROWS, SHELLCHECK

from hybridc.lower.node_check import digest, node_check
from hybridc.spec import model

WHOLE = whole.scripts()
GOLDEN = Path(__file__).parent / "kubeadm-auto-repo.sh"


def spec(name: str) -> model.Spec:
    return WHOLE[name] if name in WHOLE else cover.spec(ROWS[NAMES.index(name)])


def test_a_whole_script(golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN, node_check(WHOLE[GOLDEN.stem]))


@pytest.mark.parametrize("name", [*NAMES, *WHOLE])
def test_what_other_programs_say(name: str, tool: Callable[[str], str]) -> None:
    text = node_check(spec(name))
    for command in (
        ["bash", "-n"],
        [tool("shfmt"), "-i", "2", "-ci", "-d"],
        [tool("shellcheck"), "-s", "bash", "-o", SHELLCHECK, "-"],
    ):
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search(NEWER_THAN_BASH_4_2, text)


@pytest.mark.parametrize("name", [*NAMES, *WHOLE])
def test_it_changes_nothing_and_takes_no_secret(name: str) -> None:
    """Nothing that the node script does to a host, and nothing of the token but whether it is there."""
    text = node_check(spec(name))
    words = ("systemctl", "modprobe -a", "sysctl -", "write_file", "install ", "apt-get -", "dnf -", "kubeadm join")
    assert [word for word in words if word in text] == []
    assert "Signature=" not in text
    for line in re.findall(r"(?m)^  look token .*", text):
        assert " look_object " in line


def test_a_report_is_known_by_what_was_asked_for() -> None:
    assert len({digest(one) for one in WHOLE.values()}) == len(WHOLE)
    assert digest(WHOLE[GOLDEN.stem]) == digest(whole.scripts()[GOLDEN.stem])
