"""With Terraform the steps are the same ones: a folder is applied at its place, and what is there is not made again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.steps import cover

from hybridc.lower.steps.step import Step
from hybridc.lower.steps.terraform import ACCOUNT, ADDONS, POOLS, folders

SPECS = {" | ".join(row): cover.spec(row) for row in cover.rows()}
WITH = {name: cover.in_terraform(spec) for name, spec in SPECS.items()}


@pytest.mark.parametrize("name", WITH)
def test_a_folder_is_applied_by_its_own_steps_and_by_no_other(name: str) -> None:
    spec = WITH[name]
    for step in cover.steps_of(spec):
        applied = [folder for folder in (ACCOUNT, ADDONS, POOLS) if f"-chdir={folder} apply" in step.command]
        folder = folders(spec).get(step.id)
        assert applied == ([folder] if folder else []), step.id
        assert not (folder and step.published_by), "what Terraform owns is not published by another"
    assert {step.id for step in cover.steps_of(spec) if folders(spec).get(step.id) == POOLS} == {
        f"pool.{pool.name}.create" for pool in spec.node_pools
    }


@pytest.mark.parametrize("name", WITH)
def test_ids_order_and_every_other_step_are_those_of_a_spec_without(name: str) -> None:
    spec = WITH[name]
    plain = {step.id: step for step in cover.steps_of(SPECS[name])}
    steps = cover.steps_of(spec)
    assert [(step.id, step.after) for step in steps] == [(step.id, step.after) for step in plain.values()]
    assert all(step == plain[step.id] for step in steps if step.id not in folders(spec))


WORLD = '''#!%s
"""terraform and aliyun, as far as the steps call them: a state, and the pools of a cluster."""
import json, sys
from pathlib import Path

file = Path(sys.argv[0]).parent / "world.json"
world = json.loads(file.read_text("utf-8"))
name, words = Path(sys.argv[0]).name, [word for word in sys.argv[1:] if not word.startswith("-")]
if name == "aliyun":
    print(json.dumps({"nodepools": world["pools"]}))
elif words[:2] == ["state", "list"]:
    print("\\n".join(address for address in world["state"] if address in words[2:] or not words[2:]))
elif words[:2] == ["state", "show"]:
    print(world["state"][words[2]])
elif words[:2] == ["state", "rm"]:
    del world["state"][words[2]]
elif words[0] == "import":
    world["state"][words[1]] = words[2]
elif words[0] == "apply":
    world["applied"] += 1
file.write_text(json.dumps(world), "utf-8")
'''


def run(step: Step, folder: Path, **world: object) -> tuple[int, dict[str, object], str]:
    """Do a step in a small world; its exit code, what became of the world, and what was said."""
    for name in ("terraform", "aliyun"):
        (folder / name).write_text(WORLD % sys.executable, "utf-8")
        (folder / name).chmod(0o755)
    (folder / "world.json").write_text(json.dumps({"state": {}, "pools": [], "applied": 0, **world}), "utf-8")
    pools = {"resource": {"alicloud_cs_kubernetes_node_pool": {"hand": {"node_pool_name": "hand"}}}}
    (folder / POOLS).mkdir(parents=True, exist_ok=True)
    (folder / POOLS / "pools.tf.json").write_text(json.dumps(pools), "utf-8")
    command = ["/bin/bash", "-c", step.command]
    environment = {"PATH": f"{folder}:/usr/bin:/bin"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, json.loads((folder / "world.json").read_text("utf-8")), done.stderr


def step_of(step_id: str) -> Step:
    """A step of a spec with a script in OSS and pools."""
    for spec in WITH.values():
        found = {step.id: step for step in cover.steps_of(spec)}
        if step_id in found and step_id in folders(spec):
            return found[step_id]
    raise AssertionError(step_id)


SCRIPT = "alicloud_oss_bucket_object.script"
POOL = "alicloud_cs_kubernetes_node_pool.hand"
MINE = {"key": "hybridc.dev/cluster", "value": str(next(iter(SPECS.values())).name)}


def pool(*tags: dict[str, str]) -> dict[str, object]:
    return {"nodepool_info": {"name": "hand", "nodepool_id": "np-1"}, "scaling_group": {"tags": list(tags)}}


def key() -> str:
    """The key that the step looks for."""
    return next(line.split()[-2] for line in step_of("oss.script").command.splitlines() if "grep -F" in line)


@pytest.mark.parametrize("there", ["old", "same", "none"])
def test_a_script_of_before_is_let_go_and_never_deleted(there: str, tmp_path: Path) -> None:
    state = {"old": {SCRIPT: 'key = "idc/init-node-ecs-000000000000.sh"'}, "same": {SCRIPT: f'key = "{key()}"'}}
    code, world, _ = run(step_of("oss.script"), tmp_path, state=state.get(there, {}))
    assert (code, world["applied"]) == (0, 1)
    assert world["state"] == (state["same"] if there == "same" else {})


def test_a_pool_that_is_there_is_imported_once(tmp_path: Path) -> None:
    create = step_of("pool.hand.create")
    code, world, _ = run(create, tmp_path, pools=[pool(MINE)])
    assert (code, world["applied"]) == (0, 1)
    (imported,) = world["state"].items()  # type: ignore[attr-defined]
    assert imported[0] == POOL
    assert imported[1].endswith(":np-1")
    code, again, _ = run(create, tmp_path, pools=[pool(MINE)], state=world["state"])
    assert (code, again) == (0, {**world, "applied": 1})


def test_a_pool_of_the_same_name_that_is_not_this_clusters_is_left_alone(tmp_path: Path) -> None:
    for tags in ([], [{"key": "hybridc.dev/cluster", "value": "another"}]):
        code, world, said = run(step_of("pool.hand.create"), tmp_path, pools=[pool(*tags)])
        assert code != 0
        assert (world["applied"], world["state"]) == (0, {})
        assert "without this cluster's tag" in said
