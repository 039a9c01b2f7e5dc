"""Everything that the sources show, each field once: the first that sees it has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from hybridc.catalog import ack
from hybridc.importer import agent, cloud, cni, kubernetes, script, terway
from hybridc.importer.seen import Data, Note, Seen, Sources, filled, holds_secret
from hybridc.live.reads import Id
from hybridc.rewrite.tree import can_hold

WANTED = (
    Id("ConfigMap", "kube-system", "kubeadm-config"),
    Id("ConfigMap", "kube-public", "cluster-info"),
    Id("ConfigMap", "kube-system", "kube-root-ca.crt"),
    Id("ConfigMap", ack.NAMESPACE, "hybridc"),
    Id("ConfigMap", ack.NAMESPACE, "hybridc-cni-exclusion"),
    Id("IPPool"),
    Id("BGPConfiguration"),
)
"""What is asked for in a cluster beside what every verb reads."""


def overlays(objects: Mapping[Id, Data]) -> Iterator[Id]:
    """The ConfigMaps over eni-config that Nodes name in their label."""
    nodes = [item for each, item in objects.items() if each.kind == "Node"]
    return (Id("ConfigMap", ack.NAMESPACE, name) for name in terway.overlays(nodes))


_EYES = (kubernetes.observe, script.observe, cni.observe, agent.observe, terway.observe)


class Observed(NamedTuple):
    """Values by pointer, and what a person should know beside them."""

    seen: dict[str, Seen]
    notes: list[str]


def observe(sources: Sources) -> Observed:
    """What the sources show. Where two disagree, a note says what the second one says."""
    seen: dict[str, Seen] = {}
    unseen = sources.state.unseen if sources.state is not None else {}
    notes = [f"cannot see {each} ({why})" for each, why in sorted(unseen.items())]
    for eye in _EYES:
        for each in eye(sources):
            if isinstance(each, Note):
                notes.append(each.text)
            elif holds_secret(each.value):
                notes.append(f"{_name(each)} was left out: what stands in {each.where} looks like a secret")
            elif not can_hold(each.value):
                notes.append(f"{_name(each)} was left out: what stands in {each.where} cannot stand in a hybrid.yaml")
            elif (first := seen.setdefault(each.pointer, each)).value != each.value:
                notes.append(_disagree(first, each))
    _with_cloud(seen, notes, sources)
    return Observed(seen, notes)


def _with_cloud(seen: dict[str, Seen], notes: list[str], sources: Sources) -> None:
    """What the cloud says, in the place of what was seen elsewhere: it is the one that knows."""
    found = sources.state.cloud if sources.state is not None else None
    for each in cloud.complete(dict(seen), found, sources.name) if found is not None else ():
        if isinstance(each, Note):
            notes.append(each.text)
        elif can_hold(each.value):
            old = seen.get(each.pointer)
            notes += [_disagree(each, old)] if old is not None and _differ(old.value, each.value) else []
            seen[each.pointer] = each


def _differ(old: Any, new: Any) -> bool:
    """Whether two say different things; what one of them leaves open is no difference."""
    if isinstance(old, list) and isinstance(new, list):
        return len(old) != len(new) or any(map(_differ, old, new))
    if isinstance(old, dict) and isinstance(new, dict):
        return any(_differ(value, new.get(key, value)) for key, value in old.items())
    return filled(old) and bool(old != new)


def _disagree(first: Seen, other: Seen) -> str:
    return f"{_name(first)}: {first.value} in {first.where}, but {other.value} in {other.where}"


def _name(each: Seen) -> str:
    return each.pointer.lstrip("/").replace("/", ".")
