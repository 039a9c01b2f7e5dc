"""The one shape of every action: looked at before and after, applied until nothing is left, never sent twice unseen."""

from __future__ import annotations

from typing import Any

from hybridc.cloud.trouble import Trouble, broken, late, refused
from hybridc.publish.plan import Action, Change, Refusal, Result
from hybridc.publish.run import Hands, Make, run
from hybridc.publish.show import lines, markdown, unreached


class World:
    """A set of things that there shall be, and requests that make one of them each."""

    def __init__(self, wanted: set[str], faults: list[Trouble | None] | None = None, *, stores: bool = True) -> None:
        self.wanted = wanted
        self.there: set[str] = set()
        self.log: list[str] = []
        self.faults = faults or []
        self.stores = stores

    def action(self, step: str) -> Action:
        def read() -> frozenset[str]:
            self.log.append("read")
            return frozenset(self.there)

        def differ(seen: frozenset[str]) -> list[Change]:
            return [Change("+", name) for name in sorted(self.wanted - seen)]

        def apply(seen: Any) -> None:
            name = min(self.wanted - seen)
            self.log.append(f"make {name}")
            if self.stores:
                self.there.add(name)
            fault = self.faults.pop(0) if self.faults else None
            if fault is not None:
                raise fault

        return Action(step, read, differ, apply)


def unseen(step: str) -> Result:
    return Result(step, "yours", said="routes stand in the routers", help="look")


def hands(make: Make) -> Hands:
    return Hands(frozenset({"oss.script", "oss.bucket"}), make, unseen)


def results(world: World, *, agree: bool | None = True, steps: tuple[str, ...] = ("oss.script",)) -> list[Result]:
    return list(run(steps, hands(world.action), None if agree is None else lambda *_: bool(agree), ()))


def test_a_plan_makes_nothing() -> None:
    world = World({"x"})
    assert [each.status for each in results(world, agree=None)] == ["different"]
    assert world.log == ["read"]


def test_what_is_as_it_should_be_is_looked_at_once() -> None:
    world = World(set())
    assert [each.status for each in results(world)] == ["same"]
    assert world.log == ["read"]


def test_every_request_is_followed_by_a_look() -> None:
    world = World({"x", "y"})
    (done,) = results(world)
    assert (done.status, [change.text for change in done.changes]) == ("done", ["x", "y"])
    assert world.log == ["read", "make x", "read", "make y", "read"]


def test_a_request_of_unknown_fate_is_not_sent_again_when_it_was_done() -> None:
    world = World({"x"}, [broken("ram", "CreateUser", "Connection reset")])
    assert [each.status for each in results(world)] == ["done"]
    assert world.log == ["read", "make x", "read"]


def test_a_request_that_never_works_ends_with_its_own_sentence() -> None:
    world = World({"x"}, [broken("ram", "CreateUser", "Connection reset")] * 9, stores=False)
    (failed,) = results(world)
    assert failed.status == "failed"
    assert failed.said == "no answer from ram to CreateUser: Connection reset"


def test_a_failure_is_said_although_the_look_after_it_fails_too() -> None:
    """The time is over, say: what went wrong first is what a person needs."""
    world = World({"x"}, [broken("ram", "CreateUser", "Connection reset")])

    def blind(step: str) -> Action:
        action = world.action(step)

        def read() -> Any:
            if "make x" in world.log:
                raise late("ram", "GetUser", 3)
            return action.read()

        return action._replace(read=read)

    (failed,) = run(["oss.script"], hands(blind), lambda *_: True)
    assert (failed.status, failed.said) == ("failed", "no answer from ram to CreateUser: Connection reset")


def test_what_changes_again_and_again_is_not_reported_as_done() -> None:
    (failed,) = results(World({"x"}, stores=False))
    assert failed.status == "failed"
    assert "is not as the spec says" in failed.said


def test_what_was_accepted_and_does_not_show_is_not_asked_for_twice() -> None:
    world = World({"x"}, stores=False)
    list(run(["oss.script"], hands(world.action), lambda *_: True, (0.0, 0.0)))
    assert world.log == ["read", "make x", "read", "read", "read"]


def test_after_a_failure_nothing_more_is_reached() -> None:
    world = World({"x"}, [refused("ram", "CreateUser", 403, "NoPermission", "no", action="ram:CreateUser")])
    first, second = results(world, steps=("oss.script", "oss.bucket"))
    assert (first.status, second.status) == ("failed", "not reached")
    assert "lacks ram:CreateUser" in first.help
    assert world.log == ["read", "make x"]


def test_a_no_ends_it() -> None:
    world = World({"x"})
    assert [each.status for each in results(world, agree=False, steps=("oss.script", "oss.bucket"))] == [
        "declined",
        "not reached",
    ]
    assert world.log == ["read"]


def test_a_refusal_says_what_to_do() -> None:
    def refuse(_: str) -> Action:
        raise Refusal("it is not ours", "take another name")

    (result,) = run(["oss.script"], hands(refuse), lambda *_: True)
    assert (result.status, result.said, result.help) == ("refused", "it is not ours", "take another name")


def test_a_step_of_a_person_that_is_not_seen_done_ends_it() -> None:
    world = World({"x"})
    first, second = results(world, steps=("network.routes", "oss.script"))
    assert (first.status, second.status) == ("yours", "not reached")
    assert world.log == []


def test_each_reason_of_a_refusal_is_a_line() -> None:
    def refuse(_: str) -> Action:
        raise Refusal("no node may come yet:", "do the steps", ("eni-config: is not there", "a: b*\nc"))

    (result,) = run(["oss.script"], hands(refuse), lambda *_: True)
    assert lines(result)[1:] == [
        "  no node may come yet:",
        "    eni-config: is not there",
        "    a: b*\\nc",
        "  help: do the steps",
    ]
    assert "\n  - eni-config: is not there\n  - a: b\\*" in markdown("x", [result])


def test_steps_that_were_not_reached_are_one_line() -> None:
    found = list(run(["network.routes", "oss.bucket", "oss.script"], hands(World(set()).action), None))
    assert unreached(found) == ["not reached: oss.bucket, oss.script"]
    assert unreached(found[:1]) == []


def test_what_would_be_made_twice_is_left_to_the_next_run() -> None:
    world = World({"x"}, [broken("cs", "CreateClusterNodePool", "Connection reset")] * 9, stores=False)

    def once(step: str) -> Action:
        return world.action(step)._replace(once=True)

    (failed,) = run(["oss.script"], hands(once), lambda *_: True, ())
    assert failed.status == "failed"
    assert world.log == ["read", "make x", "read"]
