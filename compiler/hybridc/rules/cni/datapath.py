"""CNI: Terway's datapath and its NetworkPolicy, beside the CNI that the cluster has."""

from __future__ import annotations

from hybridc.catalog.cni import plugin
from hybridc.rules.eni.pass_through import found, passed
from hybridc.rules.rule import TERWAY, Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec, Terway


@rule("CNI004", over=TERWAY)
def two_ciliums(spec: Spec, terway: Terway) -> Findings:
    """Terway's eBPF datapath beside an on-prem Cilium.

    datapathv2 (and the policy provider ebpf) is a Cilium: both would own the same cilium.io objects, and each removes
    what the other writes.

    Fails::
        cluster: {cni: {type: cilium, routing: bgp}}
        terway: {datapath: datapathv2}
    Passes::
        cluster: {cni: {type: cilium, routing: bgp}}
        terway: {datapath: veth}

    Source: inferred; Terway's controlplane ClusterRole updates cilium.io CRDs.
    """
    if plugin(spec.cluster.cni.type).crds != "cilium.io":
        return
    message = "shares its cilium.io objects with the IDC's Cilium"
    if not is_hole(terway.datapath) and terway.datapath == "datapathv2":
        yield finding(terway.datapath, f"datapathv2 {message}", "use datapath: veth")
    for item in passed(terway):
        if (item.table, item.key, item.value) == ("cni_conf", "network_policy_provider", "ebpf"):
            yield finding(item.pointer, f"network_policy_provider ebpf {message}", "use iptables, or remove it")


@rule("CNI006", over=TERWAY)
def host_stack_cidr(_: Spec, terway: Terway) -> Findings:
    """An entry of `host_stack_cidrs` that is no CIDR.

    The plugin refuses its whole configuration, so every pod of every cloud node stays in ContainerCreating.

    Fails::
        terway: {extraCniConf: {host_stack_cidrs: [169.254.20.10]}}
    Passes::
        terway: {extraCniConf: {host_stack_cidrs: [169.254.20.10/32]}}

    Source: Terway plugin/terway/cni.go.
    """
    yield from found(terway, "CNI006")


@rule("CNI020", over=TERWAY)
def policy_provider(_: Spec, terway: Terway) -> Findings:
    """A `network_policy_provider` that Terway does not know.

    `iptables` and `ebpf`; any other word is iptables, in silence.

    Fails::
        terway: {extraCniConf: {network_policy_provider: eBPF}}
    Passes::
        terway: {extraCniConf: {network_policy_provider: ebpf}}

    Source: Terway cmd/terway-cli, v1.8.7 and later.
    """
    yield from found(terway, "CNI020")


@rule("CNI025", over=TERWAY)
def no_policy_on_cloud_nodes(spec: Spec, _: Terway) -> Findings:
    """NetworkPolicies hold in the IDC, and not for pods on cloud nodes.

    The IDC's CNI enforces them on its own nodes only, and Terway's enforcement must stay off beside it (CNI001). A
    policy that isolates a namespace is silently void for each of its pods that lands in the cloud. It cannot be
    mended here: keep such pods in the IDC, or limit them with security groups of their own, and say so in
    `checks.ignore`.

    Fails::
        cluster: {cni: {type: calico, routing: bgp}}
    Passes::
        cluster: {cni: {type: flannel, routing: bgp, version: null, excludeAlso: null}}
    Passes::
        checks: {ignore: [{code: CNI025, reason: "isolated namespaces have a nodeSelector for the IDC"}]}

    Source: Alibaba Cloud 208052; Terway cmd/terway-cli/common.go.
    """
    cni = spec.cluster.cni
    policy = plugin(cni.type).policy
    if policy is not None:
        yield finding(
            cni.type,
            f"NetworkPolicies that {policy} enforces in the IDC do not hold for pods on cloud nodes",
            "keep isolated pods in the IDC or limit them with security groups, and accept this in checks.ignore",
        )
