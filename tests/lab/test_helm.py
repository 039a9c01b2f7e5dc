"""The chart through Helm itself: install beside what is there, upgrade, uninstall. Nothing foreign is lost."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.lab.conftest import Delivery
from tests.lab.lab import compile_spec, example
from tests.lab.servers.cluster import Cluster
from tests.lab.servers.kubelet import Kubelet
from tests.lab.world import AGENT_CONFIG, CALICO, ENI_CONFIG, FOREIGN, eni_config_by_hand, terms

pytestmark = pytest.mark.needs("root", "debian", "kubernetes")

NAME = "idc-hangzhou"
# Each line of Helm, and what it needs to write over values that others have set.
HELMS = {"helm3": (), "helm4": ("--server-side=false",)}
FOREIGN_OBJECTS = (CALICO, ENI_CONFIG, AGENT_CONFIG)
OURS = ["configmaps,pods,serviceaccounts,roles,rolebindings", "--selector=app.kubernetes.io/part-of=idc-hangzhou"]


@dataclass(frozen=True)
class Helm:
    """One line of Helm, and the release of the guide's chart in a cluster that had an eni-config before."""

    program: str
    options: tuple[str, ...]
    folder: Path
    cluster: Cluster

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``helm WORDS`` in the namespace of the release."""
        own = {key: str(self.folder / key) for key in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")}
        where = [f"--kubeconfig={self.cluster.kubeconfig}", "--namespace=kube-system"]
        command = [self.program, *words, *where]
        return subprocess.run(command, env=os.environ | own, text=True, capture_output=True, check=False)

    def must(self, *words: str) -> str:
        """The same, and it succeeds."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def data(self, path: str) -> dict[str, str]:
        """The data of the ConfigMap at ``path``."""
        found = self.cluster.get(path)
        assert found is not None, path
        data: dict[str, str] = found["data"]
        return data

    def versions(self) -> list[str]:
        """The resourceVersion of each object that others own."""
        found = [self.cluster.get(path) for path in FOREIGN_OBJECTS]
        return [item["metadata"]["resourceVersion"] for item in found if item]


@pytest.fixture(params=HELMS)
def helm(request: pytest.FixtureRequest, world: Cluster, delivery: Delivery, tmp_path: Path) -> Iterator[Helm]:
    """Each line of Helm, in a cluster whose eni-config and ack-agent-config hold keys of others."""
    world.run("create", "-f", "-", stdin=json.dumps(eni_config_by_hand()))
    found = Helm(delivery.tools(request.param), ("--take-ownership", *HELMS[request.param]), tmp_path, world)
    yield found
    found.run("uninstall", NAME, "--ignore-not-found", "--no-hooks")


@pytest.mark.walks("helm")
def test_install_upgrade_and_uninstall_keep_what_others_own(
    helm: Helm, guide: Path, hooks: Kubelet, tmp_path: Path
) -> None:
    # Helm runs hooks after all objects, so the address comes with a second command, when the exclusion is in place.
    helm.must("install", NAME, str(guide / "chart"), *helm.options, "--set=agentConfig.enabled=false")
    assert helm.data(AGENT_CONFIG) == FOREIGN
    assert [term["matchExpressions"][0]["key"] for term in terms(_calico(helm))] == ["alibabacloud.com/external"]
    helm.must("upgrade", NAME, str(guide / "chart"), *helm.options, "--set=agentConfig.enabled=true")

    assert [term["matchExpressions"][0]["key"] for term in terms(_calico(helm))] == ["alibabacloud.com/external"]
    script = helm.data(AGENT_CONFIG)["addNodeScriptPath"]
    assert helm.data(AGENT_CONFIG) == FOREIGN | {"addNodeScriptPath": script}
    assert helm.data(ENI_CONFIG)["note"] == "kept by another team"
    assert json.loads(helm.data(ENI_CONFIG)["eni_conf"])["access_key"] == ""

    # Another image: both hooks run with it, and that is all.
    before, count = helm.versions(), len(hooks.runs)
    image = "registry.idc.example.com/tools/kubectl-shell:1.34.2"
    helm.must("upgrade", NAME, str(guide / "chart"), f"--set=jobImage={image}")
    ran = [(run.name, run.image, run.ended.status) for run in hooks.runs[count:]]
    assert ran == [("hybridc-guard", image, 0), ("hybridc-cni-exclusion", image, 0)]
    assert helm.versions() == before

    # Another spec.
    spec = example("guide").replace("vsw-bp1poda2b4d6f8h0j", "vsw-bp1podanother0000")
    changed = compile_spec(spec, tmp_path, "--layout=helm") / NAME / "chart"
    helm.must("upgrade", NAME, str(changed))
    assert "vsw-bp1podanother0000" in helm.data(ENI_CONFIG)["eni_conf"]
    assert helm.data(ENI_CONFIG)["note"] == "kept by another team"
    after = helm.versions()
    assert (after[0], after[2]) == (before[0], before[2]), "calico-node and ack-agent-config"

    helm.must("uninstall", NAME)
    assert helm.versions() == after
    assert helm.cluster.run("-n", "kube-system", "get", *OURS, "-o", "name").stdout == ""


def _calico(helm: Helm) -> dict[str, Any]:
    found = helm.cluster.get(CALICO)
    assert found is not None
    return found


def test_the_guard_stops_an_install_before_anything_is_changed(helm: Helm, guide: Path, hooks: Kubelet) -> None:
    # Both made by kubectl apply, so that an apply of ours could delete keys; and no credentials.
    agent = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "ack-agent-config"}, "data": FOREIGN}
    for item in (agent, eni_config_by_hand()):
        helm.cluster.run("-n", "kube-system", "apply", "-f", "-", stdin=json.dumps(item))
    secret = helm.cluster.run("-n", "kube-system", "get", "secret", "alibaba-addon-secret", "-o", "json").stdout
    helm.cluster.run("-n", "kube-system", "delete", "secret", "alibaba-addon-secret")
    before = helm.versions()
    install = ("upgrade", "--install", NAME, str(guide / "chart"), *helm.options)

    assert helm.run(*install).returncode
    assert "Secret kube-system/alibaba-addon-secret has no access-key-id" in hooks.runs[-1].ended.message
    assert helm.versions() == before

    helm.cluster.run("create", "-f", "-", stdin=secret)
    before = helm.versions()
    assert helm.run(*install).returncode
    sentences = hooks.runs[-1].ended.message.split("; GIT040: ")
    for key in ("note", "enableNodepool"):
        assert any(f"was made by kubectl apply and this sync would delete its key {key};" in one for one in sentences)
    assert helm.versions() == before
    # What the sentences say.
    for sentence in sentences:
        helm.cluster.run(*sentence.rpartition("keep it with: kubectl ")[2].split())
    helm.must(*install)
    assert helm.data(AGENT_CONFIG).items() >= FOREIGN.items()
    assert helm.data(ENI_CONFIG)["note"] == "kept by another team"
