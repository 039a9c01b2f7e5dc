"""Whether the route tables of the VPC lead to the IDC."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from hybridc import cidr
from hybridc.catalog import network
from hybridc.cidr import Span
from hybridc.diagnostic import WARNING
from hybridc.live import cloud_reads as kinds
from hybridc.live.cloud_state import CloudState, Data
from hybridc.preflight.cloud import switches
from hybridc.preflight.machines import listed
from hybridc.preflight.rule import CLOUD, Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

Routed = Literal["whole", "part", "none"]
_STEP = "add the routes, or have them learned: the step network.routes of hybridc steps"


@live("CLD004", over=CLOUD)
def no_route(spec: Spec, cloud: CloudState) -> Findings:
    """No route of the VPC leads to a range of the IDC.

    A cloud node then gets no answer from the API server, nor a pod from a pod of the IDC. Looked at are the tables of
    the spec's vSwitches, and of their entries those that are Available and neither the VPC's own nor of a NAT or IPv6
    gateway. Routes into a part of a range are a warning: a network plugin that announces a block for each node looks
    like that, and so does a range that was forgotten. With `routing: overlay` nothing is asked.

    Fails::
        podCIDRs: [172.28.0.0/14]     # the VPC has a route to 192.168.10.0/27 alone
    Passes::
        a route to 172.28.0.0/14, or to 172.16.0.0/12, by a VBR, CEN, a VPN gateway or a router of your own

    Source: VPC, DescribeRouteTableList and DescribeRouteEntryList.
    """
    if spec.cluster.cni.routing == "overlay":
        return
    for table in tables(spec, cloud):
        entries, name = [*_there(table)], table.get("RouteTableId", "")
        for wanted in (*spec.cluster.node_cidrs, *spec.cluster.pod_cidrs):
            span = cidr.parse(wanted)
            how = "whole" if span is None else _routed(span, entries)
            if how == "none":
                yield finding(wanted, f"route table {name} has no route to {wanted}", _STEP)
            elif how == "part":
                inner = [route for route, each in entries if span is not None and cidr.inside(each, span)]
                message = f"route table {name} leads to a part of {wanted} only: {listed(inner)}"
                yield finding(
                    wanted,
                    message,
                    "see that it is all that there is, or add the rest: the step network.routes of hybridc steps",
                    WARNING,
                )


@live("CLD005", over=CLOUD)
def leads_elsewhere(spec: Spec, cloud: CloudState) -> Findings:
    """A part of a range of the IDC has a route that leads elsewhere.

    The narrowest route counts: addresses of the IDC that lie in a vSwitch, or that a NAT gateway has a route for, are
    not reached, although a wider route leads to the IDC.

    Fails::
        nodeCIDRs: [10.0.0.0/16]     # the VPC has a vSwitch 10.0.8.0/24, or sends 10.0.8.0/24 to a NAT gateway
    Passes::
        no entry inside the IDC's ranges but those that lead there

    Source: VPC documentation: the entry with the longest prefix is taken.
    """
    if spec.cluster.cni.routing == "overlay":
        return
    for table in tables(spec, cloud):
        for wanted in (*spec.cluster.node_cidrs, *spec.cluster.pod_cidrs):
            span = cidr.parse(wanted)
            for entry in table.get("Entries", []):
                route = entry.get("DestinationCidrBlock", "")
                inner = cidr.parse(route)
                if span is None or inner is None or _is_way(entry) or not cidr.inside(inner, span):
                    continue
                message = f"{route} of {wanted} leads elsewhere: route table {table.get('RouteTableId', '')}, "
                message += f"next hop {_kinds(entry) or entry.get('Type', 'not told')}"
                yield finding(wanted, message, "use another range, or withdraw that entry")


def tables(spec: Spec, cloud: CloudState) -> list[Data]:
    """The route tables of the spec's vSwitches: a table of its own, else the VPC's. Raises Unseen."""
    found = cloud.all(kinds.TABLE, str(spec.alibaba_cloud.vpc.id))
    own = {switch: table for table in found for switch in table.get("VSwitchIds", {}).get("VSwitchId", [])}
    system = [table for table in found if table.get("RouteTableType") == "System"]
    used = [own.get(str(each.id)) for each in switches(spec)]
    return list({id(table): table for each in used for table in ([each] if each is not None else system)}.values())


def _there(table: Data) -> Iterator[tuple[str, Span]]:
    """The entries that lead out of the VPC."""
    for entry in table.get("Entries", []):
        route = entry.get("DestinationCidrBlock", "")
        span = cidr.parse(route)
        if span is not None and entry.get("Status") == "Available" and _is_way(entry):
            yield route, span


def _is_way(entry: Data) -> bool:
    """Whether an entry may lead to the IDC."""
    return entry.get("Type") != "System" and not set(_kinds(entry).split(", ")) & set(network.NO_WAY_TO_THE_IDC)


def _kinds(entry: Data) -> str:
    hops = [hop.get("NextHopType", "") for hop in entry.get("NextHops", {}).get("NextHop", [])]
    return ", ".join(dict.fromkeys(kind for kind in (*hops, entry.get("NextHopType", "")) if kind))


def _routed(wanted: Span, entries: list[tuple[str, Span]]) -> Routed:
    """Whether the entries together hold a range."""
    spans = [span for _, span in entries if cidr.overlap(span, wanted)]
    if any(cidr.inside(wanted, span) for span in spans):
        return "whole"
    reached = wanted.first
    for span in sorted(spans, key=lambda each: each.first):
        if span.first > reached:
            break
        reached = max(reached, span.last + 1)
    if spans and reached > wanted.last:
        return "whole"
    return "part" if spans else "none"
