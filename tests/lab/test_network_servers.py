"""VPC and ECS on loopback: what they are asked for, and what they answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.lab.clients import refused, sdk
from tests.lab.servers.account import Account
from tests.lab.servers.ecs import Machines, ecs
from tests.lab.servers.vpc import Network, vpc

HERE = {"RegionId": "cn-hangzhou"}


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def network() -> Network:
    found = Network()
    found.add_vpc("vpc-1", "10.0.0.0/8")
    found.add_vpc("vpc-2", "172.16.0.0/12")
    for number in range(12):
        zone = f"cn-hangzhou-{'ij'[number % 2]}"
        found.add_vswitch(f"vsw-{number}", "vpc-1", zone, f"10.0.{number}.0/24", free=number)
    found.add_vswitch("vsw-six", "vpc-2", "cn-hangzhou-i", "172.16.0.0/24", Ipv6CidrBlock="2001:db8::/64")
    for number in range(25):
        found.add_route("rtb-vpc-1", f"192.168.{number}.0/24", "vbr-1")
    return found


@pytest.fixture
def call(account: Account, network: Network) -> Iterator[Callable[..., Any]]:
    with vpc(account, network) as server:
        yield sdk(server, account.root())


@pytest.fixture
def machines() -> Machines:
    found = Machines(limits={"max-security-groups": ["100"]}, images=[{"ImageId": "m-1", "Status": "Available"}])
    found.stock = {"cn-hangzhou-i": {"ecs.g7.large": "WithStock"}, "cn-hangzhou-j": {"ecs.g7.large": "WithoutStock"}}
    found.add_type("ecs.g7.large", 2, 8, 3, 6)
    found.add_group("sg-1", "vpc-1")
    for number in range(3):
        found.add_rule("sg-1", f"192.168.{number}.0/24")
    found.add_rule("sg-1", "2001:db8::/32", "10250/10250", "TCP")
    return found


@pytest.fixture
def machine(account: Account, machines: Machines) -> Iterator[Callable[..., Any]]:
    with ecs(account, machines) as server:
        yield sdk(server, account.root())


def test_vswitches_come_in_pages(call: Callable[..., Any]) -> None:
    first = call("DescribeVSwitches", VpcId="vpc-1", **HERE)
    assert (first["TotalCount"], len(first["VSwitches"]["VSwitch"])) == (12, 10)
    second = call("DescribeVSwitches", VpcId="vpc-1", PageNumber="2", **HERE)["VSwitches"]["VSwitch"]
    assert [item["VSwitchId"] for item in second] == ["vsw-10", "vsw-11"]
    assert second[0]["AvailableIpAddressCount"] == 10
    everything = call("DescribeVSwitches", PageSize="50", **HERE)["VSwitches"]["VSwitch"]
    assert len(everything) == 13
    assert refused(lambda: call("DescribeVSwitches", PageSize="51", **HERE)).status == 400


def test_a_filter_narrows_and_a_wrong_id_is_an_empty_list(call: Callable[..., Any]) -> None:
    (one,) = call("DescribeVSwitches", VSwitchId="vsw-3", **HERE)["VSwitches"]["VSwitch"]
    assert (one["ZoneId"], one["CidrBlock"]) == ("cn-hangzhou-j", "10.0.3.0/24")
    assert call("DescribeVSwitches", VSwitchId="vsw-3", VpcId="vpc-2", **HERE)["TotalCount"] == 0
    assert call("DescribeVSwitches", ZoneId="cn-hangzhou-j", **HERE)["TotalCount"] == 6
    assert [item["VpcId"] for item in call("DescribeVpcs", **HERE)["Vpcs"]["Vpc"]] == ["vpc-1", "vpc-2"]
    assert call("DescribeVpcs", VpcId="vpc-3", **HERE)["Vpcs"]["Vpc"] == []


def test_routes_come_with_a_token(call: Callable[..., Any]) -> None:
    (table,) = call("DescribeRouteTableList", VpcId="vpc-1", **HERE)["RouterTableList"]["RouterTableListType"]
    found: list[str] = []
    token = ""
    for _ in range(3):
        asked = {"RouteTableId": table["RouteTableId"], "NextToken": token, **HERE}
        answer = call("DescribeRouteEntryList", **asked)
        found += [entry["DestinationCidrBlock"] for entry in answer["RouteEntrys"]["RouteEntry"]]
        token = answer["NextToken"]
    assert (len(set(found)), token) == (25, "")
    assert refused(lambda: call("DescribeRouteEntryList", RouteTableId="rtb-x", **HERE)).status == 404


def test_another_region_is_refused(call: Callable[..., Any], machine: Callable[..., Any]) -> None:
    for ask in (lambda: call("DescribeVpcs", RegionId="cn-beijing"), lambda: machine("DescribeImages")):
        assert refused(ask)[:2] == (404, "InvalidRegionId.NotFound")


def test_security_groups_and_their_rules(machine: Callable[..., Any]) -> None:
    asked = {"SecurityGroupIds": json.dumps(["sg-1", "sg-2"]), **HERE}
    assert [
        group["VpcId"] for group in machine("DescribeSecurityGroups", **asked)["SecurityGroups"]["SecurityGroup"]
    ] == ["vpc-1"]
    found = machine("DescribeSecurityGroupAttribute", SecurityGroupId="sg-1", Direction="ingress", **HERE)
    rules = found["Permissions"]["Permission"]
    assert [rule.get("SourceCidrIp") for rule in rules] == [*(f"192.168.{number}.0/24" for number in range(3)), None]
    assert rules[3]["Ipv6SourceCidrIp"] == "2001:db8::/32"
    some = machine("DescribeSecurityGroupAttribute", SecurityGroupId="sg-1", MaxResults="3", **HERE)
    assert (len(some["Permissions"]["Permission"]), some["NextToken"]) == (3, "3")
    missing = refused(lambda: machine("DescribeSecurityGroupAttribute", SecurityGroupId="sg-2", **HERE))
    assert missing[:2] == (404, "InvalidSecurityGroupId.NotFound")


def test_stock_a_zone(machine: Callable[..., Any]) -> None:
    asked = {"DestinationResource": "InstanceType", "InstanceType": "ecs.g7.large", **HERE}
    zones = machine("DescribeAvailableResource", **asked)["AvailableZones"]["AvailableZone"]
    assert {zone["ZoneId"]: zone["Status"] for zone in zones} == {
        "cn-hangzhou-i": "Available",
        "cn-hangzhou-j": "SoldOut",
    }
    (resource,) = zones[1]["AvailableResources"]["AvailableResource"]
    assert [
        (item["Value"], item["StatusCategory"]) for item in resource["SupportedResources"]["SupportedResource"]
    ] == [("ecs.g7.large", "WithoutStock")]
    (one,) = machine("DescribeAvailableResource", ZoneId="cn-hangzhou-i", **asked)["AvailableZones"]["AvailableZone"]
    assert one["StatusCategory"] == "WithStock"


def test_types_images_and_limits(machine: Callable[..., Any]) -> None:
    asked = {"InstanceTypes.1": "ecs.g7.large", "InstanceTypes.2": "ecs.none"}
    (kind,) = machine("DescribeInstanceTypes", **asked)["InstanceTypes"]["InstanceType"]
    assert (kind["EniQuantity"], kind["EniPrivateIpAddressQuantity"]) == (3, 6)
    assert machine("DescribeImages", ImageId="m-1,m-2", **HERE)["TotalCount"] == 1
    found = machine("DescribeAccountAttributes", **{"AttributeName.1": "max-security-groups"}, **HERE)
    (item,) = found["AccountAttributeItems"]["AccountAttributeItem"]
    assert item["AttributeValues"]["ValueItem"] == [{"Value": "100"}]


def test_without_the_right_nothing_is_read(account: Account, network: Network, machines: Machines) -> None:
    key = account.user("ci", {"Effect": "Allow", "Action": "ecs:Describe*", "Resource": "*"})
    with vpc(account, network) as server, ecs(account, machines) as other:
        denied = refused(lambda: sdk(server, key)("DescribeVSwitches", **HERE))
        assert denied[:2] == (403, "Forbidden.RAM")
        assert denied.data["AccessDeniedDetail"]["AuthAction"] == "vpc:DescribeVSwitches"
        assert sdk(other, key)("DescribeImages", **HERE)["TotalCount"] == 1


def test_a_token_of_a_page_is_no_secret(account: Account, machines: Machines) -> None:
    with ecs(account, machines) as server:
        sdk(server, account.root())("DescribeInstanceTypes", NextToken="0")
        assert server.requests[-1].parameters == {"NextToken": "0"}
