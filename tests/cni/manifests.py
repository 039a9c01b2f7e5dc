"""The CNI workloads that patches are tried on.

The projects' own manifests are read from the modules that tools.toml pins. Of versions that the Go module proxy does
not serve there are workloads of ours in this folder, with the facts that matter: kind, names, labels, affinity.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tests import pinned

LINUX = {"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}
PINNED = {
    "calico-v3.28.5": ("calico-manifests", "calico.yaml"),
    "canal-v3.28.5": ("calico-manifests", "canal.yaml"),
    "flannel-v0.28.9": ("flannel-manifests", "kube-flannel.yml"),
}


@dataclass(frozen=True)
class Project:
    """A release of a CNI: where its DaemonSet is, and what its one term requires; no affinity when that is empty."""

    type: str
    version: str
    namespace: str
    daemon_set: str
    requires: tuple[dict[str, Any], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.type}-v{self.version}"

    @property
    def text(self) -> str:
        """The whole manifest."""
        return path(self.name).read_text(encoding="utf-8")

    @property
    def spec(self) -> dict[str, str]:
        """It in ``spec.cluster.cni``."""
        return {"type": self.type, "version": self.version}


PROJECTS = (
    Project("calico", "3.24.5", "kube-system", "calico-node"),
    Project("calico", "3.28.5", "kube-system", "calico-node"),
    Project("canal", "3.28.5", "kube-system", "canal"),
    Project("flannel", "0.13.0", "kube-system", "kube-flannel-ds", (LINUX,)),
    Project("flannel", "0.28.9", "kube-flannel", "kube-flannel-ds", (LINUX,)),
)
NAMES = tuple(project.name for project in PROJECTS)


def path(name: str) -> Path:
    """The manifest ``NAME``, one of NAMES."""
    if name in PINNED:
        tool, file = PINNED[name]
        return pinned.folder(tool) / file
    return Path(__file__).with_name(f"{name}.yaml")


def daemon_set(name: str) -> dict[str, Any]:
    """The DaemonSet alone out of the manifest ``NAME``."""
    items = yaml.load_all(path(name).read_text(encoding="utf-8"), yaml.CSafeLoader)
    (found,) = (item for item in items if item and item["kind"] == "DaemonSet")
    return dict(found)
