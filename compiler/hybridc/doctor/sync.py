"""Argo CD and Flux: whether their objects are there, and what they say of the last sync."""

from __future__ import annotations

from typing import Any

from hybridc.doctor import configs
from hybridc.doctor.answer import Answer, step
from hybridc.doctor.look import Look, condition, objects
from hybridc.live.reads import Id
from hybridc.live.state import Unseen

Data = dict[str, Any]
_APPLY, _SYNC = step("gitops.apply"), step("gitops.sync")


def applied(look: Look) -> Answer:
    """Whether the engine has what a person applies once."""
    asked = objects(look.spec)
    if not asked:
        return Answer("not seen", "Argo CD runs in another cluster")
    missing = [each for each in asked if look.state.one(*each) is None]
    if not missing:
        return Answer("ok", f"{asked[0]} is there")
    if look.went_live:
        return Answer("not seen", f"no {missing[0]}, but a sync came to its end: something else brought it")
    return Answer("waiting", f"{missing[0]} is not there", _APPLY)


def readable(look: Look) -> Answer:
    """Whether the engine reads the repository: it has compared it with the cluster."""
    for each in objects(look.spec):
        item = look.state.one(*each) or {}
        if item.get("status", {}).get("sync", {}).get("status") in ("Synced", "OutOfSync"):
            return Answer("ok", f"{each} compares it")
    return Answer("by hand", "nothing in the cluster shows it")


def merged(look: Look) -> Answer:
    """Whether this build is in the repository: it was synced from there."""
    found = synced(look)
    if found.mark == "ok" and readable(look).mark == "ok":
        return Answer("ok", "this build was synced")
    return Answer("by hand", "nothing in the cluster shows it")


def synced(look: Look) -> Answer:
    """Whether the sync came to its end: the last object is this build's, and the engine is content."""
    try:
        found = [_said(each, look.state.one(*each)) for each in objects(look.spec)]
    except Unseen:
        found = []
    worst = next((each for each in found if each is not None), None)
    live = configs.agent_config(look)
    if worst is not None and (worst.mark == "wrong" or live.mark == "ok"):
        return worst
    if live.mark == "ok" and not look.went_live:
        return Answer("waiting" if objects(look.spec) else "not seen", "nothing shows a sync", _SYNC)
    return live._replace(seen=f"addNodeScriptPath {live.seen}")


def _said(asked: Id, item: Data | None) -> Answer | None:
    """What an object of an engine has against its last sync; None for nothing, and for one that is not there."""
    if item is None:
        return None
    return _application(asked, item) if asked.kind == "Application" else _flux(asked, item)


def _application(asked: Id, item: Data) -> Answer | None:
    status = item.get("status", {})
    operation = status.get("operationState", {})
    phase, message = operation.get("phase", ""), operation.get("message", "")
    if phase in ("Failed", "Error"):
        return Answer("wrong", f"{asked}: the sync failed: {message}", f"do what it says, then {_SYNC}")
    if phase == "Running":
        return Answer("waiting", f"{asked} is being synced: {message}".rstrip(": "))
    if status.get("sync", {}).get("status") == "OutOfSync":
        return Answer("wrong", f"{asked} is OutOfSync", _SYNC)
    if status.get("health", {}).get("status") == "Degraded":
        return Answer("wrong", f"{asked} is Degraded", "look at its resources in Argo CD")
    return None


def _flux(asked: Id, item: Data) -> Answer | None:
    found = condition(item, "Ready")
    if item.get("spec", {}).get("suspend"):
        return Answer("waiting", f"{asked} is suspended", _SYNC)
    if found.get("status") == "False":
        return Answer("wrong", f"{asked}: {found.get('message', found.get('reason', 'is not Ready'))}", _SYNC)
    return None if found.get("status") == "True" else Answer("waiting", f"{asked} is not Ready yet")
