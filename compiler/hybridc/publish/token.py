"""``token.put``: the join token where nodes read it, made here (``--mint``) or given.

A value is shown nowhere: not in a change, a note, an error, and it is no argument.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from pathlib import Path
from typing import NamedTuple

from hybridc.catalog import joins
from hybridc.publish import mint, token_object
from hybridc.publish.context import Context
from hybridc.publish.plan import Action, Change, Refusal
from hybridc.publish.token_object import Object

_MOST = 65536
"""Bytes, as the node script takes them."""


_ENDS = "when the token ends is not seen: put another before that"


class Given(NamedTuple):
    """A token, and what to say of where it comes from."""

    value: str
    notes: tuple[str, ...]


class Seen(NamedTuple):
    """Whether there is a bucket, and what nodes read."""

    bucket: bool
    object: Object | None


def action(context: Context, step: str) -> Action:
    """Puts a token that was given, or makes one. Raises Refusal where neither is possible."""
    url, join, flags = token_object.url(context), context.spec.node_init.join, context.flags
    if join.token.source == "oss" and join.token.ttl_seconds == 0:
        raise Refusal("a token for ever must not lie where the whole VPC reads it", "join.token.ttl: 24h, or ramRole")
    if flags.mint:
        return mint.action(context, step, url)
    if flags.token_file is None and flags.token_env is None:
        return _look(context, step, url)
    return _given_action(context, step, url)


def _look(context: Context, step: str, url: str) -> Action:
    """Nothing is put: a token that is there is enough, else a flag says where one comes from."""
    kubeadm = context.spec.node_init.join.method == "kubeadm"
    ways = ("--mint makes it; " if kubeadm else "") + "--token-file FILE (- is stdin), --token-env NAME"

    def read() -> str:
        """What is known of the token, "" when no node could join with it."""
        found = token_object.look(context) if token_object.has_bucket(context) else None
        if found is None or not _fits(context, found.value):
            return ""
        if not kubeadm:
            return _ENDS
        minting = mint.Minting(context, url)
        seen = minting.read()
        if not minting.is_put(seen):
            return ""
        chosen = minting.chosen(seen)
        return "; ".join(minting.notes(seen)) if chosen is not None and chosen.value == found.value else _ENDS

    def differ(known: str) -> list[Change]:
        if not known:
            raise Refusal(f"nodes find no token at {url} that will do: where does one come from?", ways)
        return []

    return Action(step, read, differ, lambda _: None, lambda known: [known])


def _given_action(context: Context, step: str, url: str) -> Action:
    given = _given(context)
    _check(context, given.value)

    def read() -> Seen:
        there = token_object.has_bucket(context)
        return Seen(there, token_object.look(context) if there else None)

    def differ(seen: Seen) -> list[Change]:
        if seen.object is not None and seen.object.value == given.value:
            return []
        return [Change("+" if seen.object is None else "~", f"object {url}: the token that was given")]

    def apply(seen: Seen) -> None:
        token_object.need_bucket(seen.bucket)
        token_object.put(context, given.value)

    return Action(step, read, differ, apply, lambda _: (*given.notes, _ENDS))


def _given(context: Context) -> Given:
    """The token, hidden from here on. Raises Refusal."""
    raw, where, notes = _raw(context)
    try:
        value = raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise Refusal(f"{where} is no text", "it holds the token, and nothing else") from None
    context.identity.hide(value)
    if not value or len(raw) > _MOST:
        raise Refusal(f"{where} holds {'no token' if not value else 'too much'}", "the token, and nothing else")
    return Given(value, notes)


def _raw(context: Context) -> tuple[bytes, str, tuple[str, ...]]:
    """Bytes, where they come from, and notes. Raises Refusal; a name may be a token that was mistaken for one."""
    name, file = context.flags.token_env, context.flags.token_file
    if name is not None:
        where = f"the variable {context.identity.clean(name)}"
        # Programs that are started from here, such as credential plugins, do not get it.
        return os.environb.pop(os.fsencode(name), b""), where, ()
    if file == "-":
        return b"" if sys.stdin is None else sys.stdin.buffer.read(_MOST + 1), "standard input", ()
    where = context.identity.clean(str(file))
    try:
        with Path(str(file)).open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            shared = stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH)
            note = f"{where} can be read by others than its owner: chmod 600"
            return opened.read(_MOST + 1), where, (note,) if shared else ()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "this is no path"
        raise Refusal(f"the token cannot be read from {where}: {reason}", "--token-file FILE holds it") from None


def _check(context: Context, value: str) -> None:
    """Refuse what no node could join with, and a token of an agent that does not end or does not name the CA."""
    method = context.spec.node_init.join.method
    way = joins.join(method)
    form = way.ending_form if way.ending else way.token_form
    if not _fits(context, value):
        raise Refusal(
            f"what was given is no token of {method}{form}",
            f"make one: {way.create}; never the server's own, which makes control-plane nodes",
        )


def _fits(context: Context, value: str) -> bool:
    """Whether nodes could join with it, and may."""
    way = joins.join(context.spec.node_init.join.method)
    pattern = way.ending or way.token
    return bool(value) and (pattern is None or re.fullmatch(pattern, value) is not None)
