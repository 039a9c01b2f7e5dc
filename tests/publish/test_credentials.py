"""``publish credentials``: a key of the RAM user into the Secret, another one in time, and no forgotten orphan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.lab.servers.account import Key, Principal
from tests.publish.around import objects_of
from tests.publish.cloud import FAULTS, Cloud, Kill, Ran
from tests.publish.kube import Kube, kube

SECRET = "alibaba-addon-secret"
USER = "ack-terway"
LONG = ("--deadline", "20")


@contextmanager
def fresh(cloud: Cloud, *, there: bool = False) -> Iterator[Kube]:
    """A cluster where everything was synced; ``there``: with a Secret that somebody else wrote."""
    items = [each for each in objects_of(cloud) if there or each["metadata"]["name"] != SECRET]
    with kube(items) as api:
        api.kubeconfig(cloud.folder)
        cloud.account.user(USER)
        for key in keys(cloud):
            del cloud.account.keys[key.id]
        yield api


@pytest.fixture
def user(cloud: Cloud) -> Cloud:
    cloud.write(spec={"ram": {"user": USER}})
    return cloud


def publish(cloud: Cloud, *flags: str, **more: Any) -> Ran:
    where = ("--kubeconfig", str(cloud.folder / "kubeconfig"), *(LONG if "--deadline" not in flags else ()))
    return cloud.publish("credentials", "--yes", *where, *flags, **more)


def keys(cloud: Cloud) -> list[Key]:
    return cloud.account.keys_of(Principal("User", USER))


def active(cloud: Cloud) -> list[str]:
    return [key.id for key in keys(cloud) if key.active]


def held(api: Kube) -> str:
    return api.values[SECRET]["access-key-id"]


def test_first_a_key_and_the_secret_then_nothing(user: Cloud) -> None:
    with fresh(user) as api:
        first = publish(user)
        assert (first.code, user.writes(), api.written) == (0, ["CreateAccessKey"], [f"PATCH secrets/{SECRET}"])
        (key,) = keys(user)
        assert api.values[SECRET] == {"access-key-id": key.id, "access-key-secret": key.secret}
        user.forget()
        second = publish(user)
        assert (second.code, user.writes(), len(api.written)) == (0, [], 1)


def test_a_plan_makes_no_key(user: Cloud) -> None:
    with fresh(user) as api:
        ran = user.publish("credentials", "--kubeconfig", str(user.folder / "kubeconfig"))
        assert (ran.code, user.writes(), api.written) == (1, [], [])
        assert "AccessKey of ack-terway in the Secret kube-system/alibaba-addon-secret" in ran.out


def test_a_user_that_is_not_there_yet_is_no_end_of_a_plan(user: Cloud) -> None:
    with fresh(user) as api:
        del user.account.users[USER]
        plan = user.publish("credentials", "--kubeconfig", str(user.folder / "kubeconfig"))
        assert (plan.code, plan.out.splitlines()[0]) == (1, "credentials.secret: would change")
        ran = publish(user)
        assert (ran.code, user.writes(), api.written) == (1, [], [])
        assert "there is no RAM user ack-terway yet" in ran.out
        assert "hybridc publish ram makes it" in ran.out


def test_a_secret_of_somebody_else_is_left_alone(user: Cloud) -> None:
    with fresh(user, there=True) as api:
        ran = publish(user)
        assert (ran.code, user.writes(), api.written) == (0, [], [])
        assert "--adopt" in ran.out
        assert publish(user, "--adopt").code == 0
        assert user.writes() == ["CreateAccessKey"]


def test_a_key_that_was_never_stored_goes_before_the_next_is_made(user: Cloud) -> None:
    with fresh(user) as api:
        orphan = user.account.new_key(Principal("User", USER))
        ran = publish(user)
        assert (ran.code, user.writes()) == (0, ["DeleteAccessKey", "CreateAccessKey"])
        assert "never stored or used" in ran.out
        assert orphan.id not in active(user)
        assert active(user) == [held(api)]


def test_keys_that_are_used_are_never_touched(user: Cloud) -> None:
    with fresh(user) as api:
        for _ in range(2):
            user.account.new_key(Principal("User", USER)).used = datetime.now(UTC)
        ran = publish(user)
        assert (ran.code, user.writes(), api.written) == (1, [], [])
        assert "RAM allows 2" in ran.out


def test_a_secret_that_cannot_be_written_leaves_no_key(user: Cloud) -> None:
    with fresh(user) as api:
        api.refuses = 403
        ran = publish(user)
        assert ran.code == 3
        assert keys(user) == []
        assert "403" in ran.out


def test_an_old_key_is_rotated_and_the_old_one_ends_in_its_time(user: Cloud) -> None:
    with fresh(user) as api:
        publish(user)
        (old,) = keys(user)
        old.created, old.used = datetime.now(UTC) - timedelta(days=100), datetime.now(UTC)
        ran = publish(user, "--rotate-older-than", "90")
        assert ran.code == 0, ran.said
        assert held(api) != old.id
        assert active(user) == [held(api)]
        assert [each for each in api.written if each.startswith("PATCH daemonsets")] == [
            "PATCH daemonsets/terway-eniip"
        ]
        user.forget()
        assert (publish(user, "--rotate-older-than", "90").code, user.writes()) == (0, [])
        # A week later the disabled one is deleted.
        secret = api.find("secrets", SECRET)
        assert secret is not None
        week = (datetime.now(UTC) - timedelta(days=8)).isoformat()
        secret["metadata"]["annotations"]["hybridc.dev/access-key-since"] = week
        assert (publish(user).code, user.writes()) == (0, ["DeleteAccessKey"])
        assert [key.id for key in keys(user)] == [held(api)]


def test_the_old_key_works_until_the_addons_are_healthy_with_the_new_one(user: Cloud) -> None:
    with fresh(user) as api:
        publish(user)
        (old,) = keys(user)
        old.created, old.used = datetime.now(UTC) - timedelta(days=100), datetime.now(UTC)
        terway = api.find("daemonsets", "terway-eniip")
        assert terway is not None
        terway["status"].update(desiredNumberScheduled=2, updatedNumberScheduled=1)
        ran = publish(user, "--rotate-older-than", "90", "--deadline", "6")
        assert ran.code == 3
        assert "the old one still works" in ran.out
        assert old.id in active(user)
        terway["status"].update(updatedNumberScheduled=2)
        assert publish(user, "--rotate-older-than", "90").code == 0
        assert active(user) == [held(api)]


def test_a_key_that_ram_does_not_take_any_more_is_replaced(user: Cloud) -> None:
    with fresh(user) as api:
        publish(user)
        (old,) = keys(user)
        old.active, old.used = False, datetime.now(UTC)
        assert publish(user).code == 0
        assert active(user) == [held(api)]


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"silence before", "silence after"}))
def test_after_a_fault_a_second_run_ends_what_the_first_began(user: Cloud, fault: str) -> None:
    with fresh(user) as api:
        user.ram.fault(FAULTS[fault]("ram"), operation="CreateAccessKey")
        first = publish(user)
        assert first.code in (0, 3), first.said
        assert publish(user).code == 0
        assert active(user) == [held(api)]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 6))
def test_a_run_that_is_killed_is_run_again(user: Cloud, number: int, when: Any) -> None:
    with fresh(user) as api:
        publish(user, kill=Kill(number, when))
        assert publish(user).code == 0
        assert active(user) == [held(api)]
