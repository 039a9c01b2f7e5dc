"""``publish token``: made or given, the object that nodes read holds it, and nobody else sees it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.lab.servers.oss import Stored
from tests.node_script import specs
from tests.publish.cloud import FAULTS, Kill
from tests.publish.secrets_api import TYPE
from tests.publish.test_rights import statements
from tests.publish.token_world import BUCKET, GIVEN, K10, KEY, World

from hybridc.catalog.publish import asked


def test_made_put_and_then_nothing(world: World) -> None:
    assert world.mint("--plan").code == 1
    assert world.writes() == []
    first = world.mint("--yes")
    assert (first.code, world.writes()) == (0, ["POST", "PutObject"]), first.said
    assert [world.object] == list(world.api.values().values())
    world.forget()
    assert (world.mint("--yes", "--format", "json").code, world.writes()) == (0, [])


def test_the_secret_is_that_of_kubeadm(world: World) -> None:
    world.mint("--yes", "--ttl", "2h")
    (item,) = world.api.secrets.values()
    data = {key: base64.b64decode(value).decode() for key, value in item["data"].items()}
    assert (item["type"], data["auth-extra-groups"]) == (TYPE, "system:bootstrappers:kubeadm:default-node-token")
    assert data["usage-bootstrap-authentication"] == data["usage-bootstrap-signing"] == "true"
    assert {"token-id", "token-secret", "description"} <= set(data)
    left = datetime.fromisoformat(data["expiration"]) - datetime.now(UTC)
    assert timedelta(minutes=115) < left <= timedelta(hours=2)


def test_a_new_one_below_half_of_its_life_and_the_old_one_goes_an_hour_later(world: World) -> None:
    world.mint("--yes")
    old = world.object
    world.age(timedelta(hours=11))
    world.forget()
    assert (world.mint("--yes").code, world.writes()) == (0, [])
    world.age(timedelta(hours=2))
    second = world.mint("--yes")
    assert (second.code, world.writes()) == (0, ["POST", "PutObject"])
    assert "1 before it: revoked an hour after" in second.out
    assert old[:6] not in second.said
    assert world.object != old
    assert old in world.api.values().values()
    world.age(timedelta(minutes=50))
    world.forget()
    assert (world.mint("--yes").code, world.writes()) == (0, [])
    world.age(timedelta(minutes=20))
    assert (world.mint("--yes").code, world.writes()) == (0, ["DELETE"])
    assert list(world.api.values().values()) == [world.object]


def test_tokens_of_others_are_left_alone(world: World) -> None:
    foreign = {"metadata": {"name": "bootstrap-token-other0", "labels": {}}, "data": {}, "type": TYPE}
    foreign["metadata"]["creationTimestamp"] = "2020-01-01T00:00:00Z"  # type: ignore[index]
    world.api.secrets["bootstrap-token-other0"] = foreign
    world.cloud.oss.buckets[BUCKET].objects[KEY] = Stored(b"other0.zyxw543210fedcba")
    foreign["data"] = {
        "token-id": base64.b64encode(b"other0").decode(),
        "token-secret": base64.b64encode(b"zyxw543210fedcba").decode(),
    }
    assert world.mint("--yes").code == 0
    assert "bootstrap-token-other0" in world.api.secrets
    assert not world.object.startswith("other0")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 8))
def test_killed_at_a_request_to_the_cloud_and_run_again(world: World, number: int, when: Any) -> None:
    world.mint("--yes", kill=Kill(number, when))
    again = world.mint("--yes")
    assert again.code == 0, again.said
    assert [world.object] == list(world.api.values().values())


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_to_the_cluster_that_breaks_makes_one_token(world: World, when: str) -> None:
    left = [when]
    world.api.hook = lambda at: at in left and bool(left.pop())
    ran = world.mint("--yes")
    assert ran.code == 0, ran.said
    assert [world.object] == list(world.api.values().values())


@pytest.mark.parametrize("name", sorted(set(FAULTS) - {"silence before", "silence after"}))
def test_a_fault_of_the_put_is_said_or_overcome(world: World, name: str) -> None:
    world.cloud.oss.fault(FAULTS[name]("oss"), operation="PutObject")
    first = world.mint("--yes")
    assert first.code in (0, 3), first.said
    if first.code == 0:
        assert [world.object] == list(world.api.values().values())
    else:
        assert "the next run puts it" in first.out or "was made and never put" in first.out
    assert world.mint("--yes").code == 0
    assert [world.object] == list(world.api.values().values())


def test_two_at_once_end_with_the_same(world: World) -> None:
    """The second makes one and puts it while the first stands between Secret and object."""
    other = world.api.secrets

    def between(at: str) -> bool:
        if at == "after":
            (mine,) = other.values()
            data = {key: base64.b64decode(value).decode() for key, value in mine["data"].items()}
            data |= {"token-id": "zzzzzz", "token-secret": "fedcba9876543210"}
            encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
            other["bootstrap-token-zzzzzz"] = {
                **mine,
                "metadata": {**mine["metadata"], "name": "bootstrap-token-zzzzzz"},
                "data": encoded,
            }
            world.cloud.oss.buckets[BUCKET].objects[KEY] = Stored(b"zzzzzz.fedcba9876543210")
        return False

    world.api.hook = between
    ran = world.mint("--yes")
    assert ran.code == 0, ran.said
    assert world.object == "zzzzzz.fedcba9876543210"
    world.forget()
    assert (world.mint("--yes").code, world.writes()) == (0, [])


def test_a_public_bucket_gets_no_token(world: World) -> None:
    world.cloud.oss.buckets[BUCKET].acl = "public-read"
    assert (world.mint("--yes").code, world.writes()) == (1, [])


def _file(world: World) -> list[str]:
    path = world.cloud.folder.parent / "token"
    path.write_text(f"{GIVEN}\n")
    path.chmod(0o644)
    return ["--token-file", str(path)]


@pytest.mark.parametrize(
    "source", [_file, lambda _: ["--token-file", "-"], lambda _: ["--token-env", "T"]], ids=["file", "stdin", "env"]
)
def test_a_token_that_is_given(world: World, source: Callable[[World], list[str]]) -> None:
    words = source(world)
    key = world.cloud.root
    env = {**world.cloud.environment(key), "T": GIVEN}
    for wrote in (["PutObject"], []):
        world.forget()
        ran = world.cloud.publish("token", "--yes", *words, stdin=f"{GIVEN}\n", env=env)
        assert (ran.code, world.writes()) == (0, wrote), ran.said
        assert ("chmod 600" in ran.out) == (source is _file)
    assert world.object == GIVEN
    assert GIVEN not in "".join(ran.said for ran in world.cloud.runs)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "abcdef.0123",
        "K10aa::server:0123456789abcdef0123456789abcdef",
        f"{GIVEN}\n{GIVEN}",
        "ABCDEF.0123456789abcdef",
    ],
)
def test_what_no_node_joins_with_is_refused_and_not_repeated(world: World, given: str) -> None:
    ran = world.cloud.publish("token", "--yes", "--token-file", "-", stdin=given)
    assert (ran.code, world.writes()) == (1, [])
    assert not given or given not in ran.said


def test_a_token_in_place_of_a_file_or_a_variable_is_not_repeated(world: World) -> None:
    for flag in ("--token-file", "--token-env"):
        ran = world.cloud.publish("token", "--yes", flag, GIVEN)
        assert (ran.code, world.writes()) == (1, [])
        assert GIVEN not in ran.said


@pytest.mark.parametrize("words", [(), ("--mint", "--ttl", "0h")])
def test_nothing_to_put_is_refused(world: World, words: tuple[str, ...]) -> None:
    ran = world.cloud.publish("token", "--yes", *words)
    assert (ran.code, world.writes()) == (1, [])


@pytest.mark.parametrize(
    "words", [("--ttl", "24h"), ("--renew",), ("--mint", "--token-file", "x"), ("--mint", "--ttl", "soon")]
)
def test_flags_that_do_not_go_together(world: World, words: tuple[str, ...]) -> None:
    assert world.cloud.publish("token", "--yes", *words).code == 2


def test_killed_between_secret_and_object_the_token_is_used(world: World) -> None:
    assert world.mint("--yes", kill=Kill(6, "before")).code == -9
    (made,) = world.api.values().values()
    assert world.object == ""
    assert "was made and never put" in world.mint("--plan").out
    world.forget()
    assert (world.mint("--yes").code, world.writes()) == (0, ["PutObject"])
    assert world.object == made


@pytest.mark.parametrize("number", range(1, 5))
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_the_old_one_goes(world: World, number: int, when: Any) -> None:
    world.mint("--yes")
    world.age(timedelta(hours=13))
    world.mint("--yes")
    world.age(timedelta(hours=2))
    world.mint("--yes", kill=Kill(number, when))
    assert world.mint("--yes").code == 0
    assert list(world.api.values().values()) == [world.object]


def test_a_cluster_that_is_not_there_stops_before_anything_is_written(world: World) -> None:
    (world.cloud.folder / "kubeconfig").write_text(
        (world.cloud.folder / "kubeconfig").read_text().replace(f":{world.api.port}", ":1")
    )
    ran = world.mint("--yes", "--deadline", "5")
    assert (ran.code, world.writes()) == (3, [])
    assert "nothing listens at" in ran.out


FIXED = {"nodeInit": {"join": {"token": {"refresh": "cronJob"}}}}


def test_the_token_of_the_cronjob_has_its_id_and_is_made_once(world: World) -> None:
    world.cloud.write(spec=FIXED)
    assert world.mint("--yes").code == 0
    (name,) = world.api.secrets
    assert world.object.startswith(name.removeprefix("bootstrap-token-"))
    world.age(timedelta(hours=20))
    world.forget()
    assert (world.mint("--yes").code, world.writes()) == (0, [])
    world.age(timedelta(hours=20))
    assert (world.mint("--yes").code, world.writes()) == (0, ["DELETE", "POST", "PutObject"])
    assert [world.object] == list(world.api.values().values())


def test_the_token_of_the_cronjob_that_somebody_else_made_is_left_alone(world: World) -> None:
    world.cloud.write(spec=FIXED)
    assert world.mint("--yes").code == 0
    (item,) = world.api.secrets.values()
    item["metadata"]["labels"] = {}
    world.forget()
    assert (world.mint("--yes").code, world.writes()) == (0, [])
    del world.cloud.oss.buckets[BUCKET].objects[KEY]
    ran = world.mint("--yes")
    assert (ran.code, world.writes()) == (1, [])
    assert "is somebody else's" in ran.out


@pytest.mark.parametrize("method", ["k3s", "rke2"])
def test_an_agent_takes_a_token_that_ends_and_names_the_ca(world: World, method: str) -> None:
    world.cloud.write(spec={"nodeInit": {"join": specs.join(method, "oss")}})
    for wrong in (f"K10{'a' * 64}::server:0123456789abcdef", f"K10{'a' * 64}::node:0123456789abcdef", GIVEN):
        ran = world.cloud.publish("token", "--yes", "--token-file", "-", stdin=wrong)
        assert (ran.code, world.writes()) == (1, []), ran.said
        assert wrong not in ran.said
    assert world.cloud.publish("token", "--yes", "--mint").code == 1
    assert world.cloud.publish("token", "--yes", "--token-file", "-", stdin=f"{K10}\n").code == 0
    assert world.object == K10


def test_a_secret_of_ours_that_is_damaged_is_replaced(world: World) -> None:
    world.mint("--yes")
    (item,) = world.api.secrets.values()
    item["data"]["token-secret"] = base64.b64encode(b"Damaged-Secret-X").decode()
    item["data"]["expiration"] = base64.b64encode(b"soon").decode()
    assert world.mint("--yes").code == 0
    assert world.object in world.api.values().values()


def test_the_policy_of_ci_is_enough_and_each_right_is_asked_for(world: World) -> None:
    cloud = world.cloud
    publisher = cloud.account.user("publisher", *statements(cloud, "publisher"))
    ran = world.mint("--yes", key=publisher)
    assert ran.code == 0, ran.said
    told = {name for part in asked() if part.is_of("token.put") for name in (*part.reads, *part.writes)}
    assert set(cloud.asked()) - {"sts:GetCallerIdentity"} == told
