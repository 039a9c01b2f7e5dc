"""Ask Alibaba Cloud for what a spec names: only Describe, Get and List calls, each to its last page.

A 403 hides the one thing that was asked for, and names the RAM action that is missing. Whatever else goes wrong is
raised: half a cloud that looks whole would be a lie.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from hybridc.catalog import api
from hybridc.cloud.acs import Acs, ack
from hybridc.cloud.trouble import Trouble
from hybridc.live import cloud_reads as kinds
from hybridc.live.cloud_reads import SHAPES, Asked, statements
from hybridc.live.cloud_state import CloudState, Data
from hybridc.live.reads import Id
from hybridc.live.shapes import Misshapen, project

_WHO = (*api.SKEWED, *api.EXPIRED, *api.WRONG_KEY)
"""Codes that say who asks, with whatever status: nothing at all can be seen then."""
_PAGE, _RULES, _TYPES = 50, 500, 10
"""How many items or names a request takes, at most (the pages of the calls in Alibaba's documentation)."""
_FILTERED = {
    kinds.VPC: ("vpc", "DescribeVpcs", "VpcId", ("Vpcs", "Vpc")),
    kinds.VSWITCH: ("vpc", "DescribeVSwitches", "VSwitchId", ("VSwitches", "VSwitch")),
    kinds.IMAGE: ("ecs", "DescribeImages", "ImageId", ("Images", "Image")),
}
"""Kind → service, call, the parameter that takes an id (and the field that has it), and where the items are."""
_TABLES, _ENTRIES = ("RouterTableList", "RouterTableListType"), ("RouteEntrys", "RouteEntry")
_LIMITS = {"max": "max-postpaid-instance-vcpu-count", "used": "used-postpaid-instance-vcpu-count"}
"""What DescribeAccountAttributes calls them."""


def read(acs: Acs, account: str, asked: Asked) -> CloudState:
    """What there is of what was asked for. Raises :class:`~hybridc.cloud.trouble.Trouble`."""
    found = _Reader(acs)
    found.named(kinds.VPC, asked.vpcs)
    found.tables(asked.vpcs)
    found.named(kinds.VSWITCH, asked.vswitches)
    found.groups(asked.groups)
    found.named(kinds.IMAGE, asked.images)
    found.types(asked.types)
    if asked.types:
        found.quota()
    found.holders(kinds.USER, asked.users)
    found.holders(kinds.ROLE, asked.roles)
    found.clusters(asked.clusters)
    found.addons(asked.clusters if asked.addons else ())
    return CloudState(
        account,
        acs.region,
        found.objects,
        frozenset(found.whole),
        frozenset(found.absent),
        found.unseen,
        datetime.now(UTC).isoformat(timespec="seconds"),
    )


class _Reader:
    def __init__(self, acs: Acs) -> None:
        self._acs = acs
        self._policies: dict[tuple[str, str], list[Data]] = {}
        self.objects: dict[Id, Data] = {}
        self.whole: set[Id] = set()
        self.absent: set[Id] = set()
        self.unseen: dict[Id, str] = {}

    def tables(self, vpcs: Sequence[str]) -> None:
        """The route tables of VPCs, with their entries."""
        for vpc in vpcs:
            self._look([Id(kinds.TABLE, vpc)], partial(self._tables, vpc))

    def _tables(self, vpc: str) -> None:
        for item in self._pages("vpc", "DescribeRouteTableList", {"VpcId": vpc}, _TABLES):
            table = str(item.get("RouteTableId"))
            query = {"RouteTableId": table, "MaxResult": "100"}
            entries = self._tokens("vpc", "DescribeRouteEntryList", query, _ENTRIES)
            self._keep(kinds.TABLE, table, {**item, "Entries": list(entries)}, vpc)
        self.whole.add(Id(kinds.TABLE, vpc))

    def named(self, kind: str, names: Sequence[str]) -> None:
        """What a list has that is narrowed to an id, one at a time; what does not come is not there."""
        for name in names:
            self._look([Id(kind, "", name)], partial(self._named, kind, name))

    def _named(self, kind: str, name: str) -> None:
        service, call, key, below = _FILTERED[kind]
        for item in self._pages(service, call, {key: name}, below):
            if item.get(key) == name:
                self._keep(kind, name, item)
        if Id(kind, "", name) not in self.objects:
            self.absent.add(Id(kind, "", name))

    def groups(self, ids: Sequence[str]) -> None:
        """Security groups by id, with their rules of both directions."""
        for group in ids:
            self._look([Id(kinds.GROUP, "", group)], partial(self._group, group))

    def _group(self, group: str) -> None:
        query = {"SecurityGroupId": group, "MaxResults": str(_RULES)}
        answers = [*self._answers("ecs", "DescribeSecurityGroupAttribute", query)]
        rules = [rule for answer in answers for rule in _below(answer, "Permissions", "Permission")]
        self._keep(kinds.GROUP, group, {**answers[0], "Rules": rules})

    def types(self, names: Sequence[str]) -> None:
        """Instance types: their vCPUs, and the zones that sell them."""
        for start in range(0, len(names), _TYPES):
            part = names[start : start + _TYPES]
            self._look([Id(kinds.SIZE, "", name) for name in part], partial(self._sizes, part))
        for name in names:
            self._look([Id(kinds.TYPE, "", name)], partial(self._stock, name))

    def _sizes(self, names: Sequence[str]) -> None:
        query = {f"InstanceTypes.{number}": name for number, name in enumerate(names, 1)}
        for item in self._tokens("ecs", "DescribeInstanceTypes", query, ("InstanceTypes", "InstanceType")):
            self._keep(kinds.SIZE, str(item.get("InstanceTypeId")), item)
        self.absent |= {Id(kinds.SIZE, "", name) for name in names} - self.objects.keys()

    def _stock(self, name: str) -> None:
        query = {"DestinationResource": "InstanceType", "InstanceType": name, "InstanceChargeType": "PostPaid"}
        answer = self._ask("ecs", "DescribeAvailableResource", query)
        zones = [*_zones(_below(answer, "AvailableZones", "AvailableZone"), name)]
        if zones:
            self._keep(kinds.TYPE, name, {"Zones": zones})
        else:
            self.absent.add(Id(kinds.TYPE, "", name))

    def quota(self) -> None:
        """How many vCPUs the account may have, pay as you go, and has."""
        self._look([Id(kinds.QUOTA, "", kinds.CORES)], self._quota)

    def _quota(self) -> None:
        query = {f"AttributeName.{number}": name for number, name in enumerate(_LIMITS.values(), 1)}
        answer = self._ask("ecs", "DescribeAccountAttributes", query)
        items = _below(answer, "AccountAttributeItems", "AccountAttributeItem")
        values = {
            str(item.get("AttributeName")): _below(item, "AttributeValues", "ValueItem", maybe=True) for item in items
        }
        found = {key: _number(values.get(name, [])) for key, name in _LIMITS.items()}
        if None in found.values():
            self.absent.add(Id(kinds.QUOTA, "", kinds.CORES))
        else:
            self._keep(kinds.QUOTA, kinds.CORES, found)

    def holders(self, kind: str, names: Sequence[str]) -> None:
        """RAM users or roles, with what their policies say; a user's groups count too."""
        for name in names:
            self._look([Id(kind, "", name)], partial(self._holder, kind, name))

    def _holder(self, kind: str, name: str) -> None:
        if kind == kinds.ROLE:
            found = self._attached("ListPoliciesForRole", {"RoleName": name}, "")
        else:
            found = self._attached("ListPoliciesForUser", {"UserName": name}, "")
            for group in _below(self._ask("ram", "ListGroupsForUser", {"UserName": name}), "Groups", "Group"):
                own = str(group.get("GroupName"))
                found += self._attached("ListPoliciesForGroup", {"GroupName": own}, own)
        self._keep(kind, name, {"Policies": found})

    def _attached(self, call: str, query: Mapping[str, str], by: str) -> list[Data]:
        listed = _below(self._ask("ram", call, query), "Policies", "Policy")
        return [{**each, "Group": by, "Statement": self._document(each)} for each in listed]

    def _document(self, policy: Data) -> list[Data]:
        """The statements of the default version of a policy."""
        named = (str(policy.get("PolicyType")), str(policy.get("PolicyName")))
        if named not in self._policies:
            answer = self._ask("ram", "GetPolicy", {"PolicyType": named[0], "PolicyName": named[1]})
            version = answer.get("DefaultPolicyVersion")
            self._policies[named] = statements(version.get("PolicyDocument") if isinstance(version, dict) else None)
        return self._policies[named]

    def clusters(self, clusters: Sequence[str]) -> None:
        """Registered clusters, and their node pools."""
        for cluster in clusters:
            own, path = Id(kinds.CLUSTER, "", cluster), f"/clusters/{quote(cluster, safe='')}"
            self._look([own], partial(self._cluster, cluster, path))
            if own in self.absent:
                self.whole.add(Id(kinds.POOL, cluster))
            else:
                self._look([Id(kinds.POOL, cluster)], partial(self._pools, cluster, f"{path}/nodepools"))

    def addons(self, clusters: Sequence[str]) -> None:
        """The add-ons of clusters."""
        for cluster in clusters:
            path = f"/clusters/{quote(cluster, safe='')}/addon_instances"
            self._look([Id(kinds.ADDON, cluster)], partial(self._addons, cluster, path))

    def _cluster(self, cluster: str, path: str) -> None:
        self._keep(kinds.CLUSTER, cluster, self._ack("DescribeClusterDetail", path))

    def _pools(self, cluster: str, path: str) -> None:
        for item in _listed(self._ack("DescribeClusterNodePools", path), "nodepools"):
            info = item.get("nodepool_info")
            self._keep(kinds.POOL, str(info.get("nodepool_id")) if isinstance(info, dict) else "", item, cluster)
        self.whole.add(Id(kinds.POOL, cluster))

    def _addons(self, cluster: str, path: str) -> None:
        for item in _listed(self._ack("ListClusterAddonInstances", path), "addons"):
            self._keep(kinds.ADDON, str(item.get("name")), item, cluster)
        self.whole.add(Id(kinds.ADDON, cluster))

    def _look(self, ids: Iterable[Id], look: Callable[[], None]) -> None:
        """Do it; what is forbidden is unseen. Raises :class:`Trouble`."""
        try:
            look()
        except Trouble as trouble:
            if 400 <= trouble.status < 500 and trouble.code.startswith(api.GONE):
                self.absent |= set(ids)
                return
            if trouble.status != 403 or not trouble.code or trouble.code in _WHO:
                raise
            self.unseen |= dict.fromkeys(ids, f"needs {trouble.action}")
        except Misshapen as error:
            self.unseen |= dict.fromkeys(ids, f"the cloud answers with something else: {error}")

    def _keep(self, kind: str, name: str, item: Any, of: str = "") -> None:
        self.objects[Id(kind, of, name)] = project(item, SHAPES[kind])

    def _ack(self, call: str, path: str) -> Any:
        return self._acs.roa(ack(call, "GET", path))

    def _ask(self, service: str, call: str, query: Mapping[str, str]) -> Data:
        where = {} if service == "ram" else {"RegionId": self._acs.region}
        answer = self._acs.rpc(service, call, {**where, **query})
        if not isinstance(answer, dict):
            raise Misshapen("the answer must be a mapping")
        return answer

    def _pages(self, service: str, call: str, query: Mapping[str, str], below: tuple[str, str]) -> Iterator[Data]:
        """The items of a list that is paged by number."""
        number = seen = 0
        before: list[Data] = []
        while True:
            number += 1
            answer = self._ask(service, call, {**query, "PageNumber": str(number), "PageSize": str(_PAGE)})
            items = _below(answer, *below)
            if items and items == before:
                raise Misshapen("the page that follows is the page itself")
            before = items
            yield from items
            seen += len(items)
            total = answer.get("TotalCount")
            if not items or not isinstance(total, int) or seen >= total:
                return

    def _tokens(self, service: str, call: str, query: Mapping[str, str], below: tuple[str, str]) -> Iterator[Data]:
        """The items of a list that is paged by a token."""
        for answer in self._answers(service, call, query):
            yield from _below(answer, *below)

    def _answers(self, service: str, call: str, query: Mapping[str, str]) -> Iterator[Data]:
        token, known = "", {""}
        while True:
            answer = self._ask(service, call, {**query, **({"NextToken": token} if token else {})})
            yield answer
            token = str(answer.get("NextToken") or "")
            if not token:
                return
            if token in known:
                raise Misshapen("the page that follows is one before")
            known.add(token)


def _below(answer: Any, *names: str, maybe: bool = False) -> list[Data]:
    """The list below two names, as these APIs nest them. ``maybe``: no list is an empty one.

    Elsewhere an answer without its list is none: nobody may take what it lacks for absent.
    """
    inner = answer.get(names[0]) if isinstance(answer, dict) else None
    return [] if inner is None and maybe else _listed(inner, names[1], names[0])


def _listed(answer: Any, name: str, place: str = "the answer") -> list[Data]:
    if not isinstance(answer, dict):
        raise Misshapen(f"{place} must be a mapping")
    items = answer.get(name)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Misshapen(f"{name} must be a list of mappings")
    return items


def _zones(zones: Iterable[Data], name: str) -> Iterator[Data]:
    """The zones that sell an instance type, and how much of it there is."""
    for zone in zones:
        for resource in _below(zone, "AvailableResources", "AvailableResource", maybe=True):
            for each in _below(resource, "SupportedResources", "SupportedResource", maybe=True):
                if each.get("Value") == name:
                    stock = {key: each.get(key) for key in ("Status", "StatusCategory")}
                    yield {"ZoneId": zone.get("ZoneId"), **stock}


def _number(values: Iterable[Data]) -> int | None:
    """A number of the account; None where there is none."""
    texts = [str(each.get("Value")) for each in values]
    return int(texts[0]) if texts and re.fullmatch("[0-9]{1,18}", texts[0]) else None
