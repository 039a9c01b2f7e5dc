"""docs/publish-guide.md is a transcript: its commands run against a real API server and an empty account."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.docs import pages
from tests.lab.conftest import Delivery
from tests.lab.lab import bare_cluster, with_ca
from tests.lab.played import Played, played
from tests.lab.servers.cluster import Cluster, Json
from tests.lab.servers.kubelet import kubelet
from tests.lab.servers.process import Tools
from tests.lab.test_steps import SYSTEM, create, pods_of, rolled
from tests.lab.world import CALICO, install, prepare
from tests.pinned import ROOT

pytestmark = pytest.mark.needs("root", "debian", "kubernetes")

PAGE = "docs/publish-guide.md"
AGENT = "/apis/apps/v1/namespaces/kube-system/deployments/ack-cluster-agent"
TERWAY = CALICO.replace("calico-node", "terway-eniip")
APPLICATION = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/idc-hangzhou"
VOLATILE = (
    # What differs between two runs, and the address of the lab's own OSS.
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-12-02T09:00:00Z"),
    (r"http://127\.0\.0\.1:\d+", "https://oss-cn-hangzhou.aliyuncs.com"),
    (r"init-node-ecs-[0-9a-f]{12}", "init-node-ecs-888053819f84"),
    (r"sha256 [0-9a-f]{64}", "sha256 888053819f8464de524465661ecf77cb1b56ae0fd38d843093ea85e473702035"),
    (r"\([0-9,]+ bytes\)", "(22,527 bytes)"),
    (r"\d+ files", "35 files"),
)


class Typed(NamedTuple):
    """A command, how it ended, what it printed, and the requests to the cloud that were to change something."""

    words: str
    code: int
    printed: str
    writes: list[str]


@dataclass
class Walk:
    """A person with a terminal beside hybrid.yaml, and what others do meanwhile."""

    cluster: Cluster
    delivery: Delivery
    cloud: Played
    folder: Path
    typed: list[Typed] = field(default_factory=list)

    def run(self, words: str) -> Typed:
        """Type a command; both streams are looked at."""
        self.before(words)
        for server in self.cloud.servers.values():
            server.requests.clear()
        path = f"{self.folder / 'bin'}{os.pathsep}{Path(self.cluster.kubectl).parent}{os.pathsep}{os.environ['PATH']}"
        known = {"PATH": path, "HOME": str(self.folder), "KUBECONFIG": str(self.cluster.kubeconfig)}
        done = subprocess.run(
            ["bash", "-c", words],
            cwd=self.folder,
            env=known | self.cloud.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.typed.append(Typed(words, done.returncode, steady(done.stdout), self._written()))
        return self.typed[-1]

    def _written(self) -> list[str]:
        reads = ("Get", "List", "Describe", "Head")
        asked = [line.operation for server in self.cloud.servers.values() for line in server.requests]
        return [operation for operation in asked if not operation.startswith(reads)]

    def before(self, words: str) -> None:
        """What happens before a command is typed."""
        if words.startswith("kubectl apply -f out/"):
            self.cluster.run("create", "namespace", "argocd")
        if words.startswith("hybridc publish addon"):
            self.sync()
        if words.startswith("hybridc publish pool") and self.installs_terway():
            metadata = {"name": "terway-eniip", **SYSTEM}
            item: Json = {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata, "spec": pods_of("terway")}
            create(self.cluster, item)
            rolled(self.cluster, TERWAY)

    def installs_terway(self) -> bool:
        """Whether ACK was told to install Terway, and has not done so in the cluster."""
        return any("InstallClusterAddons" in each.writes for each in self.typed) and self.cluster.get(TERWAY) is None

    def sync(self) -> None:
        """What Argo CD does, and the controllers after it."""
        out = self.folder / "out/idc-hangzhou"
        self.delivery.apply(out, "hybridc-guard")
        self.delivery.run(out, "hybridc-guard")
        self.delivery.apply(out)
        self.delivery.run(out, "hybridc-cni-exclusion")
        rolled(self.cluster, CALICO)
        compared = {"comparedTo": {"destination": {}, "source": {"repoURL": "https://git.example.com"}}}
        status = {"sync": {"status": "Synced", **compared}, "health": {"status": "Healthy"}}
        self.cluster.patch(APPLICATION, {"status": status})


def steady(text: str) -> str:
    """Text without what differs between two runs."""
    for pattern, instead in VOLATILE:
        text = re.sub(pattern, instead, text)
    return text


@pytest.fixture(scope="module")
def own(tool: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivery]:
    """A fresh API server: the walk begins before anything is there, and other tests leave namespaces behind."""
    folder = tmp_path_factory.mktemp("guide-cluster")
    with bare_cluster(tool, folder / "cluster") as cluster, kubelet(cluster, folder / "hooks") as hooks:
        yield Delivery(cluster, hooks, tool)


@pytest.fixture
def walk(own: Delivery, tmp_path: Path) -> Iterator[Walk]:
    """The guide's IDC: Calico, kubeadm's objects, the agent with the private import; an account with a VPC."""
    cluster = own.cluster
    spec = with_ca((ROOT / "examples/guide/hybrid.yaml").read_text(encoding="utf-8"))
    (tmp_path / "hybrid.yaml").write_text(spec, encoding="utf-8")
    prepare(cluster)
    cluster.run("-n", "kube-system", "delete", "secret", "alibaba-addon-secret")
    install(cluster, "calico-v3.24.5")
    agent = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "ack-cluster-agent", **SYSTEM}}
    create(cluster, {**agent, "spec": pods_of("agent")})
    cluster.patch(f"{AGENT}/status", {"status": {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1}})
    with played(spec) as cloud:
        program = tmp_path / "bin/hybridc"
        program.parent.mkdir()
        endpoints = " ".join(cloud.endpoints)
        python = f'PYTHONPATH={ROOT / "compiler"} exec {sys.executable} -m hybridc "$@"'
        program.write_text(f'#!/bin/bash\n[ "$1" != publish ] || set -- "$@" {endpoints}\n{python}\n')
        program.chmod(0o755)
        yield Walk(cluster, own, cloud, tmp_path)


def test_the_guide_with_one_command_a_step(walk: Walk) -> None:
    for block in pages.blocks(PAGE):
        for command in pages.shown(block) if block.kind == pages.PARSED else ():
            ran = walk.run(command.words)
            assert re.fullmatch(pages.pattern(steady(command.prints or "")), ran.printed), f"{ran.words}\n{ran.printed}"
    ends = {ran.words: (ran.code, ran.writes) for ran in walk.typed}
    creates = [(ran.code, ran.writes) for ran in walk.typed if ran.words == "hybridc publish pool.elastic.create --yes"]
    assert creates == [(1, []), (0, ["CreateClusterNodePool"])], "closed before the sync, open after it"
    assert ends["hybridc publish addon --yes"] == (0, ["InstallClusterAddons"])
    assert ends["hybridc publish token --mint --yes"] == (0, ["PutObject"])
    again = next(words for words in reversed(ends) if words.startswith("hybridc publish all"))
    assert ends[again] == (0, []), "a second run changes nothing"
    assert ends["hybridc doctor hybrid.yaml"][0] == 0
