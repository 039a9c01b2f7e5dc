"""What a list of day two starts from: the spec, and the steps of its first day, most of which come again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from hybridc.catalog import ack
from hybridc.lower.steps.step import Step, chain
from hybridc.spec.model import Spec


class Day(NamedTuple):
    """``spec`` is what shall be; ``first`` are the steps around its build, by id."""

    spec: Spec
    first: dict[str, Step]

    def again(self, step_id: str, **changed: Any) -> Step | None:
        """A step of the first day, which may run again; None where this spec has none."""
        step = self.first.get(step_id)
        return None if step is None else step._replace(**changed)


class Nothing(NamedTuple):
    """There is nothing to do for this spec, and why: a sentence."""

    why: str


Steps = Iterator[Step | None]


def in_a_row(steps: Iterable[Step | None]) -> tuple[Step, ...]:
    """The steps that there are, each after the one before it: day two has one order."""
    found = [step for step in steps if step is not None]
    before = ["", *(step.id for step in found)]
    return tuple(step._replace(after=(last,) if last else ()) for last, step in zip(before, found, strict=False))


def synced(day: Day) -> Steps:
    """The script, the merge and the sync: how a change of the spec reaches the cluster."""
    yield day.again("oss.script")
    yield day.again("git.merge")
    yield day.again("gitops.sync")


def see_node(day: Day) -> Step | None:
    """As on the first day; a cluster that runs may have no cloud node at the moment."""
    first = day.again("see.node")
    return first and first._replace(sentence=f"{first.sentence} Skip it while no pool has a node.")


def restart_terway(day: Day, why: str) -> Step | None:
    """Terway reads eni-config and the Secret when it starts, and not again."""
    if day.spec.terway is None:
        return None
    target = f"ds/{ack.TERWAY_DAEMON_SET}"
    return Step(
        "terway.restart",
        (),
        "kubectl: write DaemonSets in kube-system",
        f"{why} Pods that run keep their addresses; new ones wait until Terway of their node is back.",
        chain(
            f"kubectl -n {ack.NAMESPACE} rollout restart {target}",
            f"kubectl -n {ack.NAMESPACE} rollout status {target} --timeout=30m",
        ),
        "the restart is through",
        "bring the old configuration back, and restart again",
    )
