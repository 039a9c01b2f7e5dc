"""Which steps are done here, and by which module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from hybridc.lower.bundle import Bundle
from hybridc.publish.context import Context
from hybridc.publish.plan import Action

Make = Callable[[Context, str], Action]
"""The action of a step, by its id."""

_MODULES: Mapping[str, str] = {
    "oss.bucket": "bucket",
    "oss.policy": "bucket",
    "oss.script": "script",
    "ram.": "ram",
    "token.put": "token",
    "credentials.": "credentials",
    "addon.": "addons",
    "pool.": "pools",
}
"""Step, or the first part of its id with a dot → the module below :mod:`hybridc.publish` whose ``action`` does it."""


def done_here(bundle: Bundle) -> frozenset[str]:
    """The steps of a spec that ``publish`` does: those whose list names its command."""
    return frozenset(step.id for step in bundle.steps if step.published_by)


def action(context: Context, step: str) -> Action:
    """The action of a step that is done here."""
    module = _MODULES.get(step) or _MODULES[f"{step.split('.')[0]}."]
    make = cast(Make, import_module(f"hybridc.publish.{module}").action)
    return make(context, step)
