"""``publish token`` where a token is there already: it stays, is replaced in a hurry, or renewed by a CI."""

from __future__ import annotations

import os
import re
import signal
from datetime import timedelta

import pytest
from tests.lab.servers.oss import Stored
from tests.publish.around import built, compiled
from tests.publish.cloud import Ran
from tests.publish.token_world import BUCKET, GIVEN, K10, KEY, World
from tests.steps import cover


def test_one_that_leaked_is_replaced_though_it_is_fresh(world: World) -> None:
    world.mint("--yes")
    old = world.object
    world.forget()
    assert (world.mint("--yes", "--renew").code, world.writes()) == (0, ["POST", "PutObject"])
    assert world.object != old
    world.forget()
    assert (world.mint("--yes").code, world.writes()) == (0, [])


def test_the_list_to_rotate_names_a_command_that_makes_another(world: World) -> None:
    """The step after it revokes the token that was there."""
    listed = cover.day_two(compiled(world.cloud).spec)["rotate-token"]
    (command,) = (step.published_by for step in listed if step.id == "token.put")
    world.mint("--yes")
    old = world.object
    assert command.startswith("hybridc publish token.put --mint ")
    assert world.mint("--yes", *command.split()[4:]).code == 0
    assert world.object != old


def test_without_a_flag_a_token_that_is_there_is_enough(world: World) -> None:
    def look() -> Ran:
        return world.cloud.publish("token", "--yes", "--kubeconfig", str(world.api.kubeconfig(world.cloud.folder)))

    ran = look()
    assert ran.code == 1
    assert "--mint" in ran.out
    world.mint("--yes")
    world.forget()
    assert (look().code, world.writes()) == (0, [])
    world.age(timedelta(hours=13))
    assert look().code == 1
    world.age(timedelta(hours=12))
    assert look().code == 1
    world.cloud.oss.buckets[BUCKET].objects[KEY] = Stored(GIVEN.encode())
    assert look().code == 1
    name = f"bootstrap-token-{GIVEN[:6]}"
    world.api.secrets[name] = {"metadata": {"name": name, "labels": {}}, "data": {}}
    ran = look()
    assert (ran.code, world.writes()) == (0, [])
    assert "when the token ends is not seen" in ran.out
    del world.api.secrets[name]


def test_a_token_of_k3s_that_is_there_is_enough(world: World) -> None:
    join = {"method": "k3s", "server": "https://192.168.10.5:6443", "token": {"from": "oss"}}
    world.cloud.write(spec={"nodeInit": {"join": join}})
    ran = world.cloud.publish("token", "--yes")
    assert ran.code == 1
    assert "--token-file" in ran.out
    assert "--mint" not in ran.out
    assert world.cloud.publish("token", "--yes", "--token-file", "-", stdin=K10).code == 0
    world.forget()
    assert (world.cloud.publish("token", "--yes").code, world.writes()) == (0, [])


def test_the_command_of_the_job_in_a_ci_works(world: World) -> None:
    """Options stand between the step and the spec, and the kubeconfig is in the environment."""
    job = (built(world.cloud) / "idc-hangzhou/cloud/ci/github.yaml").read_text()
    (line,) = re.findall(r"/bin/hybridc\" publish (.*) \"\$HYBRIDC_SPEC\"", job)
    path = world.api.kubeconfig(world.cloud.folder)
    env = {**world.cloud.environment(world.cloud.root), "KUBECONFIG": str(path)}
    ran = world.cloud.publish(*line.split(), str(world.cloud.folder / "hybrid.yaml"), env=env)
    assert ran.code == 0, ran.said
    world.seen |= set(world.api.values().values())
    assert [world.object] == list(world.api.values().values())


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("write", ["POST", "DELETE"])
def test_killed_at_a_write_to_the_cluster_and_run_again(world: World, write: str, when: str) -> None:
    world.mint("--yes")
    world.age(timedelta(hours=13))
    if write == "DELETE":
        world.mint("--yes")
        world.age(timedelta(hours=2))

    def kill(at: str) -> bool:
        if at == when and world.api.writes[-1:] == [write]:
            os.kill(world.cloud.pid, signal.SIGKILL)
            return True
        return False

    world.api.hook = kill
    assert world.mint("--yes").code == -9
    world.api.hook = lambda _: False
    assert world.mint("--yes").code == 0
    assert world.object in world.api.values().values()
    world.age(timedelta(hours=2))
    assert world.mint("--yes").code == 0
    assert list(world.api.values().values()) == [world.object]


def test_a_file_that_others_read_is_said(world: World) -> None:
    path = world.cloud.folder.parent / "token"
    path.write_text(GIVEN)
    for mode, said in ((0o640, True), (0o604, True), (0o600, False)):
        path.chmod(mode)
        ran = world.cloud.publish("token", "--plan", "--token-file", str(path))
        assert ("can be read by others" in ran.out) == said


def test_the_one_token_of_a_cronjob_is_made_anew(world: World) -> None:
    world.cloud.write(spec={"nodeInit": {"join": {"token": {"refresh": "cronJob"}}}})
    world.mint("--yes")
    old = world.object
    world.forget()
    assert (world.mint("--yes", "--renew").code, world.writes()) == (0, ["DELETE", "POST", "PutObject"])
    assert old != world.object
    assert list(world.api.values().values()) == [world.object]
