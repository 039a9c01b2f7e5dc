"""The rendered script, run as an instance runs it on a booted Debian 12: a real kubeadm joins a real API server."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.lab.servers.process import Tools, wait_for
from tests.node_boot import mirror
from tests.node_boot.control_plane import TOKEN, VERSION, ControlPlane
from tests.node_boot.join import environment, from_url, script
from tests.node_boot.machine import LOG, Machine
from tests.node_boot.machine import machine as machine_of
from tests.node_boot.mirror import REPOSITORIES
from tests.node_boot.world import FILES, METADATA
from tests.node_script import specs
from tests.records import replace

pytestmark = pytest.mark.needs("root", "debian", "kubeadm", "kubernetes", "machine")

# Locks files as apt and dpkg do.
HOLD = "use Fcntl; my $l = pack('s s l! l! i', F_WRLCK, 0, 0, 0, 0); my $s = shift; my @f; for (@ARGV)"
HOLD += "{ open(my $f, '>>', $_) or die; fcntl($f, F_SETLK, $l) or die; push @f, $f } $| = 1; print 'held'; sleep $s"
Boot = Callable[[], Machine]


def without_pauses(machine: Machine) -> None:
    """Its ``sleep`` returns at once, so that what the script tries again fails as often in less time."""
    machine.write("/usr/local/sbin/sleep", "#!/bin/sh\n")
    machine.run("chmod", "+x", "/usr/local/sbin/sleep")


def check_node(node: dict[str, Any] | None, machine: Machine) -> None:
    """The Node has all that was ordered."""
    assert node is not None
    labels, spec = node["metadata"]["labels"], node["spec"]
    expected = {
        "alibabacloud.com/external": "true",
        "alibabacloud.com/nodepool-id": "np0",
        "workload": "cpu",
        "topology.kubernetes.io/region": "cn-hangzhou",
        "topology.kubernetes.io/zone": "cn-hangzhou-j",
        "node.kubernetes.io/instance-type": "ecs.g6.xlarge",
        "kubernetes.io/hostname": f"cn-hangzhou.{machine.address}",
    }
    assert expected.items() <= labels.items()
    assert not [key for key in labels if key.startswith("node-role")]
    assert spec["providerID"] == f"cn-hangzhou.i-{machine.name}"
    taints = [(taint["key"], taint.get("value"), taint["effect"]) for taint in spec["taints"]]
    assert ("workload", "ack", "NoSchedule") in taints
    assert ("dedicated", None, "NoExecute") in taints
    info = node["status"]["nodeInfo"]
    assert info["kubeletVersion"] == f"v{VERSION}"
    assert info["containerRuntimeVersion"].startswith("containerd://1.6.")


@contextmanager
def holding(machine: Machine, *paths: str, seconds: int) -> Iterator[None]:
    """Hold the locks of another package manager for so long."""
    command = machine.command("perl", "-e", HOLD, str(seconds), *paths)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.read(4) == b"held"
        yield


@pytest.mark.walks("kubeadm", "script", "repo", "token-url", "refresh-outside", "apt", "ipv4")
def test_a_fresh_machine_joins_and_a_second_run_changes_nothing(plane: ControlPlane, boot: Boot) -> None:
    machine = boot()
    given, text = environment(machine), script(plane, from_url(plane))
    name = given["ALIBABA_CLOUD_NODE_NAME"]
    ended = machine.init(text, given)
    assert ended.status == 0, ended.log
    check_node(plane.node(name), machine)
    held = machine.run("apt-mark", "showhold").split()
    assert held == ["containerd.io", "kubeadm", "kubelet"]
    assert machine.read(f"/run/joined-{name}") == ""
    assert TOKEN not in machine.read(LOG) + machine.run("journalctl", "--no-pager")
    assert machine.run("sh", "-c", "ls -A /run/hybridc 2>/dev/null || true") == ""

    watched = ("kubelet", "containerd")
    before = [machine.run("systemctl", "show", "-P", "MainPID", unit) for unit in watched]
    machine.run("touch", "/run/before")
    again = machine.init(text, given)
    assert again.status == 0, again.log
    assert f"{name} has joined already: nothing to do\n" in again.log
    assert [machine.run("systemctl", "show", "-P", "MainPID", unit) for unit in watched] == before
    changed = machine.run(
        "find", "/etc", "/usr", "/opt", "/root", "/var/lib/hybridc", "-type", "f", "-newer", "/run/before"
    )
    assert set(changed.split()) == {"/root/init-node-ecs.sh", "/var/lib/hybridc/lock"}


@pytest.mark.walks("token-env")
def test_a_run_after_a_half_done_join_recovers(plane: ControlPlane, boot: Boot) -> None:
    """kubeadm is refused for a Node of the same name that is still Ready, and leaves its files."""
    machine = boot()
    token = replace(specs.token("env"), name="JOIN_TOKEN")
    given, text = environment(machine, JOIN_TOKEN=TOKEN), script(plane, token)
    name = given["ALIBABA_CLOUD_NODE_NAME"]
    plane.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
    ready = '{"status":{"conditions":[{"type":"Ready","status":"True","reason":"x","message":"x"}]}}'
    plane.kubectl("patch", "node", name, "--subresource=status", "-p", ready)
    with machine.start(text, given) as running:
        wait_for("the refusal", lambda: "a Node of this name is still Ready" in machine.read(LOG), 90)
        machine.run("systemctl", "kill", "--signal=KILL", "cloud-final")
        assert running.wait(30) != 0
    assert machine.read("/etc/kubernetes/pki/ca.crt")
    plane.kubectl("delete", "node", name)

    ended = machine.init(text, given)
    assert ended.status == 0, ended.log
    assert "kubeadm reset" in ended.log
    check_node(plane.node(name), machine)

    plane.kubectl("delete", "node", name)
    ended = machine.init(text, given)
    assert ended.status == 0, ended.log
    assert "credentials of an earlier join, but no Node" in ended.log
    check_node(plane.node(name), machine)


def test_the_second_of_two_runs_at_once_finds_the_node(plane: ControlPlane, boot: Boot) -> None:
    machine = boot()
    given, text = environment(machine), script(plane, from_url(plane))
    with machine.start(text, given) as one, machine.start(text, given, unit="again") as two:
        assert (one.wait(120), two.wait(120)) == (0, 0), machine.read(LOG)
    log = machine.read(LOG)
    assert log.count(" has joined after ") == 1
    assert log.count(" has joined already: nothing to do\n") == 1
    check_node(plane.node(given["ALIBABA_CLOUD_NODE_NAME"]), machine)


def test_the_ca_of_another_cluster_is_refused(plane: ControlPlane, boot: Boot) -> None:
    machine = boot()
    machine.write("/etc/hybridc/bootstrap-token", TOKEN)
    given = environment(machine)
    ended = machine.init(script(plane, specs.token("file"), f"sha256:{'0f' * 32}"), given)
    assert (ended.status, "is none of caCertHashes" in ended.log) == (16, True), ended.log
    assert plane.node(given["ALIBABA_CLOUD_NODE_NAME"]) is None
    assert machine.run("sh", "-c", "ls /etc/kubernetes/*.conf /etc/kubernetes/pki 2>/dev/null || true") == ""


@pytest.mark.walks("token-file")
def test_a_token_that_the_cluster_does_not_know_is_refused(plane: ControlPlane, boot: Boot) -> None:
    machine = boot()
    without_pauses(machine)
    machine.write("/etc/hybridc/bootstrap-token", f"{TOKEN[:-1]}0")
    ended = machine.init(script(plane, specs.token("file")), environment(machine))
    assert ended.status == 14, ended.log
    assert "the API server does not know the token" in ended.log


def test_apt_takes_only_what_is_signed_whole_and_ordered(plane: ControlPlane, boot: Boot) -> None:
    """Each broken repository is refused; the good one replaces a newer kubelet that somebody held."""
    machine = boot()
    given = environment(machine)
    without_pauses(machine)
    newer = f"{FILES}/kubernetes/kubelet_{mirror.NEWER}.deb"
    machine.run("sh", "-c", f"curl -fsS -o /tmp/k.deb {newer} && dpkg -i /tmp/k.deb && apt-mark hold kubelet")
    for folder, says in mirror.BROKEN.items():
        repository = replace(REPOSITORIES[0], url=f"{FILES}/{folder}/")
        ended = machine.init(script(plane, from_url(plane), repository=repository), given)
        assert (ended.status, says in ended.log) == (12, True), ended.log
        assert machine.run("dpkg-query", "-W", "-f", "${Version}", "kubelet") == mirror.NEWER
        assert machine.run("sh", "-c", "command -v kubeadm || true") == ""
    ended = machine.init(script(plane, from_url(plane)), given)
    assert ended.status == 0, ended.log
    check_node(plane.node(given["ALIBABA_CLOUD_NODE_NAME"]), machine)


def test_a_first_boot_where_apt_daily_holds_the_locks(plane: ControlPlane, boot: Boot) -> None:
    """And with nothing from ACK: the metadata service knows who this is. Started by sh, which is dash."""
    machine = boot()
    without_pauses(machine)
    locks = "/var/lib/apt/lists/lock", "/var/lib/dpkg/lock-frontend"
    with holding(machine, *locks, seconds=8):
        ended = machine.init(script(plane, from_url(plane)), {"HYBRIDC_WITHOUT_ACK": "1"}, shell="sh")
    assert ended.status == 0, ended.log
    assert "another apt-get works: waiting" in ended.log
    node = plane.node(f"cn-hangzhou.{METADATA['private-ipv4']}")
    assert node is not None
    assert node["spec"]["providerID"] == f"cn-hangzhou.{METADATA['instance-id']}"
    assert node["metadata"]["labels"]["alibabacloud.com/external"] == "true"


@pytest.mark.walks("tarball")
def test_a_machine_joins_from_tarballs(plane: ControlPlane, boot: Boot, tool: Tools, image: Path) -> None:
    """The units of containerd and the kubelet are the script's own; the extra is from the image's repository."""
    machine = boot()
    given = environment(machine)
    tarballs = mirror.tarballs(plane.world, tool, image / "debs")
    ended = machine.init(script(plane, from_url(plane), tarballs=tarballs), given)
    assert ended.status == 0, ended.log
    check_node(plane.node(given["ALIBABA_CLOUD_NODE_NAME"]), machine)
    assert machine.run("bash", "-c", "command -v containerd runc mount.nfs").split() == [
        "/usr/local/bin/containerd",
        "/usr/local/sbin/runc",
        "/usr/sbin/mount.nfs",
    ]
    states = machine.run("systemctl", "is-enabled", "containerd", "kubelet").split()
    assert states == ["enabled", "enabled"]


@pytest.mark.walks("preinstalled")
def test_an_image_that_holds_all_packages(plane: ControlPlane, boot: Boot) -> None:
    """Made from a machine that had joined somewhere: its certificates and the files of another network are in it."""
    machine = boot()
    given = environment(machine)
    for repository in REPOSITORIES:
        line = f"deb [trusted=yes] {repository.url} /\n"
        machine.write(f"/etc/apt/sources.list.d/{repository.name}.list", line)
    ordered = f"kubelet={VERSION}-* kubeadm={VERSION}-* containerd.io=1.6.*"
    machine.run("sh", "-c", f"apt-get -q update && apt-get -qy install --no-install-recommends {ordered}")
    machine.write("/var/lib/kubelet/pki/kubelet-client-current.pem", "of another machine")
    machine.write("/etc/cni/net.d/10-calico.conflist", "{}")
    machine.run("apt-get", "-q", "clean")
    ended = machine.init(script(plane, from_url(plane), preinstalled=True), given)
    assert ended.status == 0, ended.log
    check_node(plane.node(given["ALIBABA_CLOUD_NODE_NAME"]), machine)
    assert "is not Ready" not in ended.log
    assert machine.run("ls", "/etc/cni/net.d").split() == ["10-terway.conflist"]


def test_nothing_of_a_machine_stays(plane: ControlPlane, image: Path) -> None:
    with machine_of(image, plane.world, 99) as machine:
        assert list(Path("/sys/fs/cgroup").glob(f"**/{machine.name}"))
    assert not list(Path("/sys/fs/cgroup").glob(f"**/{machine.name}"))
    assert machine.name not in Path("/proc/self/mounts").read_text()
    assert "node99" not in plane.world.net.run("ip", "link")
