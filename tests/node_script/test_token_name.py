"""``token.name``: the script finds the token under any name and hands it to nobody, or INIT052 refuses the name."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from tests.node_script import bash, specs, whole
from tests.records import replace

from hybridc.catalog.bash import taken_by
from hybridc.lower.node_script import node_script
from hybridc.rules.init.join import token_variable
from hybridc.spec import model

TOKEN = "abcdef.0123456789abcdef"
_READ = re.compile(r"\$\{?[#!]?([A-Za-z_]\w*)")
_SET = re.compile(r"(?<![\w-])([A-Za-z_]\w*)(?:\[[^]]*\])?\+?=")
_LISTED = re.compile(
    r"\b(?:local|declare|export|readonly|read|for|unset|mapfile|printf -v)((?: +-\w+)*(?: +[A-Za-z_]\w*)+)"
)


def of_the_script() -> list[str]:
    """Every name that stands for a variable in any of the scripts that are kept whole."""
    texts = [node_script(spec) for spec in whole.scripts().values()] + [_script("ANY")]
    found = set()
    for text in texts:
        found |= {*_READ.findall(text), *_SET.findall(text)}
        for listed in _LISTED.findall(text):
            found |= {word for word in listed.split() if not word.startswith("-")}
    return sorted(found)


def of_bash() -> list[str]:
    """The variables that this bash has by itself, and those that its help names."""
    words = subprocess.run(
        ["env", "-i", "/bin/bash", "-c", "compgen -v; help variables"], capture_output=True, check=True
    )
    lines = words.stdout.decode().splitlines()
    return sorted({line.split()[0] for line in lines if re.match(r" {0,4}[A-Za-z_]\w*(?:\t|$)", line) and line.split()})


@cache
def _script(name: str) -> str:
    return node_script(_spec(name))


def _spec(name: str) -> model.Spec:
    return specs.spec(join={"token": {"from": "env", "name": name}})


def _refused(name: str) -> bool:
    spec = _spec("ANY")
    join = replace(spec.node_init.join, token=spec.node_init.join.token._replace(name=name))
    return bool(list(token_variable(specs.beyond(spec, join=join))))


NAMES = sorted({*of_the_script(), *of_bash(), "HYBRIDC_BOOTSTRAP_TOKEN", "MY_TOKEN", "token"})


@pytest.mark.parametrize("name", NAMES)
def test_a_name_works_or_is_refused(tmp_path: Path, name: str) -> None:
    if _refused(name):
        return
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/root", "TOKEN": "another", name: TOKEN}
    script = _script(name) if name == "TOKEN" else re.sub(r"\bANY\b", name, _script("ANY"))
    done = bash.call(script, "fetch_token\nenv >environment\n", tmp_path, **environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "token").read_text() == TOKEN
    assert TOKEN not in (tmp_path / "environment").read_text()


@pytest.mark.parametrize("name", of_bash())
def test_a_variable_of_bash_is_refused(name: str) -> None:
    assert taken_by(name) is not None
    assert _refused(name)


def test_what_the_script_reads_of_its_environment_is_refused() -> None:
    """Names that no line of it sets: a token there would be missed where ACK's answer is wanted."""
    text = _script("MY_TOKEN")
    assigned = {*_SET.findall(text), *(word for listed in _LISTED.findall(text) for word in listed.split())}
    inputs = {name for name in _READ.findall(text) if name not in assigned} - {"MY_TOKEN"}
    inputs -= {"ID", "VERSION_ID", "VERSION_CODENAME"}  # of /etc/os-release, which is read
    inputs -= {"basearch", "search"}  # of yum, of awk
    assert {"ALIBABA_CLOUD_LABELS", "ALIBABA_CLOUD_TAINTS", "ALIBABA_CLOUD_NODE_NAME"} <= inputs
    assert [name for name in inputs if not _refused(name)] == []


def test_no_other_name_is_refused() -> None:
    mine = [name for name in of_the_script() if taken_by(name) is None and not name.startswith("ALIBABA_CLOUD_")]
    assert [name for name in mine if _refused(name)] == ["HYBRIDC_WITHOUT_ACK"]
