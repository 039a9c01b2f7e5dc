"""The real dnf with signed repositories: what is pinned, what is refused, and what a later update may move."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.node_script import specs
from tests.node_script.repositories import Key, Package, build_rpm, need, rpm_repository, signing_key, tamper
from tests.node_script.sandbox import Result, Sandbox
from tests.records import replace

from hybridc.lower.node_script import node_script
from hybridc.spec import node_model
from hybridc.spec.items import Items

pytestmark = pytest.mark.needs("root", "debian")

BASE = "[base]\nname=base\nbaseurl=file:///srv/base\ngpgcheck=1\ngpgkey=file:///srv/key\n"
ORDERED = {"kubelet-1.34.2", "kubeadm-1.34.2", "kubernetes-cni-1.5.1", "containerd.io-2.3.4", "nfs-utils-2.5.4"}
KUBERNETES = (
    Package("kubelet", "1.34.2-150500.1.1", {"/usr/bin/kubelet": None}, ("kubernetes-cni",)),
    Package("kubeadm", "1.34.2-150500.1.1", {"/usr/bin/kubeadm": None}),
    Package("kubernetes-cni", "1.5.1-150500.1.1", {"/opt/cni/bin/loopback": None}),
    Package("kubelet", "1.34.9-150500.1.1", {"/usr/bin/kubelet": None}),
    Package("kubeadm", "1.34.9-150500.1.1", {"/usr/bin/kubeadm": None}),
)
CONTAINERD = tuple(
    Package("containerd.io", f"{version}-1.el8", {"/usr/bin/containerd": None}, conflicts=("runc",))
    for version in ("2.3.1", "2.3.4", "2.4.0")
)
EXTRA = (Package("nfs-utils", "2.5.4-1", {"/usr/sbin/mount.nfs": None}),)
# As an image with the container tools of EL has them.
TOOLS = (
    Package("runc", "1.1.12-1", {"/usr/bin/runc": None}),
    Package("podman", "4.9.4-1", {"/usr/bin/podman": None}, ("runc",)),
)


@dataclass(frozen=True)
class Mirror:
    """Built once: ``folder`` is /srv of a machine, ``kubernetes`` the packages for variants of that repository."""

    folder: Path
    kubernetes: list[Path]
    unsigned: list[Path]
    foreign: list[Path]


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Mirror:
    need("dnf", "rpmbuild", "rpmsign", "createrepo_c", "gpg", "gpg-agent")
    work = tmp_path_factory.mktemp("rpms")
    with signing_key(work / "gnupg") as key, signing_key(work / "other") as other:
        srv = work / "srv"
        built = {}
        for name, packages in (
            ("kubernetes", KUBERNETES),
            ("containerd/el8", CONTAINERD),
            ("base", (*EXTRA, *TOOLS)),
        ):
            built[name] = [build_rpm(package, work, key) for package in packages]
            rpm_repository(srv / name, built[name])
        (srv / "key").write_text(key.public)
        unsigned = _build(work / "unsigned", None)
        foreign = _build(work / "foreign", other)
    return Mirror(srv, built["kubernetes"], unsigned, foreign)


def _build(folder: Path, key: Key | None) -> list[Path]:
    folder.mkdir()
    return [build_rpm(package, folder, key) for package in KUBERNETES[:3]]


@pytest.fixture
def machine(sandbox: Sandbox, mirror: Mirror) -> Sandbox:
    """An Alibaba Cloud Linux 3, as far as its os-release goes, with its own repository."""
    sandbox.system = "alinux"
    sandbox.real = ("dnf",)
    sandbox.files = {"/etc/yum.repos.d/base.repo": BASE}
    sandbox.folders = {"/srv": mirror.folder}
    sandbox.stubs = {
        "answers": '[[ $url != file://* ]] || exec /usr/bin/curl "$@"',
        "containerd": "rpm -qa --qf '%{NAME}-%{VERSION}\\n' >/stub/installed",
    }
    return sandbox


def script(kubernetes: str = "kubernetes") -> str:
    repositories = [
        node_model.Repository("kubernetes", "rpm", f"file:///srv/{kubernetes}", "file:///srv/key"),
        node_model.Repository("containerd", "rpm", "file:///srv/containerd/el$EL", "file:///srv/key"),
    ]
    base = specs.spec()
    return node_script(specs.beyond(base, packages=replace(base.node_init.packages, repositories=Items(repositories))))


def packages(result: Result, name: str = "installed") -> set[str]:
    """What was installed, without the keys, which rpm keeps as packages."""
    found = (result.folder / "out" / name).read_text().split()
    return {package for package in found if not package.startswith("gpg-pubkey")}


@pytest.mark.walks("dnf")
def test_the_ordered_versions_and_no_later_update(machine: Sandbox) -> None:
    """Newer ones are in the repositories; the update of an administrator, or of a timer, leaves ours alone."""
    update = (
        'bash "$0"; s=$?; dnf -y upgrade >/stub/update 2>&1; rpm -qa --qf "%{NAME}-%{VERSION}\\n" >/stub/later; exit $s'
    )
    result = machine.run(script(), interpreter=("/bin/bash", "-c", update))
    assert result.status == 0, result.output
    assert packages(result) == ORDERED
    assert "Nothing to do." in (result.folder / "out" / "update").read_text()
    assert packages(result, "later") == ORDERED


def test_a_newer_version_of_the_image_is_replaced(machine: Sandbox) -> None:
    newer = (
        "rpm -i --nodeps --nosignature /srv/kubernetes/kubelet-1.34.9*.rpm /srv/containerd/el8/containerd.io-2.4*.rpm"
    )
    result = machine.run(script(), interpreter=("/bin/bash", "-c", f'{newer} && exec bash "$0"'))
    assert result.status == 0, result.output
    assert packages(result) == ORDERED


def test_an_image_with_podman(machine: Sandbox) -> None:
    """containerd.io conflicts with its runc, and dnf removes nothing unless it is told to."""
    tools = "rpm -i --nodeps --nosignature /srv/base/runc*.rpm /srv/base/podman*.rpm"
    result = machine.run(script(), interpreter=("/bin/bash", "-c", f'{tools} && exec bash "$0"'))
    assert result.status == 0, result.output
    assert packages(result) == ORDERED


def test_a_repository_of_the_image_that_nobody_reaches(machine: Sandbox) -> None:
    """RHEL's own are such ones in a VPC without internet."""
    dead = "[dead]\nname=dead\nbaseurl=file:///srv/none\ngpgcheck=0\nskip_if_unavailable=0\n"
    machine.files = {**machine.files, "/etc/yum.repos.d/dead.repo": dead}
    result = machine.run(script())
    assert result.status == 0, result.output
    assert packages(result) == ORDERED


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("unsigned", "GPG check FAILED"),
        ("tampered", "incorrect checksum"),
        ("without", "No match for argument: .*kubeadm-1.34.2"),
        ("foreign", "GPG Keys are configured as: file:///etc/pki/rpm-gpg/RPM-GPG-KEY-hybridc-kubernetes"),
    ],
)
def test_a_broken_repository_is_refused(
    machine: Sandbox, mirror: Mirror, tmp_path: Path, broken: str, says: str
) -> None:
    name = f"kubernetes-{broken}"
    rpms = {"unsigned": mirror.unsigned, "foreign": mirror.foreign, "without": mirror.kubernetes[2:]}
    rpm_repository(tmp_path / name, rpms.get(broken, mirror.kubernetes))
    if broken == "tampered":
        tamper(tmp_path / name / mirror.kubernetes[0].name)
    machine.folders[f"/srv/{name}"] = tmp_path / name
    after = 'bash "$0"; s=$?; rpm -qa >/stub/installed; exit $s'
    result = machine.run(script(name), interpreter=("/bin/bash", "-c", after))
    assert result.status == 12, result.output
    assert re.search(says, result.output), result.output
    assert packages(result) == set()
    assert "kubeadm join" not in result.calls
