"""``hybridc node-script``: the script itself, and what it will do in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.bare import written_bare
from tests.node_script import cover, specs

from hybridc.cli.main import main
from hybridc.compile import front
from hybridc.lower.node_plan import plan, text
from hybridc.lower.node_script import node_script

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = Path(__file__).parent / "goldens" / "explain"
GUIDE = ROOT / "examples" / "guide" / "hybrid.yaml"
ROWS = cover.pairwise()
Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(row))
def test_the_plan_is_that_of_the_script(row: cover.Row) -> None:
    """The same phases with the same exit codes in the same order, and nothing in it that the script does not say."""
    spec = cover.spec(row)
    script = node_script(spec)
    main_function = script[script.index("\nmain() {") :]
    phases = [(int(code), name) for code, name in re.findall(r"(?m)^  phase (\d+) (\w+)$", main_function)]
    assert [(phase.code, phase.name) for phase in plan(spec)] == phases
    said = text(spec)
    assert all(f"\n{name}() {{" in script for _, name in phases)
    for words in re.findall(r"(?m)^ +(?:dnf|apt-get): ((?!repository)\S.*)$", said):
        assert all(f"'{word}'" in script for word in words.split())
    for value in re.findall(r"--max-pods=\d+|sha256:?\s?\w{64}|kubeadm\.k8s\.io/\w+", said):
        assert value.removeprefix("--max-pods=").removeprefix("sha256 ") in script
    assert "Signature=" not in said


@pytest.mark.parametrize("name", ["guide", "two-zone", "everything"])
def test_examples(name: str, golden: Callable[[Path, str], None]) -> None:
    path = ROOT / "examples" / name / "hybrid.yaml"
    spec = front(path.name, path.read_bytes(), "2026-01-01").spec
    assert spec is not None
    golden(GOLDENS / f"{name}.txt", text(spec) + "\n")


def test_the_script_on_stdout(capsys: Capture) -> None:
    assert main(["node-script", str(GUIDE)]) == 0
    spec = front("hybrid.yaml", GUIDE.read_bytes(), "2026-01-01").spec
    assert spec is not None
    assert capsys.readouterr().out == node_script(spec)


def test_the_plan_on_stdout(capsys: Capture) -> None:
    assert main(["node-script", "--explain", str(GUIDE)]) == 0
    assert capsys.readouterr().out == (GOLDENS / "guide.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("os: alinux3", "os: alinux9"), "alinux9"),
        (("apiVersion", "apiVersoin"), "apiVersoin"),
    ],
    ids=["unknown system", "no spec"],
)
def test_a_wrong_spec(change: tuple[str, str], says: str, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "hybrid.yaml"
    path.write_text(GUIDE.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    assert main(["node-script", str(path)]) == 2
    said = capsys.readouterr()
    assert (said.out, says in said.err) == ("", True), said.err


def test_nodes_that_ack_joins_itself(tmp_path: Path, capsys: Capture) -> None:
    text = (ROOT / "examples" / "two-zone" / "hybrid.yaml").read_text(encoding="utf-8")
    path = tmp_path / "hybrid.yaml"
    path.write_text(re.sub(r"(?m)^  nodeInit:\n(    .*\n)+", "  nodeInit: {mode: managed}\n", text), encoding="utf-8")
    assert main(["node-script", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith(f"hybridc: error: {path}: nodeInit.mode is managed: there is no script\n")


def test_no_such_file(capsys: Capture) -> None:
    assert main(["node-script", "none/hybrid.yaml"]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_a_warning_is_an_error_when_strict(tmp_path: Path, capsys: Capture) -> None:
    assert main(["node-script", "--strict", str(written_bare(tmp_path))]) == 2
    assert capsys.readouterr().out == ""


def test_a_plan_without_a_pool_or_a_mirror() -> None:
    said = text(specs.spec(37, os="debian-12", packages=specs.packages("preinstalled")))
    assert "the image has containerd, kubelet and kubeadm 1.37" in said
    assert "refuses cgroup v1" in said
