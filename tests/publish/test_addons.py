"""``publish addon``: installed in the version of the spec, upgraded, waited for, never put back."""

from __future__ import annotations

from typing import Any

import pytest
from tests.lab.servers.cs_state import Addon
from tests.publish.cloud import FAULTS, Cloud, Kill

TERWAY = "terway-eniip"


@pytest.fixture
def offered(cloud: Cloud) -> Cloud:
    """A cloud that offers the version of the spec."""
    cloud.cluster.offered[TERWAY].append("v1.8.18")
    return cloud


def version(cloud: Cloud) -> str:
    return cloud.cluster.addons[TERWAY].version


def test_first_installed_then_left_alone(offered: Cloud) -> None:
    first = offered.publish("addon", "--yes")
    assert (first.code, offered.writes()) == (0, ["InstallClusterAddons"]), first.said
    assert (version(offered), offered.cluster.addons[TERWAY].state) == ("v1.8.18", "active")
    offered.forget()
    assert (offered.publish("addon", "--yes").code, offered.writes()) == (0, [])


def test_a_plan_installs_nothing(offered: Cloud) -> None:
    ran = offered.publish("addon")
    assert (ran.code, offered.writes()) == (1, [])
    assert "+ add-on terway-eniip v1.8.18" in ran.out


def test_an_older_one_is_upgraded(offered: Cloud) -> None:
    offered.cluster.addons[TERWAY] = Addon(TERWAY, "v1.8.0")
    ran = offered.publish("addon", "--yes")
    assert (ran.code, offered.writes()) == (0, ["UpgradeClusterAddons"]), ran.said
    assert "v1.8.0 → v1.8.18" in ran.out
    assert version(offered) == "v1.8.18"


def test_a_newer_one_is_never_put_back(offered: Cloud) -> None:
    offered.cluster.addons[TERWAY] = Addon(TERWAY, "v1.17.5")
    ran = offered.publish("addon", "--yes")
    assert (ran.code, offered.writes()) == (1, [])
    assert "which is older" in ran.out


def test_one_that_is_being_installed_is_waited_for(offered: Cloud) -> None:
    offered.publish("addon", "--yes", kill=Kill(3, "after"))
    offered.forget()
    ran = offered.publish("addon", "--yes")
    assert (ran.code, offered.writes()) == (0, []), ran.said


def test_one_that_does_not_come_up_is_no_success(offered: Cloud) -> None:
    offered.cluster.addons[TERWAY] = Addon(TERWAY, "v1.8.18", state="upgrading")
    ran = offered.publish("addon", "--yes", "--deadline", "4")
    assert (ran.code, offered.writes()) == (3, [])
    assert "is upgrading after 4 s" in ran.out


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"silence before", "silence after"}))
def test_after_a_fault_a_second_run_ends_what_the_first_began(offered: Cloud, fault: str) -> None:
    offered.cs.fault(FAULTS[fault]("cs"), operation="InstallClusterAddons")
    first = offered.publish("addon", "--yes", "--deadline", "20")
    assert first.code in (0, 3), first.said
    assert offered.publish("addon", "--yes").code == 0
    assert version(offered) == "v1.8.18"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [2, 3, 4])
def test_a_run_that_is_killed_is_run_again(offered: Cloud, number: int, when: Any) -> None:
    offered.publish("addon", "--yes", kill=Kill(number, when))
    assert offered.publish("addon", "--yes").code == 0
    assert version(offered) == "v1.8.18"
