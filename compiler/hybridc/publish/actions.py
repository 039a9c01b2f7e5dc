"""Which steps are done here, and by which module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from hybridc.publish.context import Context
from hybridc.publish.plan import Action

Make = Callable[[Context, str], Action]
"""The action of a step, by its id."""

_MODULES: Mapping[str, str] = {
    "oss.script": "script",
    "addon.": "addons",
    "pool.": "pools",
}
"""Step, or the first part of its id with a dot → the module below :mod:`hybridc.publish` whose ``action`` does it."""


def is_done_here(step: str) -> bool:
    """Whether ``publish`` does a step."""
    return _module(step) is not None


def action(context: Context, step: str) -> Action:
    """The action of a step that is done here."""
    make = cast(Make, import_module(f"hybridc.publish.{_module(step)}").action)
    return make(context, step)


def _module(step: str) -> str | None:
    return _MODULES.get(step) or _MODULES.get(f"{step.split('.')[0]}.")
