"""The addresses that the IDC really uses, and the ranges that the spec gives."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from hybridc.live.state import State
from hybridc.preflight.machines import Data, internal, listed, of_the_idc, several, within
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec


@live("NET031")
def nodes_outside_their_range(spec: Spec, state: State) -> Findings:
    """A machine of the IDC has an address outside `cluster.nodeCIDRs`.

    Routes, firewalls and security groups are opened for these ranges, and hybridc compares them with the VPC. A node
    outside is not reached from cloud nodes, and may lie in the VPC's own range unseen.

    Fails::
        cluster: {nodeCIDRs: [192.168.0.0/24]}      # and a node has the InternalIP 192.168.1.7
    Passes::
        cluster: {nodeCIDRs: [192.168.0.0/23]}

    Source: Kubernetes, Node.status.addresses.
    """
    vpc = spec.alibaba_cloud.vpc
    switches = [switch.cidr for switch in (*vpc.node_vswitches, *vpc.pod_vswitches)]
    # A node in a vSwitch is none of the IDC's, but one whose label is missing: CNI045.
    found = (
        (node["metadata"]["name"], address)
        for node in state.nodes
        if of_the_idc(node) and not within(internal(node), switches)
        for address in internal(node)
    )
    outside = list(_outside(found, spec.cluster.node_cidrs))
    if outside:
        advice = "add their range to nodeCIDRs, and to routes and firewalls"
        yield finding("/spec/cluster/nodeCIDRs", _sentence("Node", outside, "nodeCIDRs"), advice)


@live("NET032")
def pods_outside_their_range(spec: Spec, state: State) -> Findings:
    """A pod of the IDC has an address outside `cluster.podCIDRs`.

    The network plugin has another range than the spec says, or one more. Cloud nodes have no route to such pods, and
    whether the range overlaps with the VPC was never looked at.

    Fails::
        cluster: {podCIDRs: [10.100.0.0/16]}      # and a pod has the address 10.101.3.4
    Passes::
        cluster: {podCIDRs: [10.100.0.0/15]}

    Source: Kubernetes, Pod.status.podIPs.
    """
    own = {node["metadata"]["name"]: _addresses(node) for node in state.nodes if of_the_idc(node)}
    # A pod on the host network has the address of its node.
    found = (
        ("/".join(filter(None, (pod.namespace, pod.name))), pod.ip)
        for pod in state.pods
        if pod.ip not in own.get(pod.node, {pod.ip})
    )
    outside = list(_outside(found, spec.cluster.pod_cidrs))
    if outside:
        advice = "add their range to podCIDRs, and to routes and firewalls"
        yield finding("/spec/cluster/podCIDRs", _sentence("Pod", outside, "podCIDRs"), advice)


def _addresses(node: Data) -> set[str]:
    return {each.get("address", "") for each in node.get("status", {}).get("addresses", [])}


def _outside(found: Iterable[tuple[str, str]], ranges: Iterable[str]) -> Iterator[tuple[str, str]]:
    """``(name, address)`` of those that lie in no range; addresses of a version that no range has are left out."""
    networks = [ipaddress.ip_network(str(each)) for each in ranges]
    versions = {each.version for each in networks}
    for name, text in found:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if address.version in versions and not any(address in each for each in networks):
            yield name, text


def _sentence(kind: str, outside: list[tuple[str, str]], field: str) -> str:
    shown = [f"{name} ({address})" for name, address in outside]
    return f"{several(kind, shown, 'has an address', 'have addresses')} outside {field}: {listed(shown)}"
