"""The network plugin's workloads: there, with terms that the spec knows, and kept off cloud nodes."""

from __future__ import annotations

import json
from typing import Any

from hybridc.live.state import State
from hybridc.lower.bundle import Exclusion
from hybridc.lower.delivery import deliver
from hybridc.preflight.looks import applied, argocd_owns, keeps_off, terms
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec


def _there(exclusion: Exclusion, state: State) -> dict[str, Any] | None:
    return state.one(exclusion.kind, str(exclusion.namespace), str(exclusion.name))


def _name(exclusion: Exclusion) -> str:
    return f"{exclusion.kind} {exclusion.namespace}/{exclusion.name}"


@live("CNI040")
def workload_is_not_there(spec: Spec, state: State) -> Findings:
    """A workload that must stay off cloud nodes is not there.

    `cluster.cni` says which DaemonSet the network plugin is. Where it has another name, the exclusion is given to
    nothing, and the plugin starts on cloud nodes beside Terway. Guard and `hybridc preflight` look. Accepted, the
    hook passes such a workload over as well; `recheck` brings the exclusion when it comes.

    Fails::
        cluster: {cni: {daemonSet: {name: calico-nodes}}}
    Passes::
        kubectl -n kube-system get daemonset calico-node

    Source: hybridc.
    """
    for exclusion in deliver(spec).all:
        if _there(exclusion, state) is None:
            message = f"{_name(exclusion)} is not in the cluster"
            yield finding(exclusion.name, message, "correct cluster.cni: name the workload that is there")


@live("CNI041")
def unknown_terms(spec: Spec, state: State) -> Findings:
    """A workload requires nodeSelectorTerms that the spec does not know.

    Every way of patching replaces the list as a whole, so these terms would be lost and the workload would start on
    nodes that its owner had excluded. `hybridc preflight` compares, and so does the guard before anything is applied,
    and the hook once more before it patches; the log holds the line for the spec. It cannot be accepted: write the
    terms into `existingNodeSelectorTerms`.

    Fails::
        cluster: {cni: {existingNodeSelectorTerms: []}}      # and the live DaemonSet has a term
    Passes::
        cluster: {cni: {existingNodeSelectorTerms: [{matchExpressions: [{key: rack, operator: Exists}]}]}}

    Source: kube-apiserver, measured: nodeSelectorTerms has no merge key.
    """
    for exclusion in deliver(spec).patched:
        item = _there(exclusion, state)
        there = [] if item is None else terms(item)
        if item is not None and there not in (exclusion.expected, exclusion.wanted):
            message = f"{_name(exclusion)} requires nodeSelectorTerms that hybrid.yaml does not know"
            yield finding(exclusion.name, message, f"write there: existingNodeSelectorTerms: {json.dumps(there)}")


@live("CNI042")
def not_kept_off(spec: Spec, state: State) -> Findings:
    """Somebody else was to keep the network plugin off cloud nodes, and has not yet.

    With delivery `component`, `values` and `manual` a person brings the exclusion. Until then a node with
    `alibabacloud.com/external=true` fits the DaemonSet, and both plugins would write its network configuration. Guard
    and `hybridc preflight` read the DaemonSet itself, so they also see what an operator made of its settings. Accept
    it where cloud nodes are kept off in another way (a nodeSelector for a label that only IDC nodes have).

    Fails::
        cluster: {cni: {delivery: manual}}      # and nobody ran the command yet
    Passes::
        affinity: {nodeAffinity: {…: [{matchExpressions: [{key: alibabacloud.com/external, operator: NotIn, …}]}]}}

    Source: Kubernetes, node affinity; two CNI plugins on one node: the file that sorts first wins.
    """
    found = deliver(spec)
    for exclusion in found.all:
        item = None if exclusion in found.patched else _there(exclusion, state)
        if item is not None and not keeps_off(item):
            message = f"{_name(exclusion)} would run on cloud nodes, where Terway is"
            yield finding(
                exclusion.name, message, "bring the exclusion there before the first sync, as SUMMARY.md says"
            )


@live("CNI043")
def applied_and_ssa(spec: Spec, state: State) -> Findings:
    """`delivery: ssa` for a workload that `kubectl apply` or Argo CD made.

    What `kubectl apply` made is given to Argo CD as a whole, and the next apply of the part would empty it: the sync
    fails from then on and for ever. What Argo CD has applied server-side as a whole (the plugin is an Application of
    its own, or a sync with `delivery: ssa` has taken it from `kubectl apply`) is Argo CD's already, and the first apply
    of the part would empty it. An annotation of `kubectl apply` alone, on what `kubectl create` or Helm made, does no
    harm. Guard and `hybridc preflight` refuse, and it cannot be accepted.

    Fails::
        managedFields: [{manager: kubectl-client-side-apply, operation: Update}]
        managedFields: [{manager: argocd-controller, operation: Apply}]      # with containers, selector, …
    Passes::
        cluster: {cni: {delivery: hook}}

    Source: kube-apiserver 1.37.2 and Argo CD 3.4.2, seen running.
    """
    if spec.cluster.cni.delivery != "ssa":
        return
    for exclusion in deliver(spec).patched:
        item = _there(exclusion, state)
        if item is not None and applied(item):
            message = f"{_name(exclusion)} was made by kubectl apply: delivery ssa would break it at the second sync"
            yield finding(spec.cluster.cni.delivery, message, "use cluster.cni.delivery hook")
        elif item is not None and argocd_owns(item):
            message = f"{_name(exclusion)} was made by Argo CD, server-side: delivery ssa would take all else from it"
            yield finding(spec.cluster.cni.delivery, message, "use cluster.cni.delivery hook")
