"""CNI: NodeLocal DNSCache, which listens on an address of the node, and the pods of cloud nodes that ask it."""

from __future__ import annotations

from hybridc import cidr
from hybridc.catalog.network import SPECIAL
from hybridc.catalog.terway import HOST_STACK_DEFAULT, HOST_STACK_SINCE, LINK_ADDRESS, release, told
from hybridc.rules.eni.pass_through import passed
from hybridc.rules.rule import TERWAY, Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec, Terway

_KERNEL = "datapathv2"


@rule("CNI005", over=TERWAY)
def local_dns(spec: Spec, terway: Terway) -> Findings:
    """datapathv2 with `host_stack_cidrs` that leave out NodeLocal DNSCache.

    It listens on an address of the host; with datapathv2 a packet reaches the host's stack only for addresses in
    `host_stack_cidrs`. hybridc writes `cluster.nodeLocalDNS` there; without it Terway assumes 169.254.20.10/32. A list
    of your own replaces either, and pods lose DNS on nodes that run the cache.

    Fails::
        terway: {datapath: datapathv2, extraCniConf: {host_stack_cidrs: [10.200.0.0/24]}}
    Fails::
        cluster: {nodeLocalDNS: 169.254.25.10}
        terway: {datapath: datapathv2, extraCniConf: {host_stack_cidrs: [169.254.20.10/32]}}
    Passes::
        terway: {datapath: datapathv2, extraCniConf: {host_stack_cidrs: [10.200.0.0/24, 169.254.20.10/32]}}
    Passes::
        cluster: {nodeLocalDNS: 169.254.25.10}
        terway: {datapath: datapathv2, extraCniConf: {host_stack_cidrs: [169.254.0.0/16]}}

    Source: Alibaba Cloud, NodeLocal DNSCache with Terway; Terway cmd/terway-cli/policy.go.
    """
    address = spec.cluster.node_local_dns
    if terway.datapath != _KERNEL or is_hole(address):
        return
    wanted = HOST_STACK_DEFAULT if address is None else f"{address}/32"
    whose = "Terway's own" if address is None else "hybridc's own"
    advice = f"add {wanted}{' unless no node runs NodeLocal DNSCache' if address is None else ''}"
    for item in passed(terway):
        own = item.key == "host_stack_cidrs" and item.table == "cni_conf" and isinstance(item.value, list)
        if own and not any(_holds(entry, wanted) for entry in item.value):
            yield finding(item.pointer, f"host_stack_cidrs replaces {whose}, and lacks {wanted}", advice)


def _holds(network: object, address: str) -> bool:
    """Whether an address lies in a network; what is neither holds nothing."""
    inner, outer = cidr.parse(address), cidr.parse(str(network))
    return inner is not None and outer is not None and cidr.inside(inner, outer)


@rule("CNI037", over=TERWAY)
def local_dns_out_of_reach(spec: Spec, terway: Terway) -> Findings:
    """NodeLocal DNSCache listens on an address that pods of cloud nodes cannot reach.

    169.254.1.1 is the gateway of every pod of Terway, on the pod's own interface. With datapathv2 a Terway older than
    1.15.2 lets 169.254.20.10 through to the host and no other address, whatever `host_stack_cidrs` says.

    Fails::
        cluster: {nodeLocalDNS: 169.254.1.1}
    Fails::
        cluster: {kubernetesVersion: 1.28.9, nodeLocalDNS: 169.254.25.10}
        terway: {version: 1.9.14, datapath: datapathv2}
    Passes::
        cluster: {nodeLocalDNS: 169.254.25.10}
    Passes::
        cluster: {nodeLocalDNS: 169.254.25.10}
        terway: {version: 1.16.8, datapath: datapathv2}

    Source: Terway plugin/datapath/consts_linux.go, policy/cilium (bypass-the-node-local-dns-ip), v1.15.2.
    """
    address = spec.cluster.node_local_dns
    if address is None or is_hole(address):
        return
    if address == LINK_ADDRESS:
        yield finding(address, f"{address} is the gateway of Terway's pods, not an address of the node", "use another")
    elif (
        terway.datapath == _KERNEL
        and terway.release < release(HOST_STACK_SINCE)
        and not _holds(HOST_STACK_DEFAULT, address)
    ):
        known = HOST_STACK_DEFAULT.partition("/")[0]
        message = f"with datapathv2 {told(terway.version)} lets pods reach {known} of the host, not {address}"
        yield finding(address, message, f"use Terway {HOST_STACK_SINCE} or later, or datapath: veth")


@rule("CNI038")
def another_local_dns(spec: Spec) -> Findings:
    """Cloud nodes' kubelets are told a link-local DNS server that is not `cluster.nodeLocalDNS`.

    A link-local address is one of the node itself: what answers there is NodeLocal DNSCache or nothing. Pods of cloud
    nodes would ask an address where nobody listens. Without the flag the kubelets take what `kubeadm` gives them, from
    ConfigMap `kube-system/kubelet-config`.

    Fails::
        cluster: {nodeLocalDNS: 169.254.20.10}
        nodeInit: {kubeletExtraArgs: {cluster-dns: 169.254.25.10}}
    Fails::
        nodeInit: {kubeletExtraArgs: {cluster-dns: "172.20.0.10,169.254.20.10"}}
    Passes::
        cluster: {nodeLocalDNS: 169.254.20.10}
        nodeInit: {kubeletExtraArgs: {cluster-dns: 169.254.20.10}}
    Passes::
        nodeInit: {kubeletExtraArgs: {cluster-dns: 172.20.0.10}}

    Source: Kubernetes, NodeLocal DNSCache; kubelet --cluster-dns.
    """
    address, flags = spec.cluster.node_local_dns, spec.node_init.kubelet_extra_args
    if is_hole(address) or is_hole(flags) or is_hole(servers := flags.get("cluster-dns", "")):
        return
    for server in map(str.strip, servers.split(",")):
        if _is_link_local(server) and server != address:
            listens = "is not set" if address is None else f"is {address}"
            message = f"kubelets get the DNS server {server}, and cluster.nodeLocalDNS {listens}"
            yield finding(servers, message, "name one address in both places")


def _is_link_local(server: str) -> bool:
    return any(what == "link-local" and _holds(network, server) for network, what in SPECIAL.items())
