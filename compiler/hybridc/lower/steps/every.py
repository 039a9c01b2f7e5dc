"""Every step of a spec, in the one order that is safe."""

from __future__ import annotations

from collections.abc import Iterator

from hybridc.catalog import ack
from hybridc.lower.delivery import Delivery
from hybridc.lower.names import NODE_TOKEN
from hybridc.lower.steps import cloud, exclusion, gitops, nodes
from hybridc.lower.steps.published import published_by
from hybridc.lower.steps.step import Step
from hybridc.lower.steps.terraform import by_terraform, folders
from hybridc.lower.steps.token import token
from hybridc.spec.model import Spec


def steps(
    spec: Spec, delivery: Delivery, script: str | None, url: str, products: list[str], *, by_chart: bool = False
) -> tuple[Step, ...]:
    """What is left to do around a build.

    ``products`` are those with a RAM policy, ``url`` is that of the script; ``by_chart``: a chart is synced.
    """
    order = (
        *_before(spec, delivery, script, products),
        *gitops.steps(spec, url, by_chart=by_chart),
        exclusion.see(delivery),
        exclusion.ip_pools(spec),
        *_nodes(spec),
    )
    # A step names what it comes after whether or not this spec has it.
    owned = folders(spec)
    found = by_terraform(spec, [step for step in order if step is not None], owned, script)
    ids = {step.id for step in found}
    return tuple(
        step._replace(
            after=tuple(i for i in dict.fromkeys(step.after) if i in ids),
            published_by="" if step.id in owned else published_by(spec, step.id),
        )
        for step in found
    )


def _before(spec: Spec, delivery: Delivery, script: str | None, granted: list[str]) -> Iterator[Step | None]:
    """What is in place before the merge; ``granted`` are the products with a policy of their own."""
    yield cloud.agent_private(spec)
    if spec.cluster.cni.routing != "overlay":
        yield cloud.routes(spec)
    yield cloud.security_groups(spec)
    yield cloud.images(spec)
    yield from _identity(spec, granted)
    if script is not None:
        if spec.node_init.oss is not None:
            yield cloud.bucket(spec, spec.node_init.oss)
            yield cloud.bucket_policy(spec, spec.node_init.oss)
        yield cloud.script(spec, script)
        yield token(spec)
    yield exclusion.by_hand(spec, delivery)


def _identity(spec: Spec, granted: list[str]) -> Iterator[Step]:
    """Whom the add-ons act as, where one of them acts. All but Terway always take the Secret of a RAM user."""
    of_addons = [product for product in granted if product != NODE_TOKEN]
    with_secret = spec.terway is not None and spec.terway.credentials == "addonSecret"
    with_secret |= spec.ram.user is not None and any(product != ack.TERWAY_ADDON for product in of_addons)
    if of_addons or with_secret:
        yield cloud.identity(spec)
    if granted:
        yield cloud.policies(spec, granted)
    if with_secret:
        yield cloud.credentials(spec)


def _nodes(spec: Spec) -> Iterator[Step]:
    if spec.terway is not None:
        chart = spec.terway.install == "chart"
        yield nodes.terway_chart(spec) if chart else nodes.addon(spec, ack.TERWAY_ADDON)
    for addon in spec.addons:
        yield nodes.addon(spec, str(addon.name))
    if spec.terway is not None:
        yield nodes.see_terway()
    for pool in spec.node_pools:
        yield nodes.create(spec, pool)
        yield nodes.one(spec, pool)
    if spec.node_pools:
        yield nodes.see_node(spec)
    for pool in spec.node_pools:
        yield nodes.scale(spec, pool)
