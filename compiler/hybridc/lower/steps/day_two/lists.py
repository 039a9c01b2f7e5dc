"""Every list of day two, by the word that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hybridc.lower.steps.day_two import access_key, ca, change, kubernetes, roll_back, terway, token, uninstall
from hybridc.lower.steps.day_two.day import Day, Nothing, Steps, in_a_row
from hybridc.lower.steps.step import Step
from hybridc.spec.model import Spec

LISTS: dict[str, Callable[[Day], Steps | Nothing]] = {
    "upgrade-kubernetes": kubernetes.upgrade,
    "rotate-token": token.rotate,
    "rotate-accesskey": access_key.rotate,
    "rotate-ca": ca.rotate,
    "add-zone": terway.add_zone,
    "change-pool": change.change_pool,
    "remove-pool": change.remove_pool,
    "upgrade-terway": terway.upgrade,
    "roll-back": roll_back.roll_back,
    "uninstall": uninstall.uninstall,
}


def steps_for(purpose: str, spec: Spec, first: Sequence[Step]) -> tuple[Step, ...] | Nothing:
    """The steps of a purpose, one of LISTS; ``first`` are those around a build of this spec."""
    found = LISTS[purpose](Day(spec, {step.id: step for step in first}))
    return found if isinstance(found, Nothing) else in_a_row(found)
