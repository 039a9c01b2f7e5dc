"""The Nodes that are there: which of them are the cloud's, and what the IDC's network plugin has left on these."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hybridc.catalog import ack
from hybridc.catalog import cni as catalog
from hybridc.live.state import State
from hybridc.lower.cni_exclusion import main_exclusion
from hybridc.preflight.machines import Data, internal, is_cloud, listed, of_the_idc, several, within
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import TERWAY, finding
from hybridc.spec.model import Spec, Terway

_KEY = ack.EXTERNAL_LABEL[0]
_LABEL = "=".join(ack.EXTERNAL_LABEL)


def _names(nodes: Iterable[Data]) -> list[str]:
    return [node["metadata"]["name"] for node in nodes]


def _have(nodes: Iterable[Data], what: str) -> str:
    names = _names(nodes)
    return f"{several('Node', names, 'has', 'have')} {what}: {listed(names)}"


@live("CNI044", over=TERWAY)
def idc_nodes_with_the_label(spec: Spec, terway: Terway, state: State) -> Findings:
    """A machine of the IDC has the label of cloud nodes.

    Terway starts on every node with `alibabacloud.com/external=true`, and the exclusion takes the IDC's plugin off it:
    its pods lose their network. Guard (where it may list Nodes) and `hybridc preflight` look for such nodes with an
    address in `cluster.nodeCIDRs` or without `alibabacloud.com/nodepool-id`.

    Fails::
        kubectl label node worker-1 alibabacloud.com/external=true      # a worker of the IDC
    Passes::
        kubectl label node worker-1 alibabacloud.com/external-

    Source: a public how-to for the ACK One CSI add-on labels all workers of a self-built cluster so.
    """
    labelled = [node for node in state.nodes if is_cloud(node)]
    idc = [node for node in labelled if within(internal(node), spec.cluster.node_cidrs)]
    if idc:
        message = _have(idc, f"the label {_LABEL} and an address of the IDC")
        advice = f"remove the label, or their pods lose their network to Terway: kubectl label node NODE {_KEY}-"
        yield finding("/spec/cluster/nodeCIDRs", message, advice)
    foreign = [
        node for node in labelled if node not in idc and ack.POOL_LABEL not in node["metadata"].get("labels", {})
    ]
    if foreign:
        message = _have(foreign, f"the label {_LABEL} and no {ack.POOL_LABEL}")
        advice = "no node pool made them: remove the label where it is a machine of the IDC"
        yield finding("/spec/nodePools" if spec.node_pools else "/spec/cluster/nodeCIDRs", message, advice)


@live("CNI045", over=TERWAY)
def cloud_nodes_without_the_label(spec: Spec, terway: Terway, state: State) -> Findings:
    """A node in the VPC has not the label of cloud nodes.

    Terway starts where `alibabacloud.com/external=true` is, and the IDC's plugin everywhere else: on such a node the
    IDC's plugin gives pods addresses of the IDC, which the VPC does not route. The node script and the node pool set
    the label; a node that somebody joined by hand lacks it.

    Fails::
        a Node with an address of a vSwitch, without the label
    Passes::
        kubectl label node NODE alibabacloud.com/external=true      # before it joins: kubelet --node-labels

    Source: Alibaba Cloud 208052; Terway's node selector.
    """
    switches = [
        switch.cidr for switch in (*spec.alibaba_cloud.vpc.node_vswitches, *spec.alibaba_cloud.vpc.pod_vswitches)
    ]
    found = [node for node in state.nodes if of_the_idc(node) and within(internal(node), switches)]
    if found:
        message = _have(found, f"an address of a vSwitch and not the label {_LABEL}")
        advice = "drain the node, remove it and let a node pool make it anew: the IDC's plugin has run there"
        yield finding("/spec/alibabaCloud/vpc/nodeVSwitches", message, advice)


@live("CNI019", over=TERWAY)
def annotations_of_the_other_plugin(spec: Spec, terway: Terway, state: State) -> Findings:
    """A cloud node has annotations of the IDC's plugin.

    If calico-node ever ran there, `projectcalico.org/IPv4Address` makes every other node try to peer with it, and
    routes flap; flannel's make every other node send a range of pods there. `hybridc preflight` names the nodes, and
    the guard those with Calico's in its log, where it may list Nodes; it refuses nothing. `kubectl annotate node NODE
    projectcalico.org/IPv4Address- projectcalico.org/IPv4IPIPTunnelAddr-` takes them away.

    Fails::
        metadata: {annotations: {projectcalico.org/IPv4Address: 10.10.24.7/24}}
    Passes::
        metadata: {annotations: {}}

    Source: confd bgp_processor.go; libcalico resources/node.go; flannel pkg/subnet/kube/annotations.go.
    """
    prefixes = tuple(catalog.plugin(spec.cluster.cni.type).annotations)
    left: dict[tuple[str, ...], list[Data]] = {}
    for node in filter(is_cloud, state.nodes):
        notes = node["metadata"].get("annotations", {})
        if keys := tuple(sorted(key for key in notes if key.startswith(prefixes))):
            left.setdefault(keys, []).append(node)
    for keys, nodes in left.items():
        message = _have(nodes, f"the label {_LABEL} and annotations of the IDC's plugin ({', '.join(keys)})")
        one, gone = (_names(nodes)[0] if len(nodes) == 1 else "NODE"), " ".join(f"{key}-" for key in keys)
        advice = f"kubectl annotate node {one} {gone}"
        yield finding(spec.cluster.cni.type, message, advice)


@live("CNI046", over=TERWAY)
def both_plugins_on_a_node(spec: Spec, terway: Terway, state: State) -> Findings:
    """The IDC's plugin runs on a cloud node.

    Both plugins write `/etc/cni/net.d`, and the file that sorts first wins: with `10-calico.conflist` beside
    `10-terway.conf` pods get an address of the IDC, which the VPC does not route. The exclusion ends the pod, and may
    leave its file behind.

    Fails::
        kubectl -n kube-system get pods -o wide      # calico-node-7k2xq on a cloud node
    Passes::
        kubectl drain NODE      # and let the node pool make another one

    Source: containerd, the first file of the configuration folder; Kubernetes, DaemonSets.
    """
    main = main_exclusion(spec)
    if main is None:
        return
    cloud = set(_names(filter(is_cloud, state.nodes)))
    if not cloud:
        return
    name = re.compile(f"{re.escape(main.name)}-[a-z0-9]{{5}}")
    running = sorted(
        {
            each.node
            for each in state.pods
            if each.node in cloud and each.namespace in ("", main.namespace) and name.fullmatch(each.name)
        }
    )
    if running:
        where = f"DaemonSet {main.namespace}/{main.name}"
        message = f"{where} runs on {several('cloud Node', running)}, where Terway is: {listed(running)}"
        advice = "keep it off, then replace these nodes: its file may stay in /etc/cni/net.d"
        yield finding(main.name, message, advice)
