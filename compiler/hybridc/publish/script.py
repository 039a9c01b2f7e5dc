"""``oss.script``: the node script where ``addNodeScriptPath`` points.

Its name is its content, so an object of that name is either the script or damaged, and what nodes use today is never
touched.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from hybridc.cloud.trouble import Trouble
from hybridc.lower.names import script_key
from hybridc.publish.context import Context
from hybridc.publish.plan import Action, Change, Refusal

CONTENT_TYPE = "text/x-shellscript; charset=utf-8"


class Seen(NamedTuple):
    """The object: its digest, None when it is not there."""

    digest: str | None


def action(context: Context, step: str) -> Action:
    """Uploads the script; refuses to overwrite an object of that name with another content."""
    script, oss = context.bundle.script, context.spec.node_init.oss
    if script is None or oss is None:
        raise Refusal("the script of this spec is not in OSS", "serve it where nodeInit.script.url says")
    bucket, key = str(oss.bucket), script_key(context.spec, script)
    raw = script.encode()
    digest = hashlib.sha256(raw).hexdigest()

    def read() -> Seen:
        try:
            found = context.oss.call("get_object", bucket=bucket, key=key)
        except Trouble as trouble:
            if trouble.code == "NoSuchKey":
                return Seen(None)
            raise
        return Seen(hashlib.sha256(found.content).hexdigest())

    def differ(seen: Seen) -> list[Change]:
        if seen.digest is None:
            return [Change("+", f"object oss://{bucket}/{key} ({len(raw):,} bytes)")]
        if seen.digest != digest:
            raise Refusal(f"oss://{bucket}/{key} holds something else than its name says", "delete that object")
        return []

    def apply(_: Seen) -> None:
        context.oss.call(
            "put_object",
            again=False,
            bucket=bucket,
            key=key,
            body=raw,
            content_type=CONTENT_TYPE,
            forbid_overwrite=True,
        )

    return Action(step, read, differ, apply)
