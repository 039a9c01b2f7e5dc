"""After the script has ended with 0 a Pod runs, although the cluster was made for other hosts; and after a reboot."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.lab.servers.process import Tools, wait_for
from tests.node_boot import images, mirror
from tests.node_boot.control_plane import ControlPlane
from tests.node_boot.join import environment, from_url, script
from tests.node_boot.machine import Machine, machine
from tests.node_boot.world import API_ADDRESS, METADATA

pytestmark = pytest.mark.needs("root", "debian", "kubeadm", "kubernetes", "machine")

NUMBER = 50
Boot = Callable[[], Machine]
ADDRESSES = [METADATA["private-ipv4"], "fd00:10::7"]
SETTINGS = {
    "net.ipv4.ip_forward": "1",
    "net.ipv6.conf.all.forwarding": "1",
    "net.ipv6.conf.eth0.accept_ra": "2",
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.eth0.rp_filter": "0",
}


# What an image may have that undoes a script's work at the next boot: settings of its own, and a cloud-init that writes
# /etc/hosts from a template (manage_etc_hosts).
REWRITES = """[Unit]
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target
[Service]
Type=oneshot
ExecStart=/bin/cp /etc/cloud/templates/hosts.debian.tmpl /etc/hosts
[Install]
WantedBy=sysinit.target
"""


def image_of_its_own(machine: Machine) -> None:
    machine.write("/etc/cloud/templates/hosts.debian.tmpl", "127.0.0.1 localhost\n")
    machine.write("/etc/systemd/system/rewrites-hosts.service", REWRITES)
    machine.write("/etc/sysctl.d/99-sysctl.conf", "net.ipv4.ip_forward = 0\nnet.ipv4.conf.all.rp_filter = 1\n")
    machine.run("systemctl", "enable", "-q", "--now", "rewrites-hosts")


def addressed(machine: Machine) -> None:
    """As the VPC does it: the address that the metadata tells, and one of IPv6."""
    for address, length in zip(ADDRESSES, ("24", "64"), strict=True):
        machine.run("ip", "address", "add", f"{address}/{length}", "dev", "eth0")


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


@pytest.mark.walks("bgp", "dual")
def test_a_pod_runs_and_runs_again_after_a_reboot(plane: ControlPlane, image: Path, tmp_path: Path) -> None:
    """The kubelet-config of this cluster says cgroupfs, and a resolv.conf that Debian does not have.

    With dual stack, on an image that undoes at a boot what a script has set.
    """
    disk = tmp_path / "disk"
    with machine(image, plane.world, NUMBER, disk) as first:
        mirror.use(first)
        image_of_its_own(first)
        addressed(first)
        given = environment(first)
        ended = first.init(script(plane, from_url(plane), dual=True), given)
        assert ended.status == 0, ended.log
        assert "the kubelets of this cluster use cgroupfs: containerd follows" in ended.log
        assert "resolvConf of the cluster is /run/systemd/resolve/resolv.conf, which is not here" in ended.log
        assert "is not Ready" not in ended.log
        plane.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}})
        plane.create(pod(given["ALIBABA_CLOUD_NODE_NAME"]))
        serves(plane, first, "")
        node = plane.node(given["ALIBABA_CLOUD_NODE_NAME"])
        assert node
        internal = [entry["address"] for entry in node["status"]["addresses"] if entry["type"] == "InternalIP"]
        assert internal == ADDRESSES
        before = first.run("date", "-u", "+%FT%TZ").strip()
    with machine(image, plane.world, NUMBER, disk) as again:
        addressed(again)
        serves(plane, again, before)
        assert again.run("getent", "hosts", "lb.idc.example.com").split()[0] == API_ADDRESS
        for name, value in SETTINGS.items():
            assert again.run("sysctl", "-n", name).strip() == value, name


def test_a_machine_on_which_no_pod_could_run_is_said(plane: ControlPlane, boot: Boot, tool: Tools, image: Path) -> None:
    """No loopback: containerd starts no Pod. No eth0: Terway ends. Neither is a Node afterwards."""
    machine = boot()
    given = environment(machine)
    tarballs = mirror.tarballs(plane.world, tool, image / "debs")
    without = tuple(tar for tar in tarballs if tar.name != "cni-plugins")
    ended = machine.init(script(plane, from_url(plane), tarballs=without), given)
    assert (ended.status, "no /opt/cni/bin/loopback" in ended.log) == (12, True), ended.log

    commands = ("link set eth0 down", "link set eth0 name ens5", "link set ens5 up")
    for command in (*commands, f"route add default via {machine.address.rpartition('.')[0]}.1"):
        machine.run("ip", *command.split())
    ended = machine.init(script(plane, from_url(plane), tarballs=tarballs), given)
    assert (ended.status, "no interface eth0" in ended.log) == (11, True), ended.log
    assert plane.node(given["ALIBABA_CLOUD_NODE_NAME"]) is None
