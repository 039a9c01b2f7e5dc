"""The servers put together, and hybridc's output as they are given it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import pinned
from tests.bare import bare
from tests.lab.servers.apiserver import apiserver
from tests.lab.servers.argocd import ArgoCD, argocd, install_crds
from tests.lab.servers.cluster import Cluster
from tests.lab.servers.container import require_root
from tests.lab.servers.controller_manager import controller_manager
from tests.lab.servers.etcd import etcd
from tests.lab.servers.git import Repository
from tests.lab.servers.kubelet import Kubelet, kubelet
from tests.lab.servers.process import Tools
from tests.lab.world import CA_HASH
from tests.pinned import ROOT


@dataclass(frozen=True)
class Lab:
    """A cluster, an Argo CD that serves it from a Git repository, and somebody who runs its hooks."""

    cluster: Cluster
    argocd: ArgoCD
    repository: Repository
    kubelet: Kubelet

    def register(self, cluster_folder: Path) -> None:
        """Apply what is for Argo CD. The project comes first: an Application without it fails, and stays so."""
        for kind in ("appproject", "application"):
            for file in sorted((cluster_folder / "argocd").glob(f"{kind}*.yaml")):
                self.cluster.run("apply", "-f", str(file))


@contextmanager
def bare_cluster(tools: Tools, folder: Path) -> Iterator[Cluster]:
    """An API server that knows Argo CD's kinds, with a garbage collector, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        etcd(tools, folder) as url,
        apiserver(tools, folder, url) as cluster,
        controller_manager(tools, folder, cluster),
    ):
        install_crds(cluster, pinned.folder("argocd-crds"))
        yield cluster


@contextmanager
def lab(tools: Tools, folder: Path) -> Iterator[Lab]:
    """Everything; what it keeps, logs included, stands below ``folder``."""
    require_root()
    repository = Repository.create(folder / "repository")
    with (
        bare_cluster(tools, folder / "servers") as cluster,
        argocd(tools, folder / "servers", cluster, repository.url) as running,
        kubelet(cluster, folder / "hooks") as player,
    ):
        yield Lab(cluster, running, repository, player)


def compile_spec(text: str, folder: Path, *options: str) -> Path:
    """``hybridc build`` of a hybrid.yaml that holds ``text``; gives the folder ``out``. Raises with its diagnostics."""
    return compile_specs([text], folder, *options)


def compile_specs(texts: Iterable[str], folder: Path, *options: str) -> Path:
    """The same for several specs in one call."""
    specs = []
    for number, text in enumerate(texts):
        spec = folder / str(number) / "hybrid.yaml"
        spec.parent.mkdir(parents=True, exist_ok=True)
        spec.write_text(text, encoding="utf-8")
        specs.append(str(spec))
    command = [sys.executable, "-m", "hybridc", "build", *specs, "-o", str(folder / "out"), *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "compiler")}
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return folder / "out"


def example(name: str, repository: str | None = None) -> str:
    """The text of an example's hybrid.yaml with nothing accepted, the lab's CA and another Git repository if given."""
    text = with_ca(bare(name))
    return with_repository(text, repository) if repository else text


def with_ca(spec: str) -> str:
    """The text of a hybrid.yaml whose nodes take the CA that the lab's cluster-info has."""
    return re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{CA_HASH}", spec)


def with_repository(spec: str, url: str) -> str:
    """The text of a hybrid.yaml with another ``gitops.repoURL``."""
    return re.sub(r"(?m)^(\s*repoURL:).*$", lambda found: f"{found[1]} {url}", spec)
