"""The guide's cluster in Argo CD: what a scenario starts from, and what it looks at."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.lab.lab import Lab, compile_spec, example
from tests.lab.servers.argocd import is_synced
from tests.lab.servers.cluster import Json
from tests.lab.world import CALICO, install, prepare, terms

NAME = "idc-hangzhou"
EXCLUDED = [
    {
        "matchExpressions": [
            {"key": "alibabacloud.com/external", "operator": "NotIn", "values": ["true"]},
            {"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]},
        ]
    }
]
INSTRUCTIONS = "/api/v1/namespaces/kube-system/configmaps/hybridc-cni-exclusion"
_NO_DAEMON_SET: Json = {"spec": {"template": {"spec": {}}}}


@dataclass(frozen=True)
class Synced:
    """The guide's cluster, and the lab whose Argo CD serves it."""

    lab: Lab
    folder: Path
    spec: str

    @classmethod
    def of(cls, running: Lab, folder: Path) -> Synced:
        """The guide as it is, to be pushed to the lab's repository."""
        return cls(running, folder, example("guide", running.repository.url))

    def start(self) -> None:
        """What comes before hybridc, Calico as its project ships it or with our exclusion, and a sync over it."""
        argocd, cluster = self.lab.argocd, self.lab.cluster
        out = compile_spec(self.spec, self.folder / "start")
        revision = self.lab.repository.publish(out)
        argocd.stop(NAME)
        prepare(cluster)
        if terms(cluster.get(CALICO) or _NO_DAEMON_SET) != EXCLUDED:
            cluster.run("-n", "kube-system", "delete", "--ignore-not-found", "daemonset", "calico-node")
            install(cluster, "calico-v3.24.5")
        self.lab.register(out / NAME)
        argocd.refresh(NAME)
        argocd.wait_idle(NAME, revision)
        # What Argo CD has just done by itself need not be asked for.
        if not is_synced(argocd.application(NAME) or {}, revision) or terms(self.get(CALICO)) != EXCLUDED:
            argocd.sync(NAME)
            argocd.wait_synced(NAME, revision)

    def push(self, spec: str) -> str:
        """Compile, commit, and have Argo CD look at it; the revision."""
        shutil.rmtree(self.folder / "pushed", ignore_errors=True)
        return self.push_tree(compile_spec(spec, self.folder / "pushed"))

    def push_tree(self, tree: Path) -> str:
        """Commit ``tree`` and have Argo CD look at it; the revision."""
        revision = self.lab.repository.publish(tree)
        self.lab.argocd.refresh(NAME)
        return revision

    def versions(self, *paths: str) -> list[str]:
        """The resourceVersion of each object."""
        return [self.get(path)["metadata"]["resourceVersion"] for path in paths]

    def get(self, path: str) -> Json:
        """The object at ``path``."""
        found = self.lab.cluster.get(path)
        assert found is not None, path
        return found

    def hooks_since(self, count: int) -> list[tuple[str, int, str]]:
        """Name, exit code and last printed line of every hook that ran after the first ``count``."""
        ran = self.lab.kubelet.runs[count:]
        return [(run.name, run.ended.status, run.ended.log.splitlines()[-1]) for run in ran]
