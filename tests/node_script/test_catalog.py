"""The facts that scripts are made of: every minor, every system, and what happens beyond the known ones."""

from __future__ import annotations

import pytest

from hybridc.catalog import instance_types, kubernetes, load, systems


def test_every_entry_names_its_source() -> None:
    for name, key in (("kubernetes", "release"), ("kubernetes", "removed_kubelet_flags"), ("systems", "system")):
        assert all(entry["source"] for entry in load(name)[key])


def test_minors_have_no_gap() -> None:
    known = kubernetes.known_minors()
    assert known == tuple(range(24, known[-1] + 1))


def test_a_minor_that_is_not_known_is_like_its_nearest() -> None:
    assert kubernetes.release(99) == kubernetes.release(kubernetes.known_minors()[-1])
    assert kubernetes.release(1) == kubernetes.release(24)


@pytest.mark.parametrize(
    ("flag", "minor", "removed"),
    [
        ("container-runtime", 26, None),
        ("container-runtime", 27, 27),
        ("pod-infra-container-image", 37, 35),
        ("v", 37, None),
    ],
)
def test_removed_flags(flag: str, minor: int, removed: int | None) -> None:
    assert kubernetes.removed_kubelet_flag(flag, minor) == removed


@pytest.mark.parametrize("name", ["kubernetes", "containerd"])
@pytest.mark.parametrize("family", ["rpm", "deb"])
def test_repositories(name: str, family: str) -> None:
    for mirror, start in (
        ("vpc", "http://mirrors.cloud."),
        ("aliyun", "https://mirrors.aliyun."),
        ("upstream", "https://"),
    ):
        found = kubernetes.package_repository(name, family, mirror, 30)
        assert found.url.startswith(start)
        assert found.key_url.startswith(start)
        assert len(found.fingerprint) == 40


def test_systems() -> None:
    assert systems.system("auto").family is None
    assert systems.system("alinux3").cgroup == 1
    assert {system.family for system in systems.known_systems()} == {"rpm", "deb"}
    with pytest.raises(KeyError):
        systems.system("centos-7")


def test_package_names() -> None:
    assert systems.package_name("nfs-client", "rpm") == "nfs-utils"
    assert systems.package_name("nfs-client", "deb") == "nfs-common"
    assert systems.package_name("wget", "deb") == "wget"


def test_defaults() -> None:
    assert kubernetes.default_containerd(24, "auto") == "1.7"
    assert kubernetes.default_containerd(34, "ubuntu-24.04") == "2.3"
    assert kubernetes.default_sandbox_image(34, "cn-x") == "registry-cn-x-vpc.ack.aliyuncs.com/acs/pause:3.9"


def test_quotas() -> None:
    quota = instance_types.quota("ecs.g6.large")
    assert quota is not None
    assert quota.pods == 6
    assert instance_types.quota("ecs.none.large") is None
