"""The rendered text over a pairwise cover of methods, systems, minors, token sources and packages."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from tests.node_script import cover, differences, parts, specs, whole

from hybridc.lower.node_script import node_script

GOLDENS = Path(__file__).parent / "goldens"
WHOLE = whole.scripts()
ROWS = cover.pairwise()
NAMES = [f"{method}-{system}-1.{minor}-{token}-{source}" for system, minor, token, method, source in ROWS]
# Left out: require-variable-braces (noise), check-extra-masked-returns (what it finds is meant: printf "$(<file)").
SHELLCHECK = (
    "add-default-case,avoid-nullary-conditions,avoid-negated-conditions,check-set-e-suppressed,"
    "check-unassigned-uppercase,deprecate-which,quote-safe-variables,require-double-brackets,useless-use-of-cat"
)
# Nothing outside asks for one: ACK's agent takes a URL, and user data holds ACK's own few lines. It is what a person
# can read at night on a node that does not join.
LIMIT = 28 * 1024
WITH_ROLE = 30 * 1024
NEWER_THAN_BASH_4_2 = r"\$\{\w+@\w\}|(local|declare) -n|inherit_errexit|wait -n|readarray|mapfile|EPOCH|\$\{\w+: -"


@pytest.mark.parametrize("name", WHOLE)
def test_whole_scripts(name: str, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / f"{name}.sh", node_script(WHOLE[name]))


def test_every_part_of_a_template_is_seen_whole() -> None:
    """In a script of above, or, a single line, in the differences of below."""
    shown = set().union(*map(parts.seen, WHOLE.values()))
    assert [part for number, part in enumerate(parts.known()) if number not in shown and len(part.lines) > 1] == []


def test_what_differs_between_the_scripts(golden: Callable[[Path, str], None]) -> None:
    """The values and the parts that no whole script shows, and which scripts have them."""
    golden(GOLDENS / "differences.txt", differences.text())


@pytest.mark.parametrize("name", [*NAMES, *WHOLE])
def test_what_other_programs_say(name: str, tool: Callable[[str], str]) -> None:
    text = node_script(WHOLE[name] if name in WHOLE else cover.spec(ROWS[NAMES.index(name)]))
    for command in (
        ["bash", "-n"],
        [tool("shfmt"), "-i", "2", "-ci", "-d"],
        [tool("shellcheck"), "-s", "bash", "-o", SHELLCHECK, "-"],
    ):
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert len(text.encode()) <= (WITH_ROLE if "TOKEN_ROLE" in text else LIMIT)
    assert not re.search(NEWER_THAN_BASH_4_2, text)


@pytest.mark.parametrize("method", ["kubeadm", "k3s", "rke2", "custom"])
@pytest.mark.parametrize("source", ["repo", "tarball", "preinstalled"])
def test_everything_at_once_is_still_short(method: str, source: str) -> None:
    """All options together, on any system. (With a RAM role, which node pools cannot have, it may be 30 KiB.)"""
    text = node_script(
        specs.spec(
            37,
            packages=specs.packages(source, method),
            join=specs.join(method),
            proxy={"http": "http://proxy.example.com:3128", "noProxy": ["10.0.0.0/8", "172.16.0.0/12"]},
            hosts={"lb.local": "10.0.0.1"},
            hooks={"pre": "echo before", "post": "echo after"},
            registryMirrors={"docker.io": [{"url": "https://m.example.com", "overridePath": True}]},
            labels={"extra": {"team": "a"}},
            kubeletExtraArgs={"v": "4"},
        )
    )
    assert len(text.encode()) <= LIMIT


def test_no_golden_without_a_spec() -> None:
    assert sorted(path.stem for path in GOLDENS.glob("*.sh")) == sorted(WHOLE)


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_shape(row: cover.Row) -> None:
    """A guard first, a call last, and between them nothing that does anything."""
    text = node_script(cover.spec(row))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert text.startswith("#!/usr/bin/env bash\n")
    assert lines[0] == 'if [ -z "${BASH_VERSION:-}" ]; then'
    assert text.endswith('\n}\n\nmain "$@"\n')
    assert "\r" not in text
    assert "/bin/activate" not in text


@pytest.mark.parametrize("name", [*NAMES, *WHOLE])
def test_no_function_is_called_by_the_beginning_of_anothers_name(name: str) -> None:
    """Where a download breaks off, a line of a definition may be the name of a function that is there already."""
    text = node_script(WHOLE[name] if name in WHOLE else cover.spec(ROWS[NAMES.index(name)]))
    names = sorted(re.findall(r"(?m)^(\w+)\(\) \{", text))
    assert [pair for pair in pairwise(names) if pair[1].startswith(pair[0])] == []


def test_nothing_that_a_spec_does_not_need() -> None:
    text = node_script(specs.spec(os="debian-12", join=specs.join(token="file")))
    for word in [
        "dnf",
        "yum",
        "oss-",
        "rpm",
        "proxied",
        "hook_",
        "TARBALLS",
        "k3s",
        "rke2",
        "sha256sum",
        "TAINT_FLAGS",
    ]:
        assert word not in text, word


def test_the_same_bytes_every_time() -> None:
    assert len({node_script(cover.spec(row)) for row in ROWS}) == len(ROWS)
    assert node_script(cover.spec(ROWS[0])) == node_script(cover.spec(ROWS[0]))


def test_a_preflight_check_is_passed_over_once() -> None:
    """Also where the spec names the one that cgroup v1 needs."""
    spec = specs.spec(36, allowCgroupV1=True, join=specs.join(ignorePreflightErrors=["SystemVerification"]))
    assert 'ignorePreflightErrors: ["SystemVerification"]\n' in node_script(spec)


@pytest.mark.parametrize("minor", range(24, 38))
def test_what_changes_with_the_minor(minor: int) -> None:
    text = node_script(specs.spec(minor))
    assert ("kubeadm.k8s.io/v1beta3" in text) == (minor <= 30)
    assert ("kubeadm.k8s.io/v1beta4" in text) == (minor >= 31)
    assert ("kubeadm config validate" in text) == (minor >= 28)
    assert ("conntrack" in text) == (minor < 32)
    assert ("cgroup2fs" in text) == (minor >= 35)
    assert f"v1.{minor}/deb/" in text
