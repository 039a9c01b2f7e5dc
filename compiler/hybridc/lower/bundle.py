"""Everything that one cluster compiles to, as data; the layouts decide which files hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from hybridc.lower.steps.step import Step
from hybridc.spec.origin import Text

Manifest = dict[str, Any]
"""A Kubernetes object. A leaf may carry its origin; a :class:`JsonText` stands for JSON inside a string."""

Part = Literal["eniConfig", "agentConfig", "dynamicConfigs", "cniExclusion", "tokenRefresh", "guard"]
"""What a synced object belongs to."""


class JobImage(Text):
    """The image of our short-lived pods, wherever an object names it: a layout may let a person change it."""


class JsonText:
    """JSON that an object holds as a string: kept as data until it is written, so that it stays checkable."""

    __slots__ = ("data", "indent")

    def __init__(self, data: Any, indent: int | None = 2) -> None:
        self.data = data
        self.indent = indent


class YamlText:
    """YAML that an object holds as a string (a kustomize patch), kept as data until it is written."""

    __slots__ = ("data",)

    def __init__(self, data: Any) -> None:
        self.data = data


@dataclass(frozen=True)
class Exclusion:
    """What keeps a workload off cloud nodes: the terms it must have, and those it may have before.

    ``wanted`` and ``expected`` are nodeSelectorTerms.
    """

    kind: str
    namespace: str
    name: str
    wanted: list[dict[str, Any]]
    expected: list[dict[str, Any]]


class ComponentPatch(NamedTuple):
    """A patch for the kustomization of whoever owns a workload.

    ``expected`` are the nodeSelectorTerms that the patch may replace, by their place in the object (JSON pointer).
    """

    wanted: Manifest
    expected: dict[str, list[dict[str, Any]]]


class Member(NamedTuple):
    """What an ApplicationSet over several clusters needs to know of one.

    ``parameters`` are those of its Applications, ``shared`` is what the clusters of one set have in common, ``allowed``
    the spec of the AppProject that this cluster needs.
    """

    cluster: str
    parameters: dict[str, str]
    shared: dict[str, Any]
    allowed: dict[str, Any]

    @property
    def group(self) -> str:
        """The clusters of one group are made by one ApplicationSet."""
        return self.parameters["group"]

    @property
    def project(self) -> tuple[str, str]:
        """Name and namespace of the AppProject."""
        return self.shared["project"], self.shared["namespace"]


class Synced(NamedTuple):
    """What an engine has to know of the layout that it applies: its folder below the cluster's, and what lies there.

    ``switches`` are the names in values.yaml that turn a part of a chart off.
    """

    folder: str
    is_chart: bool = False
    switches: Mapping[Part, str] = {}


@dataclass(frozen=True)
class Bundle:
    """The products of one cluster.

    ``parts`` are the synced objects, hooks among them. ``exclusions`` say what is kept off cloud nodes; the same is
    ``component`` as patches for whoever owns these workloads in Git, ``cni_patches`` as patches for a person,
    ``cni_values`` as values for the CNI's own chart (``cni_config``: as the object that holds them). ``gitops`` is for
    Argo CD or Flux. ``terway_values`` are for Terway's upstream chart, ``terway_chart`` is the kustomization that
    inflates it. ``pools_by_api``: an engine applies ``ip_pools``, when a person
    says so. ``script`` is None with nodeInit.mode managed. Cloud documents are JSON: RAM policies, OSS policies,
    add-on requests and node pool requests, each by file name without extension. ``fleet`` and ``parameters`` are what
    an ApplicationSet over several clusters needs (:mod:`hybridc.lower.fleet`). ``terraform`` is the same cloud as
    Terraform JSON, where the spec asks for it: by path below ``cloud/terraform/``, without extension. ``steps`` are
    what is left to do around a build, in order. ``ci`` are jobs that renew the token, by the CI that reads them.
    """

    cluster: str
    parts: dict[Part, tuple[Manifest, ...]]
    exclusions: tuple[Exclusion, ...]
    component: tuple[ComponentPatch, ...]
    cni_values: dict[str, Any] | None
    cni_config: Manifest | None
    cni_patches: tuple[Manifest, ...]
    engine: str
    gitops: tuple[Manifest, ...]
    ip_pools: tuple[Manifest, ...]
    pools_by_api: bool
    terway_values: dict[str, Any] | None
    terway_chart: dict[str, Any] | None
    ci: dict[str, Any]
    ram: dict[str, Any]
    oss: dict[str, Any]
    addons: dict[str, Any]
    node_pools: dict[str, Any]
    terraform: dict[str, Any]
    fleet: Member | None
    parameters: dict[str, str]
    script: str | None
    script_url: str
    steps: tuple[Step, ...]
    summary: str

    @property
    def objects(self) -> tuple[Manifest, ...]:
        """Everything that is synced."""
        return tuple(item for objects in self.parts.values() for item in objects)
