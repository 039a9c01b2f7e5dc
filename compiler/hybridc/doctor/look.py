"""What every look starts from: a compiled spec, the cluster as it was seen, and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from hybridc.catalog import ack
from hybridc.compile import Compiled
from hybridc.live.reads import Id
from hybridc.live.state import State
from hybridc.lower.bundle import Bundle
from hybridc.lower.names import kustomizations, releases
from hybridc.lower.steps.gitops import is_remote
from hybridc.spec.model import Spec

Data = dict[str, Any]
_YOUNG = 300.0
"""Seconds that a node may take from its registration to Ready: its images are pulled then."""


@dataclass(frozen=True)
class Look:
    """What to hold against what."""

    compiled: Compiled
    state: State

    @property
    def spec(self) -> Spec:
        """The typed model."""
        return self.compiled.spec

    @property
    def bundle(self) -> Bundle:
        """What it compiles to."""
        return self.compiled.bundle

    @cached_property
    def cloud_nodes(self) -> list[Data]:
        """The Nodes with the label of cloud nodes. Raises Unseen."""
        return [node for node in self.state.nodes if is_cloud(node)]

    @cached_property
    def went_live(self) -> bool:
        """Whether the last object of a sync is there: the address of this build's script. Raises Unseen.

        Without a script of ours there is no such object: what the engine says shows it then.
        """
        url = str(self.bundle.script_url)
        if not url:
            found = [self.state.one(*each) for each in objects(self.spec)]
            return bool(found) and all(item is not None and _content(item) for item in found)
        live = self.state.config_map(ack.NAMESPACE, ack.AGENT_CONFIG)
        return live is not None and live.get(ack.AGENT_CONFIG_KEY, "") == url

    def age(self, moment: str) -> float | None:
        """Seconds from a time of the API until now; None when one of them is not known."""
        then, now = seconds(moment), seconds(self.state.at)
        return None if then is None or now is None else now - then


def is_cloud(node: Data) -> bool:
    """Whether a Node has the label of cloud nodes."""
    key, value = ack.EXTERNAL_LABEL
    return bool(node["metadata"].get("labels", {}).get(key) == value)


def name_of(node: Data) -> str:
    """The name of a Node."""
    return str(node["metadata"]["name"])


def ready(node: Data) -> bool:
    """Whether a Node says Ready."""
    return condition(node, "Ready").get("status") == "True"


def objects(spec: Spec) -> list[Id]:
    """The objects that an engine shows its work in; none where it runs in another cluster."""
    if spec.gitops.engine == "flux":
        chart = spec.gitops.format == "helm"
        names = releases(spec) if chart else kustomizations(spec)
        return [Id("HelmRelease" if chart else "Kustomization", "flux-system", str(name)) for name in names]
    if is_remote(spec):
        return []
    return [Id("Application", str(spec.gitops.argocd_namespace), str(spec.name))]


def _content(item: Data) -> bool:
    """Whether Argo CD says Synced, or Flux Ready."""
    synced = item.get("status", {}).get("sync", {}).get("status") == "Synced"
    return synced or condition(item, "Ready").get("status") == "True"


def is_young(look: Look, node: Data) -> bool:
    """Whether a Node registered so short ago that its images may still be pulled."""
    age = look.age(node["metadata"].get("creationTimestamp", ""))
    return age is not None and age < _YOUNG


def condition(item: Data, kind: str) -> Data:
    """A condition of an object's status; empty when it has none of this kind."""
    found = item.get("status", {}).get("conditions", [])
    return next((each for each in found if each.get("type") == kind), {})


def seconds(moment: str) -> float | None:
    """A time of the API (RFC 3339) as seconds since 1970; None for what is none."""
    try:
        then = datetime.fromisoformat(moment.replace("Z", "+00:00"))
        return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def duration(span: float) -> str:
    """Seconds in words: ``3 h``."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if abs(span) >= 2 * size:
            return f"{int(span // size)} {unit}"
    return f"{int(span)} s"
