"""Nodes are replaced and pools emptied as the sentences say: never fewer nodes than before, none lost undrained."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.records import replace
from tests.steps import cloud, cover

from hybridc.lower.steps.step import Step

pytestmark = pytest.mark.needs("debian")

ROW = ("calico hook", "argocd", "addon", "oss", "oss", "kubeadm", "by hand", "", "https://git.example.com/a.git")


def steps(purpose: str) -> dict[str, Step]:
    spec = cover.spec(ROW)
    spec = replace(spec, alibaba_cloud=replace(spec.alibaba_cloud, region="cn-hangzhou"))
    return {step.id: step for step in cover.day_two(spec)[purpose]}


def run(folder: Path, environment: dict[str, str], *commands: str) -> None:
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (command, done.stderr)


@pytest.mark.parametrize("nodes", [0, 1, 3])
def test_every_node_is_replaced_and_none_is_lost(nodes: int, tmp_path: Path) -> None:
    environment = cloud.world(tmp_path, nodes)
    found = steps("change-pool")
    run(tmp_path, environment, *(found[f"pool.hand.{what}"].command for what in ("pause", "mark", "new", "replace")))
    state = cloud.state(tmp_path)
    assert len(state["nodes"]) == state["desired"] == nodes
    assert not state["scaling"]
    old = [f"node-{number}" for number in range(1, nodes + 1)]
    assert set(state["nodes"]).isdisjoint(old)
    # One more than before while a node is drained; each is removed after that, and nothing else goes.
    assert state["done"] == [text for name in old for text in (f"drained {name}, {nodes + 1} there", f"removed {name}")]


def test_what_was_begun_goes_on(tmp_path: Path) -> None:
    environment = cloud.world(tmp_path, 3)
    found = steps("change-pool")
    run(tmp_path, environment, *(found[f"pool.hand.{what}"].command for what in ("mark", "new", "new")))
    assert len(cloud.state(tmp_path)["nodes"]) == 4, "a second time brings no second node"
    refuses = tmp_path / "kubectl"
    text = refuses.read_text("utf-8")
    refuses.write_text(text.replace("exec ", 'case "$*" in "drain node-2 "*) exit 1 ;; esac\nexec '), "utf-8")
    command = found["pool.hand.replace"].command
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    assert set(cloud.state(tmp_path)["nodes"]) == {"node-2", "node-3", "node-4", "node-5"}
    refuses.write_text(text, "utf-8")
    run(tmp_path, environment, command)
    assert set(cloud.state(tmp_path)["nodes"]) == {"node-4", "node-5", "node-6"}


@pytest.mark.parametrize("after", [1, 2, 3, 4], ids=["1st", "2nd", "3rd", "4th"])
@pytest.mark.parametrize("call", ["PUT", "DELETE"])
def test_an_interruption_anywhere_leaves_no_pool_short(call: str, after: int, tmp_path: Path) -> None:
    """The CLI fails at one call, as when a shell is closed there; what is run again ends with as many as before."""
    environment = cloud.world(tmp_path, 3)
    found = steps("change-pool")
    run(tmp_path, environment, *(found[f"pool.hand.{what}"].command for what in ("pause", "mark", "new", "mark")))
    program, command = tmp_path / "aliyun", found["pool.hand.replace"].command
    text, count = program.read_text("utf-8"), tmp_path / "count"
    fails = f'case "$2" in {call}) echo >>{count}; [ "$(wc -l <{count})" -ne {after} ] || exit 1 ;; esac\nexec '
    program.write_text(text.replace("exec ", fails), "utf-8")
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    run(tmp_path, environment, command, command)
    state = cloud.state(tmp_path)
    assert len(state["nodes"]) == state["desired"] == 3
    assert {node["marked"] for node in state["nodes"].values()} == {""}


def test_only_nodes_of_another_version_are_marked(tmp_path: Path) -> None:
    environment = cloud.world(tmp_path, 2)
    run(tmp_path, environment, steps("upgrade-kubernetes")["pool.hand.mark"].command)
    version = cover.spec(ROW).cluster.kubernetes_version
    marked = {node["marked"] == "2" for node in cloud.state(tmp_path)["nodes"].values()}
    assert marked == {version != "1.34.2"}


def test_a_pool_goes_when_it_is_empty(tmp_path: Path) -> None:
    environment = cloud.world(tmp_path, 2)
    found = steps("remove-pool")
    look = subprocess.run(["bash", "-c", found["see.pool"].command], env=environment, capture_output=True, check=False)
    assert look.returncode == 1
    run(
        tmp_path,
        environment,
        *(found[i].command for i in ("pool.pause", "pool.drain", "pool.empty", "see.pool", "pool.delete")),
    )
    state = cloud.state(tmp_path)
    assert (state["nodes"], state["pool"]) == ({}, False)
    assert state["done"] == ["drained node-1, 2 there", "drained node-2, 2 there", "removed node-1", "removed node-2"]
