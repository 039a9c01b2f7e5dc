"""What a finding says is so: sentences about ranges against ``ipaddress``, and about versions that nobody knows."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hybridc.compile import front
from hybridc.layout import yaml_text

BASE = yaml.safe_load((Path(__file__).parent / "base.yaml").read_text("utf-8"))
NETWORK = re.compile(r"(?<![\w.:])(\d+(?:\.\d+){3}/\d+|[0-9a-f:]*::[0-9a-f:]*/\d+)")
# Few bits, so that ranges meet: 10.0.0.0 to 10.63.0.0, /8 to /13.
V4 = st.builds(
    lambda second, prefix: str(ip_network(f"10.{second}.0.0/{prefix}", strict=False)),
    st.integers(0, 63),
    st.integers(8, 14),
)


def said(spec: Any) -> list[tuple[str, str]]:
    """Code and message of every finding."""
    return [(d.code, d.message) for d in front("hybrid.yaml", yaml_text.dump(spec).encode(), "2026-11-30").found]


def with_ranges(vpc: list[str], pods: list[str], nodes: list[str], services: list[str]) -> Any:
    spec = yaml.safe_load(yaml_text.dump(BASE))
    spec["spec"]["alibabaCloud"]["vpc"]["cidrs"] = vpc
    spec["spec"]["cluster"] |= {"podCIDRs": pods, "nodeCIDRs": nodes, "serviceCIDRs": services}
    return spec


RANGES = st.lists(V4, min_size=1, max_size=3, unique=True)


@settings(max_examples=300, deadline=None)
@given(RANGES, RANGES, RANGES, RANGES)
def test_what_is_said_of_two_ranges_is_so(
    vpc: list[str], pods: list[str], nodes: list[str], services: list[str]
) -> None:
    for code, message in said(with_ranges(vpc, pods, nodes, services)):
        found = [ip_network(text) for text in NETWORK.findall(message)]
        if len(found) != 2:
            continue
        a, b = found
        if " lies in " in message:
            assert a.subnet_of(b), (code, message)  # type: ignore[arg-type]
        elif " holds " in message:
            assert a != b
            assert a.supernet_of(b), (code, message)  # type: ignore[arg-type]
        elif "overlap" in message:
            assert a.overlaps(b), (code, message)
        elif "is not inside" in message:
            assert not a.subnet_of(b), (code, message)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pods", "verb"), [("11.0.0.0/8", "holds"), ("11.1.2.0/24", "lies in"), ("11.1.0.0/16", "lies in")]
)
def test_which_of_two_ranges_is_the_larger_one(pods: str, verb: str) -> None:
    messages = said(with_ranges(["11.1.0.0/16"], [pods], ["192.168.0.0/24"], ["172.16.0.0/16"]))
    assert ("NET005", f"IDC pod CIDR {pods} {verb} the VPC CIDR 11.1.0.0/16") in messages


UNKNOWN = (
    {"terway": {"version": "959.0.1"}, "ram": {"user": "u", "profile": "documented"}},
    {"terway": {"version": "1.14.77", "securityGroups": [f"sg-{n}" for n in range(30)]}},
    {"terway": {"version": "1.8.19", "datapath": "datapathv2"}},
    {"terway": {"version": "1.8.19", "extraEniConf": {"enable_erdma": True, "ip_warm_up_size": 1}}},
    {"terway": {"version": "959.0.1", "extraEniConf": {"enable_ipam": True}}},
)


@pytest.mark.parametrize("changes", UNKNOWN, ids=str)
@pytest.mark.parametrize("minor", [24, 28, 34])
def test_facts_of_an_unknown_terway_are_told_as_those_of_a_known_one(changes: dict[str, Any], minor: int) -> None:
    """VER007 says that nobody knows it; no other finding speaks as if somebody did."""
    spec = yaml.safe_load(yaml_text.dump(BASE))
    spec["spec"] |= changes
    spec["spec"]["cluster"]["kubernetesVersion"] = f"1.{minor}.3"
    version = changes["terway"]["version"]
    named = [
        (code, message)
        for code, message in said(spec)
        if re.search(rf"(?<![\d.]){re.escape(version)}(?![\d.])", message)
    ]
    assert "VER007" in {code for code, _ in named}
    assert [message for code, message in named if code != "VER007" and f"{version} (taken for 1." not in message] == []


def test_facts_of_an_unknown_kubernetes_are_told_as_those_of_a_known_one() -> None:
    spec = yaml.safe_load(yaml_text.dump(BASE))
    spec["spec"]["cluster"]["kubernetesVersion"] = "1.99.0"
    spec["spec"]["nodeInit"] |= {"os": "rhel-8"}
    messages = [message for code, message in said(spec) if code == "INIT018" or "cgroup v1" in message]
    assert messages
    assert all("Kubernetes 1.99.0 (taken for 1." in message for message in messages)
