"""Which steps ``hybridc publish`` does, and with what command: the lists of steps say so beside the one by hand."""

from __future__ import annotations

from hybridc.catalog import ack
from hybridc.lower.steps.step import word
from hybridc.spec.model import Spec

PUBLISHED: frozenset[str] = frozenset(
    {"oss.bucket", "oss.policy", "oss.script", "token.put", "ram.", "credentials.", "addon.", "pool."}
)
"""Ids, or the first part of some with its dot: the keys of ``publish/actions.py``, which is a room below."""


def published_by(spec: Spec, step: str) -> str:
    """The command that does a step of this spec; "" where a person has to."""
    if not (step in PUBLISHED or f"{step.split('.')[0]}." in PUBLISHED) or _is_elsewhere(spec, step):
        return ""
    return " ".join(["hybridc publish", word(step), *_flags(spec, step)])


def _is_elsewhere(spec: Spec, step: str) -> bool:
    """Whether what the step is about is not in the cloud, so that only a person reaches it."""
    init = spec.node_init
    if step == "oss.script":
        return init.url is not None
    if step == "token.put":
        return init.join.token.source not in ("oss", "ramRole")
    if step == f"addon.{ack.TERWAY_ADDON}":
        return spec.terway is not None and spec.terway.install == "chart"
    return step == "credentials.secret" and spec.ram.user is None


def _flags(spec: Spec, step: str) -> list[str]:
    """What the command needs besides: where the token comes from."""
    if step != "token.put":
        return []
    return ["--mint"] if spec.node_init.join.method == "kubeadm" else ["--token-file", '"$TOKEN_FILE"']
