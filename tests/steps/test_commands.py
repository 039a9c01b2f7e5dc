"""A command can be pasted: bash takes it, shellcheck has nothing to say, and what stands in a spec stays data."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.records import replace
from tests.steps import cover
from tests.strategies import HARM

from hybridc.lower.steps import render
from hybridc.lower.steps.step import TOOLS, Step
from hybridc.spec import model, node_model
from hybridc.spec.items import Items

SPECS = [cover.spec(row) for row in cover.rows()]
SPECS += [cover.in_terraform(spec) for spec in SPECS[::3]]
ALL = [step for spec in SPECS for steps in (cover.steps_of(spec), *cover.day_two(spec).values()) for step in steps]
COMMANDS = sorted({step.command for step in ALL if step.command})
LOOKS = sorted({step.command for step in ALL if step.id.startswith("see.")})
SCRIPTS = [render.text("sh", "idc", cover.steps_of(spec)) for spec in SPECS]
NONE: dict[str, str] = {"PATH": "/nowhere"}


ASKED = {
    name: name.lower()
    for name in ("NODES", "GIT_USER", "GIT_TOKEN_FILE", "DEPLOY_KEY", "CHART", "SERVER", "POOL", "CONTROL_PLANE")
}
ASKED |= {
    "CNI_FOLDER": ".",
    "COMMIT": "HEAD",
    "OLD_TOKEN": "abcdef",
    "CA_FILE": "ca.crt",
    "TOKEN_FILE": "/dev/null",
    "ARGOCD_CONTEXT": "x",
}
NOWHERE = """
apiVersion: v1
kind: Config
clusters: [{name: x, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: x, user: {}}]
contexts: [{name: x, context: {cluster: x, user: x}}]
current-context: x
"""


def bash(text: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a text in a bash of its own."""
    return subprocess.run(
        ["/bin/bash", "-c", text], cwd=folder, env=environment, capture_output=True, timeout=60, check=False
    )


def test_bash_takes_every_command(tmp_path: Path) -> None:
    functions = [f"step() {{\n{command}\n}}\n" for command in COMMANDS]
    for command in ["".join(functions), *SCRIPTS]:
        done = subprocess.run(["bash", "-n"], input=command.encode(), cwd=tmp_path, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b""), command


def test_shellcheck_has_nothing_to_say(tool: Callable[[str], str], tmp_path: Path) -> None:
    script = tmp_path / "all.sh"
    functions = "\n".join(f"step_{number}() {{\n{command}\n}}" for number, command in enumerate(COMMANDS))
    script.write_text(f"{SCRIPTS[0]}\n{functions}\n", encoding="utf-8")
    # SC2016: jq's variables and jsonpath stand in single quotes, as they must.
    command = [tool("shellcheck"), "--shell=bash", "--exclude=SC2016", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("command", LOOKS)
def test_a_look_that_cannot_look_ends_with_1_and_leaves_the_shell_open(command: str, tmp_path: Path) -> None:
    done = bash(f'{command}\necho "$?"', tmp_path, **NONE)
    assert done.stdout.decode().splitlines()[-1:] == ["1"]


CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXT = st.lists(st.one_of(st.sampled_from(HARM), st.text(CHARACTERS, max_size=4)), min_size=1, max_size=6).map("".join)
# Every program writes its words down and does nothing; what a later command reads from it is there. One at a time: the
# programs of a pipe run at once, and bash writes a word with a line break in pieces.
_WRITE = '{{ flock 9; printf "%s\\0" {tool} "$@" >>words; }} 9>>"$HOME/lock"'
RECORD = "".join(f'{tool}() {{ {_WRITE.format(tool=tool)}; echo "np-1 0 v1"; }}\n' for tool in (*TOOLS, "sleep"))
RECORD += "seq() { echo 1; }\n"


@settings(max_examples=25, deadline=None)
@given(value=TEXT)
@example(value="'; touch canary; '")
@example(value="$(touch canary)")
@example(value="a\nb")
def test_what_a_spec_says_reaches_a_program_as_it_stands(value: str) -> None:
    for network, expected in (("calico manual", (value,)), ("cilium values", ()), ("calico component", ())):
        words = _words(cover.steps_of(_with(value, network)))
        for word in (f"oss://{value}/p{value}/idc/bootstrap-token", f"--image={value}", value, *expected):
            assert word in words, word
        assert {words[at + 1] for at, word in enumerate(words) if word in ("--bucket", "--VpcId", "--UserName")} == {
            value
        }


@settings(max_examples=10, deadline=None)
@given(value=TEXT)
@example(value="'; touch canary; '")
@example(value='$(touch canary)\n}"')
def test_it_does_so_on_day_two(value: str) -> None:
    spec = _with(value, "calico manual")
    with_pools = replace(spec, node_pools=Items([*spec.node_pools, replace(spec.node_pools[0], auto_scaling=True)]))
    words = _words(
        tuple({step.command: step for steps in cover.day_two(with_pools).values() for step in steps}.values())
    )
    assert f"/clusters/{value}/nodepools" in words
    named = {words[at + 1] for at, word in enumerate(words) if word == "name" and words[at - 1] == "--arg"}
    assert named <= {value, ASKED["POOL"], "alibaba-addon-secret"}
    # A loop of the first day indents its body, and so a line break of a value in it.
    regions = {words[at + 1] for at, word in enumerate(words) if word == "--region"}
    assert {"".join(region.split()) for region in regions} == {"".join(value.split())}


def _with(value: str, network: str) -> model.Spec:
    """A spec with a text in every place that a command names."""
    row = (network, "argocd", "addon", "oss", "oss", "kubeadm", "by hand", "exclude", "https://git.example.com/a.git")
    spec = cover.spec(row)
    cloud, cni = spec.alibaba_cloud, spec.cluster.cni
    workload = model.Workload("DaemonSet", value, value, Items())
    return replace(
        spec,
        alibaba_cloud=replace(cloud, region=value, registered_cluster_id=value, vpc=replace(cloud.vpc, id=value)),
        cluster=replace(spec.cluster, cni=replace(cni, daemon_set=workload, exclude_also=Items([workload]))),
        ram=replace(spec.ram, user=value),
        node_init=replace(spec.node_init, oss=node_model.Oss(value, f"p{value}", "oss.example.com")),
        node_pools=Items(replace(pool, name=value) for pool in spec.node_pools),
        gitops=replace(spec.gitops, repo_url=f"https://{value}", revision=value, job_image=value),
    )


def _words(steps: tuple[Step, ...]) -> list[str]:
    """The words that the programs were given; nothing else may have happened."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        folder = Path(made)
        (folder / "home").mkdir()
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), **ASKED, "CNI_FOLDER": "home"}
        done = bash(
            RECORD + "\n".join(f"(\n{step.command}\n)" for step in steps if step.command), folder, **environment
        )
        assert b"syntax error" not in done.stderr, done.stderr
        assert {path.name for path in folder.iterdir()} <= {"home", "words"}
        return (folder / "words").read_bytes().decode().split("\0")


@settings(max_examples=60, deadline=None)
@given(value=TEXT)
@example(value="```\n```sh\n# x")
def test_no_text_of_a_spec_ends_a_fence_or_a_comment(value: str) -> None:
    steps = cover.steps_of(_with(value, "calico manual"))
    for step in steps:
        mark = render.fence(step.command)
        assert not any(line.strip().startswith(mark) for line in step.command.split("\n"))
        for text in (step.sentence, step.who, step.expects, step.undo):
            assert all(line.startswith("# ") for line in render.lines(text or "-", "# ").split("\n"))


def test_kubectl_takes_every_call(tool: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "nowhere").write_text(NOWHERE, encoding="utf-8")
    calls = {call for said in ("", "x") for call in _kubectl(said, tmp_path)}
    assert len(calls) > 25
    for call in sorted(calls):
        command = [tool("kubectl"), f"--kubeconfig={tmp_path / 'nowhere'}", "--request-timeout=1s", *call]
        done = subprocess.run(
            command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        # It may miss the server, a file or the input: not a flag, a word or a form of one.
        missed = ("127.0.0.1:9", "does not exist", "no such file", "no objects passed")
        assert done.returncode == 0 or any(text in done.stderr for text in missed), (call, done.stderr)


def _kubectl(said: str, folder: Path) -> set[tuple[str, ...]]:
    """The calls of kubectl in all commands, when it answers ``said``; other programs do nothing."""
    record = f'kubectl() {{ printf "%s\\0" "$@" "<end>" >>calls; printf %s {said!r}; }}\nsleep() {{ :; }}\n'
    record += "seq() { echo 1; }\n"
    others = "".join(f'{name}() {{ echo "np-1 0 v1"; }}\n' for name in TOOLS if name != "kubectl")
    commands = "\n".join(f"(\n{command}\n)" for command in COMMANDS)
    bash(record + others + commands, folder, PATH=os.environ["PATH"], **ASKED)
    words = (folder / "calls").read_text("utf-8").split("\0")
    found, call = set(), list[str]()
    for word in words:
        if word == "<end>":
            found.add(tuple(call))
            call = []
        else:
            call.append(word)
    return found
