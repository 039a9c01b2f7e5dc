"""The address ranges of a spec as numbers: named, parsed once, and cheap to compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from hybridc.cidr import Span, parse
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec


class Range(NamedTuple):
    """A CIDR of the spec: what a person calls it, the value (traced), the addresses."""

    name: str
    value: str
    span: Span

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class Group(tuple[Range, ...]):
    """Ranges of one kind; ``whole`` is false when a value of the file is left out because it is wrong."""

    whole: bool


@dataclass(frozen=True)
class Ranges:
    """Every range of a spec. A vSwitch that serves nodes and pods is in ``vswitches`` once."""

    nodes: Group
    pods: Group
    services: Group
    vpc: Group
    vswitches: Group

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
        nodes=_group(("IDC node CIDR", cluster.node_cidrs)),
        pods=_group(("IDC pod CIDR", cluster.pod_cidrs)),
        services=_group(("Service CIDR", cluster.service_cidrs)),
        vpc=_group(("VPC CIDR", vpc.cidrs)),
        vswitches=_vswitches(("node", vpc.node_vswitches), ("pod", vpc.pod_vswitches)),
    )


def _group(*named: tuple[str, Any]) -> Group:
    """The ranges among the values of each name; holes, and what NET001 reports, are left out."""
    found: list[Range] = []
    whole = True
    for name, values in named:
        for value in (values,) if is_hole(values) else values:
            span = None if is_hole(value) else parse(str(value))
            if span is None:
                whole = False
            else:
                found.append(Range(name, value, span))
    group = Group(found)
    group.whole = whole
    return group


def _vswitches(*kinds: tuple[str, Any]) -> Group:
    named: dict[tuple[str, str], tuple[str, Any]] = {}
    whole = True
    for kind, switches in kinds:
        for switch in (switches,) if is_hole(switches) else switches:
            if is_hole(switch) or is_hole(switch.id):
                whole = False
                continue
            for cidr in (switch.cidr, *(() if switch.ipv6_cidr is None else (switch.ipv6_cidr,))):
                key = (str(switch.id), "" if is_hole(cidr) else str(cidr))
                named.setdefault(key, (f"{kind} vSwitch {switch.id}", (cidr,)))
    group = _group(*named.values())
    group.whole = group.whole and whole
    return group


def overlaps(item: Range, others: Iterable[Range]) -> Iterator[Range]:
    """Those of the others that share an address with the item."""
    version, first, last, _ = item.span
    for other in others:
        span = other.span
        if span.version == version and span.first <= last and first <= span.last:
            yield other


def api_server(spec: Spec) -> Range | None:
    """The API server as a range of one address, when the spec gives an address and not a name."""
    if is_hole(spec.cluster.api_server):
        return None
    host = spec.cluster.api_server.rpartition(":")[0].strip("[]")
    span = parse(host) if host[-1:].isdigit() or ":" in host else None
    return None if span is None else Range("API server", spec.cluster.api_server, span)
