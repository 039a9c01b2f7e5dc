"""VPC (2016-04-28) on loopback, what is read of it: VPCs, vSwitches, route tables and their entries.

``with vpc(account, network) as server``; ``network`` is what there is, in the fields of the API. Parameters, limits and
shapes: alibabacloud-vpc20160428 7.2.2. An id that is not there gives an empty list, where it is a filter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.lab.servers.account import Account
from tests.lab.servers.acs import Acs, Api, Call, Operation, acs, forbidden
from tests.lab.servers.acs_words import Json, RefusedError, wanted
from tests.lab.servers.lists import after, page, region

_ALL = ("acs:vpc:*:*:*",)
_PAGE, _ENTRIES = 50, 100


@dataclass
class Network:
    """What there is. ``entries``: by route table."""

    region: str = "cn-hangzhou"
    vpcs: list[Json] = field(default_factory=list)
    vswitches: list[Json] = field(default_factory=list)
    tables: list[Json] = field(default_factory=list)
    entries: dict[str, list[Json]] = field(default_factory=dict)

    def add_vpc(self, vpc_id: str, cidr: str, **more: object) -> None:
        """A VPC with its system route table, ``rtb-<vpc>``."""
        table = f"rtb-{vpc_id}"
        fields = {"VpcId": vpc_id, "CidrBlock": cidr, "RegionId": self.region, "Status": "Available"}
        self.vpcs.append({**fields, "RouterTableIds": {"RouterTableIds": [table]}, **more})
        self.tables.append({"RouteTableId": table, "VpcId": vpc_id, "RouteTableType": "System", "Status": "Available"})
        self.entries[table] = []

    def add_vswitch(self, vswitch_id: str, vpc_id: str, zone: str, cidr: str, free: int = 200, **more: object) -> None:
        """A vSwitch with ``free`` addresses."""
        fields = {"VSwitchId": vswitch_id, "VpcId": vpc_id, "ZoneId": zone, "CidrBlock": cidr, "Status": "Available"}
        self.vswitches.append({**fields, "Ipv6CidrBlock": "", "AvailableIpAddressCount": free, **more})

    def add_route(self, table: str, cidr: str, hop: str, kind: str = "RouterInterface", **more: object) -> None:
        """An entry of a route table."""
        hops = {"NextHop": [{"NextHopId": hop, "NextHopType": kind, "Enabled": 1}]}
        fields = {"RouteTableId": table, "DestinationCidrBlock": cidr, "NextHops": hops, "Status": "Available"}
        self.entries[table].append({**fields, "Type": "Custom", "IpVersion": "IPv6" if ":" in cidr else "IPv4", **more})


def _listed(network: Network, what: str, filters: tuple[str, ...], *names: str) -> Callable[[Call], Json]:
    """The list ``network.<what>`` by pages, which each of ``filters`` narrows, below ``names``."""

    def do(call: Call) -> Json:
        region(call, network.region)
        asked = {name: call.parameters[name].split(",") for name in filters if call.parameters.get(name)}
        items: list[Json] = getattr(network, what)
        found = [item for item in items if all(item.get(name) in values for name, values in asked.items())]
        part, numbers = page(call.parameters, found, _PAGE)
        return {**numbers, names[0]: {names[1]: part}}

    return do


def _entries(network: Network) -> Callable[[Call], Json]:
    """DescribeRouteEntryList; the code for a table that is not there is not established."""

    def do(call: Call) -> Json:
        region(call, network.region)
        table = wanted(call.parameters, "RouteTableId")
        if table not in network.entries:
            raise RefusedError(404, "InvalidRouteTableId.NotFound", "The specified RouteTableId does not exist.")
        part, token = after(call.parameters, network.entries[table], "MaxResult", 10, _ENTRIES)
        return {"RouteEntrys": {"RouteEntry": part}, "NextToken": token, "TotalCount": len(network.entries[table])}

    return do


def api(network: Network) -> Api:
    """The service that has this network."""
    tables = ("RouteTableId", "VpcId", "RouteTableType")
    operations = {
        "DescribeVpcs": _listed(network, "vpcs", ("VpcId",), "Vpcs", "Vpc"),
        "DescribeVSwitches": _listed(network, "vswitches", ("VSwitchId", "VpcId", "ZoneId"), "VSwitches", "VSwitch"),
        "DescribeRouteTableList": _listed(network, "tables", tables, "RouterTableList", "RouterTableListType"),
        "DescribeRouteEntryList": _entries(network),
    }
    rights = {name: Operation(do, _ALL) for name, do in operations.items()}
    return Api("vpc", f"vpc.{network.region}.aliyuncs.com", "2016-04-28", rights, forbidden)


@contextmanager
def vpc(account: Account, network: Network) -> Iterator[Acs]:
    """Run it until the block ends."""
    with acs(api(network), account, network.region) as server:
        yield server
