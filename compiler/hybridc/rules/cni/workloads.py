"""CNI: what the exclusion may not be given: workloads that cloud nodes need, terms that it contradicts, long names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack
from hybridc.rules.rule import Finding, Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec, Workload
from hybridc.spec.origin import written

_KEY_LIMIT = 253
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
    """Terway or kube-proxy is to be kept off cloud nodes.

    `excludeAlso` is for workloads of the IDC. Without Terway cloud nodes have no network plugin and stay NotReady;
    without kube-proxy no Service answers there, that of the API server included.

    Fails::
        cluster:
          cni:
            excludeAlso:
              - {kind: DaemonSet, namespace: kube-system, name: kube-proxy}
              - {kind: DaemonSet, namespace: kube-system, name: terway-eniip}
    Passes::
        cluster: {cni: {excludeAlso: [{kind: DaemonSet, namespace: rook-ceph, name: csi-rbdplugin}]}}

    Source: Terway README; kube-proxy.
    """
    for workload in _workloads(spec):
        effect = _NEEDED.get((workload.namespace, workload.name))
        if workload.kind == "DaemonSet" and effect is not None:
            where = f"{workload.kind} {workload.namespace}/{workload.name}"
            value = workload.name if written(workload.name) else spec.cluster.cni.type
            yield finding(value, f"{where} would be kept off cloud nodes: {effect}", "remove it")


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


@rule("CNI031")
def long_workload_name(spec: Spec) -> Findings:
    """The name of an excluded workload is too long for the hook.

    The hook keeps what it compares in a ConfigMap, under `<kind>.<namespace>.<name>.expected.json`, and a key has at
    most 253 characters: the API server refuses the ConfigMap, and with it the sync.

    Fails::
        cluster: {cni: {excludeAlso: [{kind: DaemonSet, namespace: storage, name: …}]}}     # a name of 240 characters
    Passes::
        cluster: {cni: {excludeAlso: [{kind: DaemonSet, namespace: storage, name: csi-rbdplugin}]}}

    Source: Kubernetes, IsConfigMapKey.
    """
    if spec.cluster.cni.delivery != "hook":
        return
    for workload in _workloads(spec):
        length = len(f"{workload.kind}.{workload.namespace}.{workload.name}.expected.json")
        if length > _KEY_LIMIT:
            yield finding(
                workload.name,
                f"the hook would need a ConfigMap key of {length} characters, at most {_KEY_LIMIT} are allowed",
                "use delivery: component or ssa, or a shorter name",
            )
