"""CNI: what the exclusion may not be given: workloads that cloud nodes need, terms that it contradicts, long names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack, network, operators
from hybridc.catalog import cni as catalog
from hybridc.rules.rule import Finding, Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec, Workload
from hybridc.spec.origin import written

_NEEDED = {
    (ack.NAMESPACE, ack.TERWAY_DAEMON_SET): "cloud nodes would have no network plugin at all",
    (ack.NAMESPACE, "kube-proxy"): "no Service would answer on cloud nodes",
}
_MARKS = (ack.EXTERNAL_LABEL, ack.VIRTUAL_NODE_LABEL)


def _workloads(spec: Spec) -> Iterator[Workload]:
    """The CNI's own DaemonSet and those of ``excludeAlso``, as far as they can be looked at."""
    cni = spec.cluster.cni
    main = () if is_hole(cni.daemon_set) or cni.daemon_set is None else (cni.daemon_set,)
    for workload in (*main, *cni.exclude_also):
        if not (is_hole(workload.kind) or is_hole(workload.namespace) or is_hole(workload.name)):
            yield workload


@rule("CNI028")
def needed_on_cloud_nodes(spec: Spec) -> Findings:
    """Terway, kube-proxy or NodeLocal DNSCache is to be kept off cloud nodes.

    `excludeAlso` is for workloads of the IDC. Without Terway cloud nodes have no network plugin and stay NotReady;
    without kube-proxy no Service answers there, that of the API server included; and where `cluster.nodeLocalDNS` says
    that pods ask the cache of their own node, no name resolves without it.

    Fails::
        cluster:
          cni:
            excludeAlso:
              - {kind: DaemonSet, namespace: kube-system, name: kube-proxy}
              - {kind: DaemonSet, namespace: kube-system, name: terway-eniip}
    Fails::
        cluster:
          nodeLocalDNS: 169.254.20.10
          cni: {excludeAlso: [{kind: DaemonSet, namespace: kube-system, name: node-local-dns}]}
    Passes::
        cluster: {cni: {excludeAlso: [{kind: DaemonSet, namespace: metallb-system, name: speaker}]}}
    Passes::
        cluster: {cni: {excludeAlso: [{kind: DaemonSet, namespace: kube-system, name: node-local-dns}]}}

    Source: Terway README; kube-proxy; Kubernetes, NodeLocal DNSCache.
    """
    for workload in _workloads(spec):
        effect = _NEEDED.get((workload.namespace, workload.name))
        if workload.kind == "DaemonSet" and effect is not None:
            where = f"{workload.kind} {workload.namespace}/{workload.name}"
            value = workload.name if written(workload.name) else spec.cluster.cni.type
            yield finding(value, f"{where} would be kept off cloud nodes: {effect}", "remove it")
        elif workload.kind == "DaemonSet" and _local_dns(spec, workload):
            where, address = f"{workload.kind} {workload.namespace}/{workload.name}", spec.cluster.node_local_dns
            message = f"{where} would be kept off cloud nodes: nothing answers there on {address}"
            yield finding(workload.name, message, "remove it, or leave cluster.nodeLocalDNS out")


def _local_dns(spec: Spec, workload: Workload) -> bool:
    """Whether it is NodeLocal DNSCache, and pods are to ask it."""
    known = workload.namespace == ack.NAMESPACE and workload.name in network.LOCAL_DNS_DAEMON_SETS
    return known and spec.cluster.node_local_dns is not None


@rule("CNI030")
def term_for_cloud_nodes(spec: Spec) -> Findings:
    """A term of `existingNodeSelectorTerms` asks for cloud nodes.

    The exclusion is added to each term, so such a term would ask for the label and forbid it: it admits no node, and
    the workload disappears from every node that only this term admits.

    Fails::
        cluster:
          cni:
            existingNodeSelectorTerms:
              - {matchExpressions: [{key: alibabacloud.com/external, operator: In, values: ["true"]}]}
    Passes::
        cluster:
          cni:
            existingNodeSelectorTerms:
              - {matchExpressions: [{key: kubernetes.io/os, operator: In, values: [linux]}]}

    Source: Kubernetes, node affinity: the expressions of a term are ANDed.
    """
    for workload in _workloads(spec):
        for term in workload.existing_terms or ():
            expressions = term.get("matchExpressions", ())
            for expression in () if is_hole(expressions) else expressions or ():
                if not is_hole(expression):
                    yield from _contradiction(expression)


def _contradiction(expression: dict[str, Any]) -> Iterator[Finding]:
    key, values = expression.get("key"), expression.get("values", ())
    if is_hole(key) or is_hole(values) or expression.get("operator") != "In":
        return
    for name, value in _MARKS:
        if key == name and values and all(not is_hole(item) and item == value for item in values):
            message = f"this term asks for {name} {value}, which the exclusion forbids: it would admit no node"
            yield finding(key, message, "remove the term, or the workload from excludeAlso")


@rule("CNI034")
def rendered_by_an_operator(spec: Spec) -> Findings:
    """`excludeAlso` names a workload that an operator renders anew.

    A patch of it is gone at the operator's next look, while the Application says Synced. The operator has a setting for
    the affinity: make it there, and leave the workload out of `excludeAlso`.

    Fails::
        cluster: {cni: {excludeAlso: [{kind: DaemonSet, namespace: rook-ceph, name: csi-rbdplugin}]}}
    Passes::
        cluster: {cni: {excludeAlso: [{kind: DaemonSet, namespace: metallb-system, name: speaker}]}}

    Source: catalog/operators.toml, an entry for each operator.
    """
    for workload in spec.cluster.cni.exclude_also:
        if is_hole(workload.namespace) or is_hole(workload.name):
            continue
        found = operators.rendered(str(workload.namespace), str(workload.name))
        if found is not None:
            where = f"{workload.namespace}/{workload.name}"
            message = f"{found.operator} renders {where} anew, and a patch of it is gone then"
            yield finding(workload.name, message, f"set the affinity in {found.setting}, and remove this entry")


@rule("CNI024")
def nothing_else_excluded(spec: Spec) -> Findings:
    """Other workloads of the IDC that tolerate everything would start on cloud nodes.

    Storage plugins, load balancers and exporters of the IDC find neither their devices nor their network there, and
    report errors for ever. Which ones run is not in the spec. Said once, where `excludeAlso` is empty.

    Fails::
        cluster: {cni: {excludeAlso: null}}
    Passes::
        cluster: {cni: {excludeAlso: [{kind: DaemonSet, namespace: metallb-system, name: speaker}]}}

    Source: Alibaba Cloud 208052: "any other workload … can be set the same way"; metallb issues 511, 740, 2641.
    """
    cni = spec.cluster.cni
    if cni.routing in ("bgp", "host") and cni.exclude_also.whole and not cni.exclude_also:
        message = "nothing but the network plugin is kept off cloud nodes"
        advice = "look at kubectl get ds -A; what belongs to the IDC goes into cluster.cni.excludeAlso"
        if cni.routing == "host":
            advice = "look at kubectl get ds -A; what belongs to the IDC needs a node affinity of its own"
        yield finding(cni.routing, message, advice)


@rule("CNI035")
def operator_of_the_plugin(spec: Spec) -> Findings:
    """The plugin's operator deletes DNS pods that it does not manage, and nothing here tells it otherwise.

    cilium-operator looks every 15 seconds for pods with `k8s-app: kube-dns` without an endpoint of Cilium's, on any
    node, and deletes them: a CoreDNS replica on a cloud node never lives longer. In a chart hybridc's values switch it
    off (`operator.unmanagedPodWatcher.restart: false`); what was applied as a manifest has to be set by hand.

    Fails::
        cluster:
          cni: {type: cilium, version: 1.18.0, install: manifest, disabledIPPools: null, excludeAlso: null}
    Passes::
        cluster:
          cni: {type: cilium, version: 1.18.0, install: helm, disabledIPPools: null, excludeAlso: null}

    Source: cilium operator/option: unmanaged-pod-watcher-interval, "0 to disable"; cilium issues 24689, 9145.
    """
    cni = spec.cluster.cni
    if cni.routing == "bgp":
        how = catalog.install(cni.type, cni.install)
        if how.by_hand is not None and not how.settings:
            yield finding(cni.type, f"{how.by_hand}", "accept it in checks.ignore when that is done")
