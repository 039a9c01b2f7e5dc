"""What the RAM policies of a build permit together, to whom, and why each right is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple, cast

from hybridc.catalog import ack, publish
from hybridc.catalog import ram as catalog
from hybridc.catalog import terway as facts
from hybridc.lower.bundle import Bundle
from hybridc.lower.names import NODE_TOKEN, policy_name
from hybridc.lower.ram_holders import HOLDERS, needed, resources
from hybridc.spec.model import Spec

Kind = Literal["user", "role", "publisher", "setup", "operator"]


class Reason(NamedTuple):
    """Why a policy (a name of ``bundle.ram``) has a right, and where that stands."""

    product: str
    why: str
    source: str


class Permission(NamedTuple):
    """One action on one resource; ``*`` in it stands for anything."""

    action: str
    resource: str
    reasons: tuple[Reason, ...]


class Identity(NamedTuple):
    """Who has policies: a RAM user or role of the spec, or whoever is given what a holder needs (``name`` is "")."""

    kind: Kind
    name: str
    products: tuple[str, ...]
    permissions: tuple[Permission, ...]


def identities(spec: Spec, bundle: Bundle) -> list[Identity]:
    """Everybody who has a policy of this build, the add-ons' identity first."""
    having: dict[tuple[Kind, str], list[str]] = {}
    for product in bundle.ram:
        having.setdefault(_whose(spec, product), []).append(product)
    return [
        Identity(kind, name, tuple(products), tuple(_permissions(spec, bundle, products)))
        for (kind, name), products in having.items()
    ]


def _whose(spec: Spec, product: str) -> tuple[Kind, str]:
    if product in HOLDERS:
        return cast(Kind, product), ""
    if product == NODE_TOKEN:
        return "role", str(spec.node_init.join.token.role)
    return ("role", str(spec.ram.role)) if spec.ram.role is not None else ("user", str(spec.ram.user))


def _permissions(spec: Spec, bundle: Bundle, products: Sequence[str]) -> Iterator[Permission]:
    """What the policies permit: a resource that a wider one covers adds its reasons to that one."""
    found: dict[str, dict[str, dict[Reason, None]]] = {}
    for product in products:
        for statement in bundle.ram[product]["Statement"]:
            for action in map(str, statement["Action"]):
                for resource in map(str, statement["Resource"]):
                    reasons = _reasons(spec, bundle, product, action, resource)
                    found.setdefault(action, {}).setdefault(resource, {}).update(dict.fromkeys(reasons))
    for action, on in found.items():
        for resource, own in on.items():
            if any(wide != resource and fnmatchcase(resource, wide) for wide in on):
                continue
            covered = [reasons for other, reasons in on.items() if fnmatchcase(other, resource)]
            yield Permission(action, resource, tuple(dict.fromkeys([*own, *(each for one in covered for each in one)])))


def _reasons(spec: Spec, bundle: Bundle, product: str, action: str, resource: str) -> list[Reason]:
    if product in HOLDERS:
        return list(_of_steps(spec, bundle, product, action, resource))
    if product == NODE_TOKEN:
        return [Reason(product, "nodes read the token by their role (join.token.from: ramRole)", "hybridc")]
    if product == ack.TERWAY_ADDON:
        return [Reason(product, _of_terway(spec, action), catalog.TERWAY_SOURCE)]
    return [Reason(product, f"the add-on {product} needs it", catalog.addon_source(product))]


def _of_terway(spec: Spec, action: str) -> str:
    """Whether this Terway calls it, or only Alibaba's page has it."""
    terway = spec.terway
    assert terway is not None  # noqa: S101 - there is a policy of Terway
    found = next(each for each in catalog.terway_actions() if each.name == action)
    if not found.called_by(terway.release, terway.ip_stack):
        return f"Alibaba's page grants it; {facts.told(terway.version)} does not call it (ram.profile: minimal)"
    return f"{facts.told(terway.version)} calls it{', for dual stack' if found.dual_only else ''}"


def _of_steps(spec: Spec, bundle: Bundle, holder: publish.Holder, action: str, resource: str) -> Iterator[Reason]:
    """The steps, or lists of day two, that ask for it."""
    products = [product for product in bundle.ram if product not in HOLDERS]
    named, ids = resources(spec, products), [step.id for step in bundle.steps]
    steps = [
        step for part, by in needed(holder, ids) if action in part.actions and resource in named[part.on] for step in by
    ]
    names = list(dict.fromkeys(steps))
    what = "lists" if holder == "operator" else "steps"
    yield Reason(holder, f"{what if len(names) > 1 else what[:-1]} {', '.join(names)}", publish.source(action))


def policy_of(spec: Spec, product: str) -> tuple[str, str]:
    """The name of a policy in RAM, and its file below the cluster's folder."""
    return policy_name(spec, product), f"cloud/ram/{product}.json"
