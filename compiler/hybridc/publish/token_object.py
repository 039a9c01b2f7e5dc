"""The object in OSS that nodes read the token from."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from hybridc.catalog import api
from hybridc.cloud.trouble import Trouble
from hybridc.lower.names import token_key
from hybridc.publish import bucket
from hybridc.publish.context import Context
from hybridc.publish.plan import Refusal

CONTENT_TYPE = "text/plain; charset=utf-8"


class Object(NamedTuple):
    """``value`` is the token, ``written`` when OSS took it, None where it does not say."""

    value: str
    written: datetime | None


def url(context: Context) -> str:
    """For people: ``oss://bucket/key``. Raises Refusal where the spec has no such object."""
    oss, source = context.spec.node_init.oss, context.spec.node_init.join.token.source
    if oss is None or source not in ("oss", "ramRole"):
        raise Refusal(f"nodes take the token from {source}, which hybridc does not reach", "hybridc steps says how")
    return f"oss://{oss.bucket}/{token_key(context.spec)}"


def has_bucket(context: Context) -> bool:
    """Whether the bucket is there. Raises Trouble, and Refusal for one that is public or elsewhere."""
    return bucket.look(context) is not None


def look(context: Context) -> Object | None:
    """What nodes read now; None when it is not there. Raises Trouble."""
    try:
        found = context.oss.call("get_object", **_place(context))
    except Trouble as trouble:
        if trouble.code in api.ABSENT:
            return None
        raise
    value = found.content.decode("utf-8", "replace").strip()
    context.identity.hide(value)
    return Object(value, found.last_modified)


def put(context: Context, value: str) -> None:
    """Replaces the object in one request; the same twice is harmless. Raises Trouble."""
    context.identity.hide(value)
    context.oss.call("put_object", body=value.encode(), content_type=CONTENT_TYPE, **_place(context))


def need_bucket(there: bool) -> None:
    """Raises Refusal where there is none yet."""
    if not there:
        raise Refusal("there is no bucket yet", "hybridc publish oss makes it, and says who may read in it")


def _place(context: Context) -> dict[str, Any]:
    oss = context.spec.node_init.oss
    assert oss is not None  # noqa: S101 - url() has looked
    return {"bucket": str(oss.bucket), "key": token_key(context.spec)}
