"""A guard whose image cannot be pulled ends within its deadline, and the sync with it: on a real kubelet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.gitops.variants import build, example
from tests.lab.servers.process import wait_for
from tests.node_boot.control_plane import ControlPlane
from tests.node_boot.join import environment, from_url, script
from tests.node_boot.machine import Machine

pytestmark = pytest.mark.needs("root", "debian", "kubeadm", "kubernetes", "machine")

SECONDS = 20


def guard(folder: Path, node: str) -> dict[str, Any]:
    """The guard's Pod as it is emitted, on this node, with an image that is nowhere; it waits for less."""
    raw = example("guide", gitops={"jobImage": "registry.invalid/k8s:1.34.2"})
    path = build(raw, folder) / "kustomize" / "pod-hybridc-guard.yaml"
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    assert found["spec"].pop("activeDeadlineSeconds") == 300
    # This node is a cloud node with taints, which the guard stays off, and nothing else of the guard's is there.
    del found["spec"]["affinity"], found["spec"]["serviceAccountName"]
    found["spec"]["volumes"][0] = {"name": "instructions", "emptyDir": {}}
    found["spec"] |= {"nodeName": node, "activeDeadlineSeconds": SECONDS, "automountServiceAccountToken": False}
    found["spec"]["tolerations"] = [{"operator": "Exists"}]
    return found


def test_a_guard_without_an_image_ends_within_its_deadline(
    plane: ControlPlane, boot: Callable[[], Machine], tmp_path: Path
) -> None:
    machine = boot()
    given = environment(machine)
    ended = machine.init(script(plane, from_url(plane)), given)
    assert ended.status == 0, ended.log
    plane.create(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "kube-system"}}
    )
    plane.create(guard(tmp_path, given["ALIBABA_CLOUD_NODE_NAME"]))

    def status() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            plane.kubectl("-n", "kube-system", "get", "pod", "hybridc-guard", "-o", "json")
        )
        assert found["spec"]["priorityClassName"] == "system-cluster-critical"
        return dict(found["status"])

    wait_for("the end of the guard", lambda: status()["phase"] == "Failed", 3 * SECONDS + 60)
    assert status()["reason"] == "DeadlineExceeded"
    # What gitops-engine shows of a failed Pod before anything else.
    assert "longer than the specified deadline" in status()["message"]
