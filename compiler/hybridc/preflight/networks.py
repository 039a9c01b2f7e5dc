"""The ranges of Services and pods that the cluster has, and those that the spec gives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from hybridc import cidr
from hybridc.catalog import cni as catalog
from hybridc.catalog.kubernetes import SERVICE_CIDR_SINCE
from hybridc.live.reads import Id
from hybridc.live.state import State, Unseen
from hybridc.live.texts import mapping, networks
from hybridc.preflight.ip_pools import enabled, in_the_cloud
from hybridc.preflight.machines import listed, of_the_idc, within
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

KUBEADM = Id("ConfigMap", "kube-system", "kubeadm-config")
API = Id("Service", "default", "kubernetes")
_POOL_KEYS = ("cluster-pool-ipv4-cidr", "cluster-pool-ipv6-cidr")


class Told(NamedTuple):
    """A range and the object that has it."""

    range: str
    where: str


def wanted(spec: Spec) -> list[Id]:
    """What the rules here ask for."""
    return [Id("ServiceCIDR"), API, KUBEADM, *settings(spec)]


def settings(spec: Spec) -> list[Id]:
    """The ConfigMap of the plugin's settings, where it has one that decides."""
    name = catalog.plugin(spec.cluster.cni.type).config
    return [] if name is None else [Id("ConfigMap", "kube-system", name)]


def _kubeadm(state: State, field: str) -> list[Told]:
    data = state.config_map(KUBEADM.namespace, KUBEADM.name) or {}
    networking = mapping(mapping(data.get("ClusterConfiguration")).get("networking"))
    return [Told(each, f"ConfigMap kube-system/kubeadm-config, {field}") for each in networks(networking.get(field))]


def _outside(told: Iterable[Told], ranges: Iterable[str]) -> list[Told]:
    """Those that lie in no range; of a version that no range has, they are left out."""
    spans = [span for each in ranges if (span := cidr.parse(str(each))) is not None]
    versions = {span.version for span in spans}
    found = []
    for each in told:
        own = cidr.parse(each.range)
        if own is not None and own.version in versions and not any(cidr.inside(own, span) for span in spans):
            found.append(each)
    return found


@live("NET035")
def other_services(spec: Spec, state: State) -> Findings:
    """The cluster has another range of Services than `cluster.serviceCIDRs`.

    Terway sends what goes to this range to the host, and hybridc holds vSwitches, nodes and pods against it: with
    another one Services do not answer from pods of cloud nodes, or a vSwitch overlaps with them unseen. `hybridc
    preflight` reads the ServiceCIDRs, before Kubernetes 1.33 what kubeadm was told, or else the address of Service
    `default/kubernetes`.

    Fails::
        cluster: {serviceCIDRs: [172.21.0.0/20]}      # and ServiceCIDR kubernetes has 10.96.0.0/12
    Passes::
        cluster: {serviceCIDRs: [10.96.0.0/12]}

    Source: Kubernetes, ServiceCIDR (networking.k8s.io/v1, 1.33); kubeadm, networking.serviceSubnet.
    """
    given = spec.cluster.service_cidrs
    objects = [(each["metadata"]["name"], each.get("spec", {}).get("cidrs", [])) for each in _service_cidrs(state)]
    told = [Told(text, f"ServiceCIDR {name}") for name, ranges in objects for text in networks(ranges)]
    told = told or _kubeadm(state, "serviceSubnet")
    for each in _outside(told, given):
        advice = "write there what the cluster has"
        yield finding(
            "/spec/cluster/serviceCIDRs", f"the cluster's Services are in {each.range}", advice, where=each.where
        )
    if told:
        for value in _outside([Told(str(value), "") for value in given], [each.range for each in told]):
            if not _outside(told, given):
                message = f"serviceCIDRs has {value.range}, and the cluster {', '.join(each.range for each in told)}"
                yield finding("/spec/cluster/serviceCIDRs", message, "write there what the cluster has", "warning")
        return
    service = state.one(*API)
    address = "" if service is None else service.get("spec", {}).get("clusterIP", "")
    if address and not within([address], given):
        message = f"Service default/kubernetes has the address {address}, outside serviceCIDRs"
        yield finding("/spec/cluster/serviceCIDRs", message, "write there the range that kube-apiserver was given")


def _service_cidrs(state: State) -> list[dict[str, Any]]:
    """Every ServiceCIDR; none where the API server is too old to serve them, so that no folder can hold them."""
    try:
        return state.all("ServiceCIDR")
    except Unseen:
        if state.version and state.minor < SERVICE_CIDR_SINCE:
            return []
        raise


@live("NET036")
def other_pods(spec: Spec, state: State) -> Findings:
    """The network plugin gives pods addresses outside of `cluster.podCIDRs`.

    Cloud nodes have no route to such pods, security groups and firewalls are not open for them, and whether the range
    overlaps with the VPC was never looked at; new pods get such an address at any time (`NET032` sees those that are
    there). `hybridc preflight` reads what decides: Calico's enabled IPPools; with flannel and Canal the podCIDRs of
    Nodes; Cilium's `cluster-pool`; or what kubeadm was told. An IPPool in a vSwitch is `CNI048`.

    Fails::
        cluster: {podCIDRs: [10.100.0.0/16]}      # and an enabled IPPool has 10.101.0.0/16
    Passes::
        cluster: {podCIDRs: [10.100.0.0/16, 10.101.0.0/16]}

    Source: Calico, IPPool; flannel and Canal, kube subnet manager; Cilium, cluster scope IPAM.
    """
    outside = _outside(_pods(spec, state), spec.cluster.pod_cidrs)
    if outside:
        shown = [f"{each.range} ({each.where})" for each in outside]
        message = f"pods of the IDC get addresses outside podCIDRs: {listed(shown)}"
        yield finding("/spec/cluster/podCIDRs", message, "add their range to podCIDRs, and to routes and firewalls")


def _pods(spec: Spec, state: State) -> list[Told]:
    """Where pods of the IDC get their addresses from."""
    cni = spec.cluster.cni
    plugin = catalog.plugin(cni.type)
    if not plugin.installs:
        return []
    if plugin.node_range:
        return _of_nodes(state)
    if plugin.ip_pools and (pools := enabled(state)):
        return [
            Told(str(cidr.canonical(there)), f"IPPool {each['metadata']['name']}")
            for each in pools
            if (there := each.get("spec", {}).get("cidr")) and not in_the_cloud(spec, each)
        ]
    for _, namespace, name in settings(spec):
        config = state.config_map(namespace, name) or {}
        if config.get("ipam") == "kubernetes":
            return _of_nodes(state)
        if config.get("ipam", "cluster-pool") != "cluster-pool":
            return []  # pools of their own kinds, or of a cloud
        pool = [text for key in _POOL_KEYS for text in networks(",".join(config.get(key, "").split()))]
        if pool:
            return [Told(each, f"ConfigMap {namespace}/{name}") for each in pool]
    return _kubeadm(state, "podSubnet")


def _of_nodes(state: State) -> list[Told]:
    return [
        Told(text, f"Node {node['metadata']['name']}")
        for node in state.nodes
        if of_the_idc(node)
        for text in networks(node.get("spec", {}).get("podCIDRs", []))
    ]
