"""ECS (2014-05-26) on loopback, what is read of it: security groups, stock, instance types, images, limits.

``with ecs(account, machines) as server``; ``machines`` is what there is, in the fields of the API. Parameters, limits
and shapes: alibabacloud-ecs20140526 7.11.8. Without the right a Describe call is refused since 20 December 2025;
before, it gave an empty list: https://www.alibabacloud.com/help/en/ecs/
announcement-of-changes-to-the-authentication-mechanism-for-alibaba-cloud-ecs-query-type-apis
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.lab.servers.account import Account
from tests.lab.servers.acs import Acs, Api, Call, Operation, acs, forbidden
from tests.lab.servers.acs_words import Json, RefusedError, strings, wanted
from tests.lab.servers.lists import after, numbered, page, region

_ALL = ("acs:ecs:*:*:*",)
Stock = Literal["WithStock", "ClosedWithStock", "WithoutStock", "ClosedWithoutStock"]


@dataclass
class Machines:
    """What there is. ``rules``: by security group; ``stock``: by zone and instance type; ``limits``: by attribute."""

    region: str = "cn-hangzhou"
    groups: list[Json] = field(default_factory=list)
    rules: dict[str, list[Json]] = field(default_factory=dict)
    stock: dict[str, dict[str, Stock]] = field(default_factory=dict)
    types: list[Json] = field(default_factory=list)
    images: list[Json] = field(default_factory=list)
    limits: dict[str, list[str]] = field(default_factory=dict)

    def add_group(self, group: str, vpc_id: str, **more: object) -> None:
        """A security group without rules."""
        self.groups.append({"SecurityGroupId": group, "VpcId": vpc_id, "SecurityGroupType": "normal", **more})
        self.rules[group] = []

    def add_rule(self, group: str, cidr: str, ports: str = "-1/-1", protocol: str = "ALL", **more: object) -> None:
        """A rule that lets ``cidr`` in."""
        source = "Ipv6SourceCidrIp" if ":" in cidr else "SourceCidrIp"
        fields = {"IpProtocol": protocol, "PortRange": ports, "Policy": "Accept", "Direction": "ingress"}
        self.rules[group].append({**fields, "Priority": "1", "NicType": "intranet", source: cidr, **more})

    def add_type(self, name: str, cores: int, gib: float, enis: int, addresses: int, **more: object) -> None:
        """An instance type; ``addresses``: IPv4 addresses of an ENI."""
        fields = {"InstanceTypeId": name, "InstanceTypeFamily": name.rpartition(".")[0], "CpuCoreCount": cores}
        fields |= {"MemorySize": gib, "EniQuantity": enis, "EniPrivateIpAddressQuantity": addresses}
        self.types.append({**fields, "CpuArchitecture": "X86", "GPUAmount": 0, **more})


def _groups(machines: Machines) -> Callable[[Call], Json]:
    """DescribeSecurityGroups: pages by token if MaxResults is said, else by number."""

    def do(call: Call) -> Json:
        region(call, machines.region)
        parameters = call.parameters
        named = [*strings(parameters, "SecurityGroupIds"), parameters.get("SecurityGroupId", "")]
        ids, of = {name for name in named if name}, parameters.get("VpcId")
        found = [
            group
            for group in machines.groups
            if (not ids or group["SecurityGroupId"] in ids) and of in (None, group["VpcId"])
        ]
        answer: Json = {"RegionId": machines.region}
        if "MaxResults" in parameters:
            part, token = after(parameters, found, "MaxResults", 10, 100)
            return answer | {"SecurityGroups": {"SecurityGroup": part}, "NextToken": token}
        part, numbers = page(parameters, found, 50)
        return answer | {"SecurityGroups": {"SecurityGroup": part}, **numbers}

    return do


def _rules(machines: Machines) -> Callable[[Call], Json]:
    """DescribeSecurityGroupAttribute: 500 rules at once if nothing else is said.

    InvalidSecurityGroupId.NotFound: AlibabaCloudDocs/ecs.
    """

    def do(call: Call) -> Json:
        region(call, machines.region)
        name = wanted(call.parameters, "SecurityGroupId")
        if name not in machines.rules:
            message = "The specified SecurityGroupId does not exist."
            raise RefusedError(404, "InvalidSecurityGroupId.NotFound", message)
        direction = call.parameters.get("Direction", "all")
        rules = [rule for rule in machines.rules[name] if direction in ("all", rule["Direction"])]
        part, token = after(call.parameters, rules, "MaxResults", 500, 1000)
        (group,) = (item for item in machines.groups if item["SecurityGroupId"] == name)
        fields = {"SecurityGroupId": name, "VpcId": group["VpcId"], "RegionId": machines.region}
        return {**fields, "Permissions": {"Permission": part}, "NextToken": token}

    return do


def _available(machines: Machines) -> Callable[[Call], Json]:
    """DescribeAvailableResource of instance types: a zone each, and the stock there."""

    def do(call: Call) -> Json:
        region(call, machines.region)
        if wanted(call.parameters, "DestinationResource") != "InstanceType":
            raise RefusedError(400, "InvalidParameter.DestinationResource", "this server knows InstanceType")
        only, kind = call.parameters.get("ZoneId"), call.parameters.get("InstanceType")
        zones = [_zone(machines, zone, kind) for zone in machines.stock if only in (None, zone)]
        return {"AvailableZones": {"AvailableZone": zones}}

    return do


def _zone(machines: Machines, zone: str, kind: str | None) -> Json:
    stock = {name: has for name, has in machines.stock[zone].items() if kind in (None, name)}
    found = [{"Value": name, **_status(has)} for name, has in stock.items()]
    resource = {"Type": "InstanceType", "SupportedResources": {"SupportedResource": found}}
    best = next((has for has in ("WithStock", "ClosedWithStock") if has in stock.values()), "WithoutStock")
    place = {"RegionId": machines.region, "ZoneId": zone}
    return {**place, **_status(best), "AvailableResources": {"AvailableResource": [resource]}}


def _status(stock: str) -> Json:
    return {"Status": "Available" if stock.endswith("WithStock") else "SoldOut", "StatusCategory": stock}


def _types(machines: Machines) -> Callable[[Call], Json]:
    """DescribeInstanceTypes: all, or at most ten that are named."""

    def do(call: Call) -> Json:
        names = numbered(call.parameters, "InstanceTypes")
        if len(names) > 10:
            raise RefusedError(400, "InvalidParameter.InstanceTypes", "1 to 10 instance types")
        found = [item for item in machines.types if not names or item["InstanceTypeId"] in names]
        part, token = after(call.parameters, found, "MaxResults", 1600, 1600)
        return {"InstanceTypes": {"InstanceType": part}, "NextToken": token}

    return do


def _images(machines: Machines) -> Callable[[Call], Json]:
    """DescribeImages, by id."""

    def do(call: Call) -> Json:
        region(call, machines.region)
        ids = [name for name in call.parameters.get("ImageId", "").split(",") if name]
        found = [item for item in machines.images if not ids or item["ImageId"] in ids]
        part, numbers = page(call.parameters, found, 100)
        return {"RegionId": machines.region, "Images": {"Image": part}, **numbers}

    return do


def _limits(machines: Machines) -> Callable[[Call], Json]:
    """DescribeAccountAttributes."""

    def do(call: Call) -> Json:
        region(call, machines.region)
        names = numbered(call.parameters, "AttributeName") or list(machines.limits)
        found = [
            {"AttributeName": name, "AttributeValues": {"ValueItem": [{"Value": value} for value in values]}}
            for name, values in machines.limits.items()
            if name in names
        ]
        return {"AccountAttributeItems": {"AccountAttributeItem": found}}

    return do


_OPERATIONS: Mapping[str, Callable[[Machines], Callable[[Call], Json]]] = {
    "DescribeSecurityGroups": _groups,
    "DescribeSecurityGroupAttribute": _rules,
    "DescribeAvailableResource": _available,
    "DescribeInstanceTypes": _types,
    "DescribeImages": _images,
    "DescribeAccountAttributes": _limits,
}


def api(machines: Machines) -> Api:
    """The service that has these machines."""
    operations = {name: Operation(do(machines), _ALL) for name, do in _OPERATIONS.items()}
    return Api("ecs", f"ecs.{machines.region}.aliyuncs.com", "2014-05-26", operations, forbidden)


@contextmanager
def ecs(account: Account, machines: Machines) -> Iterator[Acs]:
    """Run it until the block ends."""
    with acs(api(machines), account, machines.region) as server:
        yield server
