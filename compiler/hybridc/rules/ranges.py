"""The address ranges of a spec as numbers: named, parsed once, and cheap to compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from hybridc.cidr import Networks, Span, parse
from hybridc.spec.hole import is_hole
from hybridc.spec.items import Items
from hybridc.spec.model import Spec, VSwitch
from hybridc.words import more


class Range(NamedTuple):
    """A CIDR of the spec: what a person calls it, the value (traced), the addresses."""

    name: str
    value: str
    span: Span

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


@dataclass(frozen=True)
class Ranges:
    """Every range of a spec but what NET001 reports. A vSwitch that serves nodes and pods is in ``vswitches`` once."""

    nodes: Items[Range]
    pods: Items[Range]
    services: Items[Range]
    vpc: Items[Range]
    vswitches: Items[Range]

    def every(self) -> tuple[Range, ...]:
        """All of them."""
        return (*self.services, *self.nodes, *self.pods, *self.vpc, *self.vswitches)


_last: list[tuple[Spec, Ranges]] = []


def ranges_of(spec: Spec) -> Ranges:
    """The ranges of a spec. Those of the last one are kept, since rule after rule asks for the same ones."""
    if not _last or _last[0][0] is not spec:
        _last[:] = [(spec, _ranges(spec))]
    return _last[0][1]


def _ranges(spec: Spec) -> Ranges:
    cluster, vpc = spec.cluster, spec.alibaba_cloud.vpc
    return Ranges(
        nodes=_group("IDC node CIDR", cluster.node_cidrs),
        pods=_group("IDC pod CIDR", cluster.pod_cidrs),
        services=_group("Service CIDR", cluster.service_cidrs),
        vpc=_group("VPC CIDR", vpc.cidrs),
        vswitches=_vswitches(vpc.node_vswitches, vpc.pod_vswitches),
    )


def _group(name: str, values: Items[str]) -> Items[Range]:
    found = _known((name, value) for value in values)
    return Items(found, whole=values.whole and len(found) == len(values))


def _known(named: Iterable[tuple[str, str]]) -> list[Range]:
    """The ranges among named values; holes, and what NET001 reports, are left out."""
    spans = [(name, value, None if is_hole(value) else parse(value)) for name, value in named]
    return [Range(name, value, span) for name, value, span in spans if span is not None]


def _vswitches(nodes: Items[VSwitch], pods: Items[VSwitch]) -> Items[Range]:
    named: dict[tuple[str, str], tuple[str, str]] = {}
    for kind, switch in (*(("node", one) for one in nodes), *(("pod", one) for one in pods)):
        if is_hole(switch.id):
            continue
        for cidr in (switch.cidr,) if switch.ipv6_cidr is None else (switch.cidr, switch.ipv6_cidr):
            key = (switch.id, "" if is_hole(cidr) else cidr)
            named.setdefault(key, (f"{kind} vSwitch {switch.id}", cidr))
    found = _known(named.values())
    ids = not any(is_hole(switch.id) for switch in (*nodes, *pods))
    return Items(found, whole=nodes.whole and pods.whole and ids and len(found) == len(named))


class Met(NamedTuple):
    """The range that another one shares an address with: of several the widest, and how many ``more`` there are."""

    range: Range
    more: str

    def __str__(self) -> str:
        return f"{self.range}{self.more}"


class Group:
    """Ranges that other ranges are held against."""

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._ranges: list[Range] = []
        self._networks = Networks()
        self.add(ranges)

    def add(self, ranges: Iterable[Range]) -> None:
        """Take more of them."""
        for item in ranges:
            self._ranges.append(item)
            self._networks.add(item.span)

    def meets(self, item: Range) -> Met | None:
        """What shares an address with the item; None when nothing does."""
        found = self._networks.overlapping(item.span)
        return None if found is None else Met(self._ranges[found[0]], more(found[1] - 1))


def api_server(spec: Spec) -> Range | None:
    """The API server as a range of one address, when the spec gives an address and not a name."""
    if is_hole(spec.cluster.api_server):
        return None
    host = spec.cluster.api_server.rpartition(":")[0].strip("[]")
    span = parse(host) if host[-1:].isdigit() or ":" in host else None
    return None if span is None else Range("API server", spec.cluster.api_server, span)
