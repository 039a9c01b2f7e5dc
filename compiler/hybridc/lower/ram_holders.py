"""The RAM policies of those who do the steps: ``publisher``, ``setup`` and ``operator``.

Which calls a step makes stands in the catalog; here they get the names of this cluster's resources. Policies go by
their full names: a wildcard would reach the holder's own policy (whoever may rewrite it may do anything) and those of a
cluster whose name starts with this one's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from hybridc.catalog.publish import Asked, Holder, asked
from hybridc.lower.names import NODE_TOKEN, policy_name, scripts_resource, security_groups_of, token_resource
from hybridc.spec.model import Spec
from hybridc.spec.origin import text

HOLDERS: tuple[Holder, ...] = get_args(Holder)
Resources = Mapping[str, Sequence[str]]
"""Kind → names of resources, as a policy has them."""


def documents(spec: Spec, products: Sequence[str], steps: Iterable[str]) -> dict[str, Any]:
    """By holder: the policy document; none for one who has nothing to do.

    ``products`` have a policy of their own, ``steps`` are the ids of the list of a build.
    """
    named, ids = resources(spec, products), list(steps)
    found = {holder: _statements([each for each, _ in needed(holder, ids)], named) for holder in HOLDERS}
    return {holder: {"Version": "1", "Statement": statements} for holder, statements in found.items() if statements}


def needed(holder: Holder, steps: Sequence[str]) -> Iterator[tuple[Asked, tuple[str, ...]]]:
    """What a holder is to ask, and for which of ``steps`` (for the operator: for which lists)."""
    for each in asked():
        if each.holder == holder:
            by = each.steps if holder == "operator" else tuple(step for step in steps if each.is_of(step))
            if by:
                yield each, by


def _statements(parts: Sequence[Asked], named: Resources) -> list[dict[str, Any]]:
    """One statement for each kind of resource that there is, in the order in which they are first asked about."""
    actions: dict[str, dict[str, None]] = {}
    for part in parts:
        if named[part.on]:
            actions.setdefault(part.on, {}).update(dict.fromkeys(part.actions))
    return [{"Effect": "Allow", "Action": [*those], "Resource": [*named[kind]]} for kind, those in actions.items()]


def resources(spec: Spec, products: Sequence[str]) -> Resources:
    """The resources of each kind that the catalog names; none of a kind that this spec does not have."""
    cloud = spec.alibaba_cloud
    cluster = text("acs:cs:{}:{}:cluster/{}", cloud.region, cloud.account_id, cloud.registered_cluster_id)
    return {"any": ["*"], "cluster": [cluster], "security groups": _groups(spec), **_oss(spec), **_ram(spec, products)}


def _groups(spec: Spec) -> list[str]:
    where = spec.alibaba_cloud.region, spec.alibaba_cloud.account_id
    return [text("acs:ecs:{}:{}:securitygroup/{}", *where, group) for group in security_groups_of(spec)]


def _oss(spec: Spec) -> dict[str, list[str]]:
    oss = spec.node_init.oss
    if spec.node_init.mode != "script" or oss is None:
        return {"bucket": [], "scripts": [], "token": []}
    return {
        "bucket": [text("acs:oss:*:{}:{}", spec.alibaba_cloud.account_id, oss.bucket)],
        "scripts": [scripts_resource(spec, oss)] if spec.node_init.url is None else [],
        "token": [token_resource(spec, oss)] if spec.node_init.join.token.source in ("oss", "ramRole") else [],
    }


def _ram(spec: Spec, products: Sequence[str]) -> dict[str, list[str]]:
    """What makes something is asked for on all of its kind; the name of what is made is no limit then."""
    user, role = spec.ram.user, spec.ram.role
    own = [product for product in products if product != NODE_TOKEN]
    with_token = [NODE_TOKEN] if NODE_TOKEN in products else []
    roles = [name for name in (role, spec.node_init.join.token.role if with_token else None) if name is not None]

    def named(kind: str, names: Iterable[Any]) -> list[str]:
        return [text("acs:ram:*:{}:{}/{}", spec.alibaba_cloud.account_id, kind, name) for name in names]

    def policies(of: Iterable[str]) -> list[str]:
        return named("policy", [policy_name(spec, product) for product in of])

    return {
        "user": named("user", [] if user is None else [user]),
        "new user": named("user", [] if user is None else ["*"]),
        "roles": named("role", dict.fromkeys(roles)),
        "new role": named("role", ["*"] if roles else []),
        "policies": policies(products),
        "new policy": named("policy", ["*"] if products else []),
        "policies of the user": policies(own if user is not None else []),
        "policies of roles": policies([*(own if role is not None else []), *with_token]),
    }
