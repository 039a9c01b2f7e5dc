"""After the script has ended with 0 a Pod runs, although the cluster was made for other hosts; and after a reboot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.lab.servers.process import wait_for
from tests.node_boot import images, mirror
from tests.node_boot.control_plane import ControlPlane
from tests.node_boot.join import environment, from_url, script
from tests.node_boot.machine import Machine, machine

pytestmark = pytest.mark.needs("root", "debian", "kubeadm", "kubernetes", "machine")

NUMBER = 50
SETTINGS = {
    "net.ipv4.ip_forward": "1",
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.eth0.rp_filter": "0",
}


def pod(node: str) -> dict[str, Any]:
    """A Pod that serves files, on this node."""
    container = {"name": "httpd", "image": images.BUSYBOX, "imagePullPolicy": "Never"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "nodeName": node,
            "tolerations": [{"operator": "Exists"}],
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 1,
            "containers": [container],
        },
    }


def running(plane: ControlPlane) -> dict[str, Any] | None:
    """The status of the Pod once all of it is ready."""
    status: dict[str, Any] = json.loads(plane.kubectl("get", "pod", "web", "-o", "json"))["status"]
    ready = {entry["type"] for entry in status.get("conditions", ()) if entry["status"] == "True"}
    return status if status["phase"] == "Running" and "Ready" in ready else None


def serves(plane: ControlPlane, machine: Machine, since: str) -> None:
    """The Pod's container started later than ``since`` and answers at its address."""

    def found() -> bool:
        status = running(plane)
        if status is None or status["containerStatuses"][0]["state"]["running"]["startedAt"] <= since:
            return False
        url = f"http://{status['podIP']}:8080/etc/resolv.conf"
        return machine.run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", url, check=False) == "200"

    wait_for("the Pod", found, 150)


def test_a_pod_runs_and_runs_again_after_a_reboot(plane: ControlPlane, image: Path, tmp_path: Path) -> None:
    """The kubelet-config of this cluster says cgroupfs, and a resolv.conf that Debian does not have."""
    disk = tmp_path / "disk"
    with machine(image, plane.world, NUMBER, disk) as first:
        mirror.use(first)
        given = environment(first)
        ended = first.init(script(plane, from_url(plane)), given)
        assert ended.status == 0, ended.log
        assert "the kubelets of this cluster use cgroupfs: containerd follows" in ended.log
        assert "resolvConf of the cluster is /run/systemd/resolve/resolv.conf, which is not here" in ended.log
        assert "is not Ready" not in ended.log
        plane.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}})
        plane.create(pod(given["ALIBABA_CLOUD_NODE_NAME"]))
        serves(plane, first, "")
        before = first.run("date", "-u", "+%FT%TZ").strip()
    with machine(image, plane.world, NUMBER, disk) as again:
        serves(plane, again, before)
        for name, value in SETTINGS.items():
            assert again.run("sysctl", "-n", name).strip() == value, name
