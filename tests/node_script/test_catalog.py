"""The facts that scripts are made of: every minor, every system, and what happens beyond the known ones."""

from __future__ import annotations

import pytest

from hybridc import catalog
from hybridc.catalog import instance_types, kubernetes, load, regions, systems


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
    known = instance_types.find("ecs.g6.large")
    assert known is not None
    assert (known.enis, known.ips_per_eni, known.ipv6_per_eni, known.gpu, known.arch) == (2, 6, 1, False, "amd64")
    assert known.pods == 6
    assert instance_types.find("ecs.none.large") is None
    assert instance_types.find("ecs.g6") is None


def test_a_type_without_eni_columns_has_no_pods() -> None:
    known = instance_types.find("ecs.sccg7.32xlarge")
    assert known is not None
    assert known.pods is None


def test_what_no_table_knows_is_told_by_its_family_or_not_at_all() -> None:
    assert instance_types.arch("ecs.g8y.99xlarge") == "arm64"
    assert instance_types.arch("ecs.none.large") is None
    assert instance_types.has_gpus("ecs.vgn9-vws.large")
    assert instance_types.has_gpus("ecs.vgn6i-m4-vws.xlarge"), "a quarter of one"
    assert not instance_types.has_gpus("ecs.g7.2xlarge")
    assert not instance_types.has_gpus("ecs.none.large")
    assert instance_types.siblings("ecs.none.large") == ()


def test_every_row_of_the_tables_has_its_fields() -> None:
    for name, fields in (("instance_types", 8), ("regions", 5), ("zones", 4)):
        assert {len(row) for row in catalog.rows(name)} == {fields}, name
    for row in catalog.rows("instance_types"):
        assert all(cell == "-" or float(cell) >= 0 for cell in row[1:6]), row
        assert row[7] in ("amd64", "arm64"), row
    assert {row[0] for row in catalog.rows("zones")} <= set(regions.names())
    assert {row[2] for row in catalog.rows("zones")} == {"complete", "incomplete"}


def test_oss_endpoints() -> None:
    assert regions.internal_endpoints("cn-shanghai") == ("oss-cn-shanghai-internal.aliyuncs.com",)
    assert len(regions.internal_endpoints("cn-hangzhou-finance")) == 3
    assert regions.internal_endpoints("cn-atlantis") == ()
    assert regions.of_endpoint("oss-cn-szfinance.aliyuncs.com") == ("cn-shenzhen-finance-1", False)
    assert regions.of_endpoint("oss-cn-north-2-gov-1-internal.aliyuncs.com") == ("cn-north-2-gov-1", True)
