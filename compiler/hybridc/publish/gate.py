"""The gate before node pools: no pool is made or grown before live reads show what a cloud node relies on.

A node that comes too early takes the IDC's network plugin, or waits for a script or a Secret that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal

from hybridc.catalog import ack
from hybridc.doctor import configs
from hybridc.doctor.answer import Answer, ask
from hybridc.doctor.answer import step as step_of
from hybridc.doctor.look import Look
from hybridc.doctor.steps import answered
from hybridc.lower.names import script_key
from hybridc.publish.context import Context
from hybridc.publish.plan import Refusal
from hybridc.publish.script import Script, live_digest

_STEPS = ("agent.private", "credentials.secret", "exclusion.by-hand", "see.exclusion", "see.terway")
"""Steps that must be seen done, where the spec has them."""
_CONFIGS: tuple[Literal["eniConfig", "dynamicConfigs"], ...] = ("eniConfig", "dynamicConfigs")


def look(context: Context, *more: str) -> tuple[str, ...]:
    """Why the gate is closed, a sentence each; none when it is open. ``more`` are steps beside those of every pool.

    Raises :class:`~hybridc.cloud.trouble.Trouble` when the cluster or OSS cannot be read.
    """
    live = context.look()
    seen = [*_seen(live, more), ("the script in OSS", _object(context))]
    return tuple(context.identity.clean(_reason(what, answer)) for what, answer in seen if answer.mark != "ok")


def _reason(what: str, answer: Answer) -> str:
    """What is seen, and where that is done when the name does not say it."""
    return f"{what}: {answer.seen}" + (f" ({answer.help})" if answer.help and answer.help != step_of(what) else "")


def require(context: Context, closed: tuple[str, ...]) -> None:
    """Refuse when the gate is closed and nobody says why to go on all the same (``--despite``)."""
    if closed and context.flags.despite is None:
        raise Refusal(
            "no node may come yet. What one needs is not seen in place:",
            "do the steps that are named, and run this again; --despite REASON goes on all the same, and is reported",
            closed,
        )


def notes(context: Context, closed: tuple[str, ...]) -> list[str]:
    """What is reported of a gate that was passed although it is closed."""
    reason = context.flags.despite
    return [f"the gate is closed ({each}), passed because: {reason}" for each in closed] if reason else []


def _seen(live: Look, more: tuple[str, ...]) -> Iterator[tuple[str, Answer]]:
    listed = [step.id for step in live.bundle.steps]
    asked = {*_STEPS, *more}
    for step in listed:
        if step in asked or step.startswith("addon."):
            yield step, answered(live, step)
    for part in _CONFIGS:
        for item in live.bundle.parts.get(part, ()):
            yield str(item["metadata"]["name"]), ask(partial(configs.config_map, live, item))
    yield ack.AGENT_CONFIG_KEY, ask(lambda: configs.agent_config(live))


def _object(context: Context) -> Answer:
    """Whether the object behind ``addNodeScriptPath`` is the script of this build, byte for byte."""
    script, oss = context.bundle.script, context.spec.node_init.oss
    if script is None:
        return Answer("ok", "ACK's own script is used")
    if context.spec.node_init.url is not None or oss is None:
        return Answer("not seen", f"{context.bundle.script_url} is not in OSS")
    wanted = Script(script.encode(), oss, script_key(context.spec, script))
    digest = live_digest(context, wanted)
    if digest is None:
        return Answer("wrong", f"{wanted.url} is not there")
    if digest != wanted.digest:
        return Answer("wrong", f"{wanted.url} holds something else than its name says")
    return Answer("ok", "is that of this build")
