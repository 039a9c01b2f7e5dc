"""The list of steps, ticked off by what is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from hybridc.catalog import ack
from hybridc.doctor import cloud, joining, nodes, setup, sync, workloads
from hybridc.doctor.answer import Answer, Row, ask
from hybridc.doctor.look import Look
from hybridc.spec.model import NodePool

PART = "steps"
Answers = Mapping[str, Callable[[Look], Answer]]

SEEN: Answers = {
    "agent.private": setup.agent,
    "credentials.secret": setup.credentials,
    "token.put": joining.token,
    "exclusion.by-hand": workloads.exclusion,
    "git.merge": sync.merged,
    "gitops.repository": sync.readable,
    "gitops.apply": sync.applied,
    "gitops.sync": sync.synced,
    "see.exclusion": workloads.restarted,
    "ippools": setup.ip_pools,
    "see.terway": workloads.terway,
    "see.node": nodes.see_node,
}
POOL: Mapping[str, Callable[[Look, NodePool], Answer]] = {
    "create": nodes.created,
    "one": nodes.first,
    "scale": nodes.scaled,
}
BY_HAND = {
    "network.routes": "routes stand in the routers and the VPC",
    "network.security-groups": "security groups and firewalls are not in the cluster",
    "network.images": "whether a registry is reached shows on a node",
    "ram.user": "users and roles are in RAM",
    "ram.policies": "policies are in RAM",
    "oss.bucket": "the bucket is in OSS",
    "oss.policy": "the policy is in OSS",
    "oss.script": "the script is where its address says",
    "gitops.destination": "Argo CD runs in another cluster",
}
"""What no look at a cluster shows, and why."""


def rows(look: Look) -> Iterator[Row]:
    """A row for each step of the spec, in their order."""
    for each in look.bundle.steps:
        answer = answered(look, each.id)
        yield Row(PART, each.id, *answer)


def answered(look: Look, step: str) -> Answer:
    """What is seen of a step. KeyError for one that neither is looked at nor stands in BY_HAND."""
    family, _, name = step.partition(".")
    if step in cloud.STEPS and look.state.cloud is not None:
        return cloud.answered(look.spec, look.state.cloud, step)
    if step in SEEN:
        return ask(lambda: SEEN[step](look))
    if family == "addon":
        return ask(
            lambda: workloads.terway_there(look) if name == ack.TERWAY_ADDON else workloads.installed(look, name)
        )
    if family == "pool":
        pool, _, what = name.rpartition(".")
        found = next(each for each in look.spec.node_pools if each.name == pool)
        return ask(lambda: POOL[what](look, found))
    return Answer("by hand", BY_HAND[step])
