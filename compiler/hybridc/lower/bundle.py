"""Everything that one cluster compiles to, as data; the layouts decide which files hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]
"""A Kubernetes object. A leaf may carry its origin; a :class:`JsonText` stands for JSON inside a string."""


class JsonText:
    """JSON that an object holds as a string: kept as data until it is written, so that it stays checkable."""

    __slots__ = ("data", "indent")

    def __init__(self, data: Any, indent: int | None = 2) -> None:
        self.data = data
        self.indent = indent


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
    restarts: bool = True


@dataclass(frozen=True)
class Bundle:
    """The products of one cluster.

    ``objects`` are synced; ``exclusions`` say what they do to foreign workloads, ``component`` is the same as patches
    for whoever owns these workloads in Git. ``script`` is None with nodeInit.mode managed. Cloud documents are
    JSON: RAM policies, OSS policies, add-on requests and node pool requests, each by file name without extension.
    """

    cluster: str
    objects: tuple[Manifest, ...]
    exclusions: tuple[Exclusion, ...]
    component: tuple[Manifest, ...]
    argocd: tuple[Manifest, ...]
    ip_pools: tuple[Manifest, ...]
    terway_values: dict[str, Any] | None
    ram: dict[str, Any]
    oss: dict[str, Any]
    addons: dict[str, Any]
    node_pools: dict[str, Any]
    script: str | None
    script_url: str
    summary: str
