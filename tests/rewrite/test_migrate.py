"""A hybrid.yaml of hybridc 0.1.0 is one of today afterwards, with its comments, or what is left is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.programs import hybridc

from hybridc.cli.main import main
from hybridc.rewrite.moves import CURRENT, Move, migrate
from hybridc.rewrite.tree import Tree
from hybridc.source.reader import read

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "examples" / "guide" / "hybrid.yaml").read_text("utf-8")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return tmp_path / "hybrid.yaml"


def test_a_file_of_today_is_left_as_it_is(spec: Path, capsys: Capture) -> None:
    untidy = GUIDE.replace("kind: HybridCluster\n", "kind:   'HybridCluster'\n")
    assert untidy != GUIDE
    spec.write_bytes(untidy.replace("\n", "\r\n").encode())
    before = spec.read_bytes()
    assert main(["migrate", str(spec)]) == 0
    assert main(["migrate", "--check", str(spec)]) == 0
    assert capsys.readouterr() == ("", "")
    assert spec.read_bytes() == before


def test_the_token_of_agents_is_said(spec: Path, capsys: Capture) -> None:
    join = "    join:   # ours\n      method: rke2   # since 2025\n      server: https://192.168.0.10:9345\n"
    agents = GUIDE.replace("  nodeInit:\n", "  nodeInit:\n" + join)
    assert agents != GUIDE
    spec.write_text(agents, encoding="utf-8")
    assert main(["validate", str(spec)]) == 2
    assert main(["migrate", "--check", str(spec)]) == 2
    assert f"{spec}: would be migrated\n" in capsys.readouterr().out
    assert spec.read_text("utf-8") == agents
    main(["migrate", str(spec)])
    said = capsys.readouterr()
    assert said.out == f"{spec}: migrated\n"
    assert "spec.nodeInit.join.token.from: oss, which 0.1.0 took for granted" in said.err
    text = spec.read_text("utf-8")
    assert "    join:   # ours\n      method: rke2   # since 2025\n" in text
    assert "from: oss" in text
    assert "SPEC002" not in said.err
    assert main(["migrate", "--check", str(spec)]) in (0, 2)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("kind", ["flannel", "canal"])
def test_a_chart_without_an_affinity_gets_the_hook(kind: str) -> None:
    cni = f"    cni: {{type: {kind}, install: helm, delivery: values}}\n"
    text = f"apiVersion: {CURRENT}\nspec:\n  cluster:  # by Helm\n{cni}"
    after, changes = migrate(read("x", text.encode())[0])
    assert after == text.replace("values", "hook")
    assert changes == [f"spec.cluster.cni.delivery: hook, since the chart of {kind} takes no affinity"]
    kept = text.replace(kind, "calico")
    assert migrate(read("x", kept.encode())[0]) == (kept, [])


def test_what_is_left_is_named_with_a_way_out(spec: Path, capsys: Capture) -> None:
    spec.write_text(GUIDE.replace("v1alpha1", "v1beta7", 1), encoding="utf-8")
    assert main(["migrate", str(spec)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert 'SPEC010 error: apiVersion: expected hybridc.dev/v1alpha1, got "hybridc.dev/v1beta7"' in said.err
    assert "help: " in said.err


def test_a_dash_goes_to_standard_output() -> None:
    done = hybridc("migrate", "-", stdin=GUIDE.encode())
    assert (done.returncode, done.stdout) == (0, GUIDE)


def test_moves_lead_from_one_version_to_the_next() -> None:
    def add(tree: Tree) -> Iterator[str]:
        tree.set("/spec/new", 1)
        yield "spec.new: 1"

    moves = (Move("a/v1", "a/v2", "1.0", add), Move("a/v2", "a/v3", "2.0", lambda _: iter(())))
    text = "apiVersion: a/v1  # old\nspec:\n  # why\n  other: 2\n"
    after, changes = migrate(read("x", text.encode())[0], moves)
    assert changes == ["spec.new: 1", "apiVersion: a/v2", "apiVersion: a/v3"]
    assert after == "apiVersion: a/v3  # old\nspec:\n  # why\n  other: 2\n  new: 1\n"
    assert migrate(read("x", b"apiVersion: a/v0\n")[0], moves) == ("apiVersion: a/v0\n", [])
