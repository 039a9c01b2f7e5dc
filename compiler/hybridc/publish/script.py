"""``oss.script``: the node script where ``addNodeScriptPath`` points, and the old ones that nothing needs any more.

Its name is its content, so an object of that name is either the script or damaged, and what nodes use today is never
touched. Old scripts are a Git revert's; they go with ``--prune-older-than`` alone.
"""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from hybridc.catalog import ack, api
from hybridc.cloud.trouble import Trouble, strange
from hybridc.live.state import Unseen
from hybridc.lower.names import key_prefix, object_url, script_key
from hybridc.publish import bucket
from hybridc.publish.context import Context
from hybridc.publish.plan import Action, Change, Refusal
from hybridc.spec.node_model import Oss

CONTENT_TYPE = "text/x-shellscript; charset=utf-8"
_FILE = "cloud/node/init-node-ecs.sh"
_NAMES = "init-node-ecs-"


class Seen(NamedTuple):
    """``digest`` is that of the object, None when it is not there; ``old`` are keys that may go."""

    digest: str | None
    old: tuple[str, ...]


class Script(NamedTuple):
    """A script, and its place."""

    raw: bytes
    oss: Oss
    key: str

    @property
    def url(self) -> str:
        """For people: ``oss://bucket/key``."""
        return f"oss://{self.oss.bucket}/{self.key}"

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal."""
        return hashlib.sha256(self.raw).hexdigest()


def action(context: Context, step: str) -> Action:
    """Uploads the script; refuses to overwrite an object of that name with another content."""
    script = _script(context)

    def read() -> Seen:
        if bucket.look(context) is None:
            return Seen(None, ())
        return Seen(live_digest(context, script), _old(context, script))

    def differ(seen: Seen) -> list[Change]:
        if seen.digest not in (None, script.digest):
            raise Refusal(
                f"{script.url} holds something else than its name says",
                "see who wrote it, delete that object, and run this again: nodes may have run what it holds",
            )
        new = [Change("+", f"object {script.url} ({len(script.raw):,} bytes)")] if seen.digest is None else []
        return [*new, *(Change("-", f"object oss://{script.oss.bucket}/{key}") for key in seen.old)]

    def apply(seen: Seen) -> None:
        if seen.digest is None:
            target = {"bucket": str(script.oss.bucket), "key": script.key, "content_type": CONTENT_TYPE}
            context.oss.call("put_object", again=False, body=script.raw, forbid_overwrite=True, **target)
        for key in seen.old:
            context.oss.call("delete_object", bucket=str(script.oss.bucket), key=key)

    def notes(seen: Seen) -> list[str]:
        if seen.digest is None:
            return [f"it goes through {context.oss.endpoint}; nodes read it at {context.bundle.script_url}"]
        return [f"{script.url} was read back: sha256 {script.digest}"]

    return Action(step, read, differ, apply, notes)


def _script(context: Context) -> Script:
    """The script of the spec, which is that of the folder of the build, where there is one. Raises Refusal."""
    text, oss = context.bundle.script, context.spec.node_init.oss
    if text is None or oss is None or context.spec.node_init.url is not None:
        raise Refusal("the script of this spec is not in OSS", "hybridc steps says where it is served")
    built = Path(context.flags.out, str(context.spec.name), _FILE)
    try:
        same = built.read_bytes() == text.encode()
    except FileNotFoundError:
        same = True
    if not same:
        raise Refusal(
            f"{built} is not what the spec compiles to",
            "hybridc build: what is uploaded is what is reviewed; -o names another folder",
        )
    return Script(text.encode(), oss, script_key(context.spec, text))


def live_digest(context: Context, script: Script) -> str | None:
    """SHA-256 of the object; None when it is not there. Raises Trouble."""
    try:
        found = context.oss.call("get_object", bucket=str(script.oss.bucket), key=script.key)
    except Trouble as trouble:
        if trouble.code in api.ABSENT:
            return None
        raise
    return hashlib.sha256(found.content).hexdigest()


def _old(context: Context, script: Script) -> tuple[str, ...]:
    """Keys of scripts that were replaced long enough ago; none without ``--prune-older-than``.

    Neither that of the spec nor that of the live ``addNodeScriptPath`` is among them, nor one of another prefix.
    """
    days = context.flags.prune_days
    if days is None:
        return ()
    kept = {script.key, _live(context, script)}
    listed = sorted(_listed(context, script))
    # A script is as old as the one that came after it.
    replaced = [(after[0], key) for (_, key), after in pairwise(listed)]
    limit = datetime.fromtimestamp(time.time() - days * 86400, UTC)
    return tuple(key for since, key in replaced if since < limit and key not in kept)


def _listed(context: Context, script: Script) -> list[tuple[datetime, str]]:
    """Every script of this cluster: when it was written, and its key. Raises Trouble."""
    found: list[tuple[datetime, str]] = []
    token: str | None = None
    while True:
        page = context.oss.call(
            "list_objects_v2",
            bucket=str(script.oss.bucket),
            prefix=f"{key_prefix(context.spec)}{_NAMES}",
            delimiter="/",
            continuation_token=token,
        )
        listed = page.contents or ()
        if not all(each.key and each.last_modified for each in listed):
            raise strange("oss", "ListObjectsV2", "an object without a key or a time")
        found += [(each.last_modified, str(each.key)) for each in listed if each.key.endswith(".sh")]
        before, token = token, page.next_continuation_token
        if not page.is_truncated or not token:
            return found
        if token == before:
            raise strange("oss", "ListObjectsV2", "a page that follows itself")


def _live(context: Context, script: Script) -> str:
    """The key that ACK hands to new nodes. Raises Trouble, and Refusal when it cannot be seen."""
    try:
        live = (context.look().state.config_map(ack.NAMESPACE, ack.AGENT_CONFIG) or {}).get(ack.AGENT_CONFIG_KEY, "")
    except Unseen as hole:
        raise Refusal(f"nothing is removed: {hole}", "a script that new nodes run must stay") from None
    return live.removeprefix(object_url(script.oss, "")) or "-"
