"""The address ranges of a spec, named and ready to compare."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from hybridc.spec.hole import HoleError
from hybridc.spec.model import Spec, VSwitch

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Range(NamedTuple):
    """A CIDR of the spec: what a person calls it, the value (traced), the network."""

    name: str
    value: str
    network: Network

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


@lru_cache(maxsize=4096)
def parse(value: str) -> Network | None:
    """The network, or None when the text is no network in masked form."""
    try:
        return ipaddress.ip_network(value, strict=True)
    except ValueError:
        return None


def canonical(value: str) -> str | None:
    """The masked form of an address with a prefix length; None when it is no such thing."""
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        return None


def named(name: str, values: Iterable[str]) -> Iterator[Range]:
    """The ranges among ``values``; those that are no networks (NET001 reports them) are left out."""
    for value in values:
        network = parse(str(value))
        if network is not None:
            yield Range(name, value, network)


def nodes(spec: Spec) -> list[Range]:
    """The ranges of the IDC's nodes."""
    return list(named("IDC node CIDR", spec.cluster.node_cidrs))


def pods(spec: Spec) -> list[Range]:
    """The ranges of the IDC's pods."""
    return list(named("IDC pod CIDR", spec.cluster.pod_cidrs))


def services(spec: Spec) -> list[Range]:
    """The ranges of Services."""
    return list(named("Service CIDR", spec.cluster.service_cidrs))


def vpc(spec: Spec) -> list[Range]:
    """The ranges of the VPC."""
    return list(named("VPC CIDR", spec.alibaba_cloud.vpc.cidrs))


def vswitches(spec: Spec) -> list[Range]:
    """The ranges of every vSwitch, IPv4 and IPv6; a vSwitch that serves nodes and pods is there once."""
    found: dict[tuple[str, str], Range] = {}
    for kind, switches in (
        ("node", spec.alibaba_cloud.vpc.node_vswitches),
        ("pod", spec.alibaba_cloud.vpc.pod_vswitches),
    ):
        for switch in switches:
            for item in named(f"{kind} vSwitch {switch.id}", _cidrs(switch)):
                found.setdefault((str(switch.id), str(item.value)), item)
    return list(found.values())


def _cidrs(switch: VSwitch) -> Iterator[str]:
    yield switch.cidr
    if switch.ipv6_cidr is not None:
        yield switch.ipv6_cidr


def overlap(a: Range, b: Range) -> bool:
    """Whether two ranges share an address; ranges of different IP versions never do."""
    return a.network.version == b.network.version and a.network.overlaps(b.network)


def inside(a: Range, outer: Iterable[Range]) -> bool:
    """Whether ``a`` lies within one of the outer ranges."""
    return any(
        a.network.version == o.network.version and a.network.subnet_of(o.network)  # type: ignore[arg-type]
        for o in outer
    )


def api_server_address(spec: Spec) -> str | None:
    """The address of the API server, when the spec gives an address and not a name."""
    host = spec.cluster.api_server.rpartition(":")[0].strip("[]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None
    return host


def every(spec: Spec) -> list[Range]:
    """All ranges that the spec names. Ranges that need a broken value are left out."""
    found: list[Range] = []
    for group in (services, nodes, pods, vpc, vswitches):
        try:
            found += group(spec)
        except HoleError:
            continue
    return found
