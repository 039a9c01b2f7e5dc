"""The first sync over a cluster that was set up by hand, as the guide of Alibaba Cloud leaves it: nothing gets lost."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

import pytest
from tests.lab.by_hand import set_up_by_hand
from tests.lab.lab import Lab, compile_spec
from tests.lab.servers.argocd import said
from tests.lab.servers.cluster import Cluster
from tests.lab.synced import EXCLUDED, NAME, Synced
from tests.lab.world import AGENT_CONFIG, CALICO, ENI_CONFIG, FOREIGN, terms

pytestmark = pytest.mark.needs("root", "debian", "kubernetes", "argocd")

SECRET = "/api/v1/namespaces/kube-system/secrets/alibaba-addon-secret"


@dataclass
class Credentials:
    """Watches whether Terway would find an AccessKey, in eni-config or in the Secret, at every change of eni-config."""

    cluster: Cluster
    found: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        while not self.stopping.is_set():
            with suppress(URLError, OSError):
                path = "/api/v1/namespaces/kube-system/configmaps"
                for item in self.cluster.watch(path, seconds=2):
                    if item["metadata"].get("name") == "eni-config":  # a broken watch ends with an event of no object
                        self.found.append(self._where(json.loads(item["data"]["eni_conf"])))

    def _where(self, conf: dict[str, str]) -> str:
        if conf["access_key"] and conf["access_secret"]:
            return "eni-config"
        return "Secret" if self.cluster.get(SECRET) else "nowhere"


def test_a_set_up_by_hand_is_taken_over_without_a_gap(running: Lab, tmp_path: Path) -> None:
    synced = Synced.of(running, tmp_path)
    cluster, argocd = running.cluster, running.argocd
    if argocd.application(NAME):
        argocd.stop(NAME)
        cluster.run("-n", "argocd", "delete", "application", NAME)
    set_up_by_hand(cluster)
    out = compile_spec(synced.spec, tmp_path)
    revision = running.repository.publish(out)
    foreign = (CALICO, ENI_CONFIG, AGENT_CONFIG)
    before, generation = synced.versions(*foreign), synced.get(CALICO)["metadata"]["generation"]
    credentials = Credentials(cluster)
    watcher = threading.Thread(target=credentials.watch, daemon=True)
    watcher.start()
    try:
        # Terway's only keys are those in eni-config.
        running.register(out / NAME)
        sentence = "Secret kube-system/alibaba-addon-secret has no access-key-id, and Terway would lose its AccessKey"
        argocd.wait(NAME, "says why", lambda app: sentence in said(app))
        assert synced.versions(*foreign) == before, "nothing was changed"
        assert cluster.get("/api/v1/namespaces/kube-system/configmaps/hybridc") is None, "nothing was made"

        keys = ["--from-literal=access-key-id=none", "--from-literal=access-key-secret=none"]
        cluster.run("-n", "kube-system", "create", "secret", "generic", "alibaba-addon-secret", *keys)
        argocd.stop(NAME)
        argocd.sync(NAME)
        argocd.wait_synced(NAME, revision)
    finally:
        credentials.stopping.set()
        watcher.join(10)
    calico = synced.get(CALICO)
    assert (calico["metadata"]["generation"], terms(calico)) == (generation, EXCLUDED), "calico-node does not roll"
    assert synced.versions(CALICO) == before[:1]
    agent = synced.get(AGENT_CONFIG)["data"]
    assert agent == FOREIGN | {"addNodeScriptPath": agent["addNodeScriptPath"]}
    assert agent["addNodeScriptPath"].startswith("https://kubelet-idc-hangzhou.")
    terway = synced.get(ENI_CONFIG)["data"]
    assert terway["note"] == "kept by another team"
    assert json.loads(terway["eni_conf"])["access_key"] == ""
    assert (credentials.found[0], credentials.found[-1]) == ("eni-config", "Secret")
    assert "nowhere" not in credentials.found
