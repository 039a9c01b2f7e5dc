"""What the node installs: real .debs of the real programs, in signed repositories."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

from tests.lab.servers.process import Tools
from tests.node_boot import images
from tests.node_boot.control_plane import VERSION
from tests.node_boot.machine import Machine
from tests.node_boot.world import FILES, World
from tests.node_script.repositories import Key, Package, apt_repository, build_deb, tamper

from hybridc.spec import node_model
from hybridc.spec.choices import Architecture

_UNIT = """[Unit]
Description=kubelet: The Kubernetes Node Agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
"""
# As the packages of Kubernetes have it.
_DROP_IN = """[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf \
--kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
"""
_UNITS = "/usr/lib/systemd/system"
REPOSITORIES = tuple(
    node_model.Repository(name, "deb", f"{FILES}/{name}/", f"{FILES}/key.asc") for name in ("kubernetes", "containerd")
)
NEWER = "1.37.99-1.1"  # a version that nobody ordered
BROKEN = {
    "unsigned": "is not signed",
    "tampered": "Hash Sum mismatch",
    "without": "Version '1.37.2-*' for 'kubeadm' was not found",
}
"""Other folders than ``kubernetes``, and what apt says of each."""


def fill(world: World, tools: Tools, image_debs: Path, key: Key) -> None:
    """Lay the repositories below the world's files: Kubernetes and containerd.io, and what the image itself reads."""
    work = world.folder / "debs"
    work.mkdir()
    kubelet: dict[str, str | Path | None] = {
        "/usr/bin/kubelet": Path(tools("kubelet")),
        f"{_UNITS}/kubelet.service": _UNIT,
    }
    kubeadm: dict[str, str | Path | None] = {
        "/usr/bin/kubeadm": Path(tools("kubeadm-1.37")),
        f"{_UNITS}/kubelet.service.d/10-kubeadm.conf": _DROP_IN,
    }
    kubernetes = [
        Package("kubelet", f"{VERSION}-1.1", kubelet),
        Package("kubeadm", f"{VERSION}-1.1", kubeadm),
        Package("kubelet", NEWER, {"/usr/bin/kubelet": None}),
        Package("kubeadm", NEWER, {"/usr/bin/kubeadm": None}),
    ]
    # Debian's own containerd under the name that Docker's repository gives it.
    containerd = [
        Package("containerd.io", "1.6.20-1", depends=("containerd", "runc", "containernetworking-plugins")),
        Package("containerd.io", "1.7.99-1", {"/usr/bin/containerd": None}),
    ]
    extra = [build_deb(Package("nfs-common", "1:2.6.2-4", {"/usr/sbin/mount.nfs": None}), work)]
    apt_repository(world.files / "debian", [*image_debs.glob("*.deb"), *extra], key)
    built = [build_deb(package, work) for package in kubernetes]
    apt_repository(world.files / "kubernetes", built, key)
    apt_repository(world.files / "unsigned", built, None)
    apt_repository(world.files / "without", built[2:], key)
    apt_repository(world.files / "tampered", built, key)
    tamper(world.files / "tampered" / built[1].name)
    apt_repository(world.files / "containerd", [build_deb(package, work) for package in containerd], key)
    (world.files / "key.asc").write_text(key.public)
    images.archive(unpacked(world, image_debs) / "bin" / "busybox", world.files / "images.tar")


def tarballs(world: World, tools: Tools, image_debs: Path) -> tuple[node_model.Tarball, ...]:
    """The same programs as their projects' releases have them, for a machine that has no repository for them."""
    folder = world.files / "tarballs"
    folder.mkdir(exist_ok=True)
    root = unpacked(world, image_debs)
    with tarfile.open(folder / "containerd", "w:gz", compresslevel=1) as archive:
        for name in ("containerd", "containerd-shim-runc-v2", "ctr"):
            archive.add(root / "usr" / "bin" / name, f"bin/{name}")
    with tarfile.open(folder / "cni-plugins", "w:gz", compresslevel=1) as archive:
        archive.add(root / "usr" / "lib" / "cni", ".")
    shutil.copy(root / "usr" / "sbin" / "runc", folder / "runc")
    shutil.copy(tools("kubelet"), folder / "kubelet")
    shutil.copy(tools("kubeadm-1.37"), folder / "kubeadm")
    machine: Architecture = "arm64" if os.uname().machine == "aarch64" else "amd64"
    return tuple(
        node_model.Tarball(
            path.name, f"{FILES}/tarballs/{path.name}", hashlib.sha256(path.read_bytes()).hexdigest(), machine
        )
        for path in sorted(folder.iterdir())
    )


def unpacked(world: World, image_debs: Path) -> Path:
    """The files of the .debs that the image does not have yet."""
    root = world.folder / "unpacked"
    for deb in () if root.exists() else image_debs.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(deb), str(root)], check=True)
    return root


def use(machine: Machine) -> None:
    """Make the machine's image one that reads its own packages from the mirror."""
    machine.write("/etc/apt/sources.list", f"deb {FILES}/debian /\n")
    machine.write("/etc/apt/trusted.gpg.d/image.asc", (machine.world.files / "key.asc").read_text())
