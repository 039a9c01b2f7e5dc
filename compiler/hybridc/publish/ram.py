"""``ram.user`` and ``ram.policies``: who the add-ons act as, and what that identity may do."""

from __future__ import annotations

from typing import Any

from hybridc.lower.names import made_for, maker
from hybridc.publish import ram_calls as calls
from hybridc.publish import ram_roles as roles
from hybridc.publish.context import Context
from hybridc.publish.plan import Action, Change
from hybridc.publish.ram_calls import Role, Wanted
from hybridc.publish.ram_policies import Policies


def action(context: Context, step: str) -> Action:
    """What is to be done for ``ram.user`` or ``ram.policies``."""
    if step == "ram.policies":
        return Policies(context).action(step)
    role = context.spec.ram.role
    return _user(context, step, str(context.spec.ram.user)) if role is None else _role(context, step, str(role))


def _user(context: Context, step: str, name: str) -> Action:
    """The user, made when it is not there; one that is there is taken as it is."""
    mark = made_for(context.spec)
    make = Wanted("CreateUser", {"UserName": name, "Comments": mark}, (Change("+", f"RAM user {name}"),))

    def notes(seen: Any) -> list[str]:
        owner = maker(str((seen or {}).get("Comments") or ""))
        others = owner is not None and str(owner) != mark
        return [f"RAM user {name} says that it was {owner}: two clusters share its keys"] if others else []

    return Action(
        step,
        lambda: calls.user(context, name),
        lambda seen: make.changes if seen is None else (),
        lambda _: calls.send(context, make),
        notes,
    )


def _role(context: Context, step: str, name: str) -> Action:
    """The role, made when it is not there; one that is there is never changed."""
    make = roles.make(context, name)

    def differ(seen: Role | None) -> tuple[Change, ...]:
        if seen is None:
            return make.changes
        roles.check(context, name, seen)
        return ()

    return Action(
        step,
        lambda: calls.role(context, name),
        differ,
        lambda _: calls.send(context, make),
        lambda seen: roles.notes(name, seen),
    )
