"""``addon.<name>``: managed add-ons in the version of the spec, installed or upgraded, and waited for.

States: GetClusterAddonInstanceResponseBody of alibabacloud_cs20151215 7.2.3. An add-on whose version the spec leaves to
ACK is installed in the version that ACK offers, and never upgraded here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from hybridc.catalog import ack as catalog
from hybridc.catalog import numbers
from hybridc.cloud.trouble import Trouble
from hybridc.publish import ack
from hybridc.publish.context import Context
from hybridc.publish.plan import Action, Change, Refusal
from hybridc.spec.origin import plain

_ACTIVE = "active"
_LONGEST = 100
_PAUSE = 5.0
"""Seconds between two looks at an add-on that is being installed."""


class Seen(NamedTuple):
    """``version`` and ``state`` as ACK says, None and "" where it is not there; ``offered`` where that is needed."""

    version: str | None
    state: str
    offered: str | None


def action(context: Context, step: str) -> Action:
    """Installs an add-on, or upgrades it. Raises Refusal where Terway's own chart is used."""
    name = step.removeprefix("addon.")
    if name not in context.bundle.addons:
        raise Refusal(f"{name} is no managed add-on of this spec", "Terway's chart is synced like everything else")
    body: dict[str, Any] = _body(context, name)
    wanted: str | None = body.get("version")

    def read() -> Seen:
        found = ack.addon(context, name)
        if found is None:
            return Seen(None, "", wanted or _offered(context, name))
        return Seen(str(found.get("version") or ""), str(found.get("state") or ""), wanted)

    def differ(seen: Seen) -> list[Change]:
        if seen.version is None:
            return [Change("+", f"add-on {name} {seen.offered}")]
        if wanted is not None and seen.version != wanted:
            _check_upgrade(name, seen.version, wanted)
            return [Change("~", f"add-on {name} {seen.version} → {wanted}")]
        if seen.state == _ACTIVE:
            return []
        return [Change("~", f"add-on {name}: {seen.state or 'no state'} → {_ACTIVE}")]

    def apply(seen: Seen) -> None:
        if seen.version is None:
            ack.install_addon(context, {**body, "version": seen.offered})
        elif wanted is not None and seen.version != wanted and seen.state == _ACTIVE:
            upgrade = {"component_name": name, "version": seen.version, "next_version": wanted}
            ack.upgrade_addon(context, {**upgrade, **({"config": body["config"]} if "config" in body else {})})
        _wait(context, name)

    return Action(step, read, differ, apply)


def _body(context: Context, name: str) -> dict[str, Any]:
    (body,) = context.bundle.addons[name]
    found = {key: value for key, value in body.items() if key != "config"}
    config: Mapping[str, str] = {"config": json.dumps(plain(body["config"].data))} if "config" in body else {}
    return {**plain(found), **config}


def _offered(context: Context, name: str) -> str:
    """The version that ACK offers this cluster. Raises Trouble, Refusal."""
    versions = [str(each.get("version") or "") for each in ack.offered_addons(context) if each.get("name") == name]
    if not versions or not versions[0]:
        raise Refusal(f"ACK offers no add-on {name} for this cluster", "look at its name in hybrid.yaml")
    return versions[0]


def _check_upgrade(name: str, live: str, wanted: str) -> None:
    """Refuse an older version: ACK has no way back."""
    # What ACK answers is cut: no version is as long, and a number of thousands of digits is none.
    if numbers(wanted) < numbers(live[:_LONGEST]):
        raise Refusal(
            f"add-on {name} runs {live}, the spec says {wanted}, which is older",
            f"set the version that runs, or uninstall it: hybridc steps has the command (addon.{name})",
        )


def _wait(context: Context, name: str) -> None:
    """Until the add-on is active. Raises Trouble when the time is over: the next run looks on."""
    while True:
        found = ack.addon(context, name)
        if found is not None and found.get("state") == _ACTIVE:
            return
        if context.deadline.left <= _PAUSE:
            state = "not there" if found is None else str(found.get("state"))
            raise Trouble(
                f"add-on {name} is {state} after {context.deadline.seconds:g} s",
                f"run this again, it looks first; what fails shows in kubectl -n {catalog.NAMESPACE} get pods",
            )
        time.sleep(_PAUSE)
