"""``oss.bucket`` and ``oss.policy``: a private bucket in the region, and who may read in it.

A bucket has one policy, and putting one replaces it, so it is read, merged and put. OSS's grammar has no Sid
(authorization syntax and elements, 26 March 2026): a statement is ours when it names nothing but keys of this cluster.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hybridc.catalog import api, regions
from hybridc.cloud.trouble import Trouble, strange
from hybridc.lower.names import key_prefix
from hybridc.publish.context import Context
from hybridc.publish.plan import Action, Change, Refusal
from hybridc.spec.origin import plain

Statement = dict[str, Any]
_PRIVATE = "private"
_EMPTY: dict[str, Any] = {"Version": "1", "Statement": []}


class Bucket(NamedTuple):
    """What OSS says of a bucket: ``location`` as OSS names regions, ``acl``, whether Block Public Access is on."""

    location: str
    acl: str
    blocked: bool


def action(context: Context, step: str) -> Action:
    """The bucket, or its policy. Raises Refusal where the spec has no bucket."""
    if context.spec.node_init.oss is None:
        raise Refusal("this spec has nothing in OSS", f"take {step} out of what is to be done")
    return _policy(context, step) if step == "oss.policy" else _bucket(context, step)


def look(context: Context) -> Bucket | None:
    """The bucket; None when there is none. Raises Trouble, and Refusal for one that must not be used."""
    name, region = _name(context), str(context.spec.alibaba_cloud.region)
    try:
        info = context.oss.call("get_bucket_info", bucket=name).bucket_info
    except Trouble as trouble:
        if trouble.code == api.NO_BUCKET:
            return None
        raise
    if info is None or not info.location or not info.acl:
        raise strange("oss", "GetBucketInfo", "neither region nor ACL")
    found = Bucket(str(info.location), str(info.acl), bool(info.block_public_access))
    if found.location != regions.of_oss(region):
        raise Refusal(
            f"the bucket {name} is in {found.location}, the nodes are in {region}",
            "take a bucket of that region: its internal endpoint answers there alone",
        )
    if found.acl != _PRIVATE:
        raise Refusal(
            f"the bucket {name} is {found.acl}: everybody on the internet reads it",
            "make it private (whoever uses it may rely on the ACL), or take another bucket",
        )
    return found


def _name(context: Context) -> str:
    oss = context.spec.node_init.oss
    assert oss is not None  # noqa: S101 - action() has looked
    return str(oss.bucket)


def _bucket(context: Context, step: str) -> Action:
    name, region = _name(context), str(context.spec.alibaba_cloud.region)

    def differ(seen: Bucket | None) -> list[Change]:
        return [] if seen is not None else [Change("+", f"bucket {name} in {region}, private")]

    def apply(_: Bucket | None) -> None:
        context.oss.call("put_bucket", again=False, bucket=name, acl=_PRIVATE)

    def notes(seen: Bucket | None) -> list[str]:
        return (
            ["Block Public Access is on: the policy that follows names one VPC, so it may stay on"]
            if seen and seen.blocked
            else []
        )

    return Action(step, lambda: look(context), differ, apply, notes)


def _policy(context: Context, step: str) -> Action:
    name = _name(context)
    keys = f"acs:oss:*:{context.spec.alibaba_cloud.account_id}:{name}/{key_prefix(context.spec)}"
    wanted: list[Statement] = plain(context.bundle.oss["bucket-policy"])["Statement"]

    def read() -> dict[str, Any]:
        if look(context) is None:
            return _EMPTY
        try:
            body = context.oss.call("get_bucket_policy", bucket=name).body
        except Trouble as trouble:
            if trouble.code == api.NO_BUCKET_POLICY:
                return _EMPTY
            raise
        return _parsed(name, body)

    def differ(seen: dict[str, Any]) -> list[Change]:
        live = {canonical(each): each for each in _statements(seen) if is_ours(each, keys)}
        ours = {canonical(each): each for each in wanted}
        gone = [Change("-", _said(each)) for key, each in live.items() if key not in ours]
        return [*gone, *(Change("+", _said(each)) for key, each in ours.items() if key not in live)]

    def apply(seen: dict[str, Any]) -> None:
        others = [each for each in _statements(seen) if not is_ours(each, keys)]
        merged = {**seen, "Statement": [*others, *wanted]}
        # Putting the same twice is harmless; between the look and the put somebody else's put would be lost.
        context.oss.call("put_bucket_policy", bucket=name, body=json.dumps(merged).encode())

    def notes(seen: dict[str, Any]) -> list[str]:
        others = sum(not is_ours(each, keys) for each in _statements(seen))
        return [f"{others} statement{'s' if others > 1 else ''} of others stay as they are"] if others else []

    return Action(step, read, differ, apply, notes)


def _parsed(bucket: str, body: str | bytes) -> dict[str, Any]:
    found: Any = None
    try:
        found = json.loads(body)
        canonical(found)
    except (ValueError, RecursionError):
        found = None
    listed = found.get("Statement") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise Refusal(
            f"the policy of the bucket {bucket} is not one that hybridc can read", "look at it in the console"
        )
    return dict(found)


def _statements(policy: Mapping[str, Any]) -> Sequence[Statement]:
    return list(policy["Statement"])


def is_ours(statement: Statement, keys: str) -> bool:
    """Whether a statement names nothing but what begins with ``keys``."""
    named = _items(statement.get("Resource"))
    return bool(named) and all(isinstance(each, str) and each.startswith(keys) for each in named)


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def canonical(value: Any) -> str:
    """A statement as it counts: order and a single value outside of a list mean nothing."""
    return json.dumps(_sorted(value), sort_keys=True)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) if isinstance(item, dict) else _sorted(_items(item)) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(item) if isinstance(item, dict) else str(item) for item in value), key=json.dumps)
    return value


def _said(statement: Statement) -> str:
    who = (
        "everybody"
        if _items(statement.get("Principal")) == ["*"]
        else ", ".join(map(str, _items(statement.get("Principal"))))
    )
    given = statement.get("Condition")
    where = ", ".join(
        f"{key} {operator} {', '.join(map(str, _items(values)))}"
        for operator, each in (given.items() if isinstance(given, dict) else [("", {"Condition": given})])
        for key, values in (each.items() if isinstance(each, dict) else [("", each)])
        if values is not None
    )
    actions, resources = (", ".join(map(str, _items(statement.get(key)))) for key in ("Action", "Resource"))
    verb = "may" if statement.get("Effect") == "Allow" else "may not"
    return f"{who}{f' with {where}' if where else ''} {verb} {actions} on {resources}"
