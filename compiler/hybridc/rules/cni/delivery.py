"""CNI: whether the way in which the exclusion is delivered fits how the plugin is installed."""

from __future__ import annotations

from hybridc.catalog import cni as catalog
from hybridc.catalog import joins
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.model import Spec
from hybridc.spec.origin import written


@rule("CNI010")
def operator_reverts_patches(spec: Spec) -> Findings:
    """A DaemonSet patch although the Tigera operator owns the DaemonSet.

    The operator renders the DaemonSet anew and drops the patch within five minutes: calico-node comes back to cloud
    nodes, after the check that it was gone.

    Fails::
        cluster: {cni: {type: calico, routing: bgp, install: operator, delivery: hook}}
    Passes::
        cluster: {cni: {type: calico, routing: bgp, install: operator, delivery: values}}

    Source: tigera/operator pkg/controller/utils/component.go.
    """
    cni = spec.cluster.cni
    if cni.delivery not in ("hook", "ssa"):
        return
    how = catalog.install(cni.type, cni.install)
    if how.reverts is not None:
        yield finding(
            cni.delivery,
            f"delivery {cni.delivery} patches the DaemonSet, and {how.reverts} reverts that",
            "use delivery: values (Installation default carries the affinity)",
        )


@rule("CNI026")
def nothing_takes_the_delivery(spec: Spec) -> Findings:
    """A delivery that the way of installing the CNI has no place for.

    `values` are for an operator or a chart that takes an affinity; a plugin that was applied as a manifest reads
    none, and the charts of Flannel and Canal have no such value. `component` is a patch for a kustomization; a
    chart's release is not in one. The exclusion would never arrive.

    Fails::
        cluster: {cni: {type: calico, install: manifest, delivery: values}}
    Fails::
        cluster: {cni: {type: flannel, version: 0.28.9, install: helm, delivery: values, excludeAlso: null}}
    Passes::
        cluster: {cni: {type: flannel, version: 0.28.9, install: helm, delivery: hook, excludeAlso: null}}

    Source: each project's chart, as catalog/cni.toml names it.
    """
    cni = spec.cluster.cni
    if cni.delivery not in ("values", "component"):
        return
    how = catalog.install(cni.type, cni.install)
    if cni.delivery == "values" and not how.values:
        by_manifest = cni.install == "manifest"
        yield finding(
            cni.delivery,
            f"delivery values has no place in {cni.type} that was installed by {cni.install}",
            "use delivery: hook, or component when the manifest is in Git" if by_manifest else "use delivery: hook",
        )
    elif cni.delivery == "component" and cni.install == "helm":
        yield finding(
            cni.delivery,
            f"delivery component has no place in the {cni.type} chart",
            f"use delivery: {'values' if how.values else 'hook'}",
        )


@rule("CNI032")
def bundled_plugin(spec: Spec) -> Findings:
    """The CNI came with the Kubernetes distribution, and the spec says that a manifest was applied.

    RKE2 brings its CNI as a chart, and its helm-controller applies the chart anew at an upgrade: the exclusion is
    gone, and the plugin takes every cloud node. With `install: helm` hybridc uses the chart's values, or puts the
    exclusion back on a schedule where the chart has none.

    Fails::
        cluster: {cni: {type: canal, routing: bgp, install: manifest}}
        nodeInit: {join: {method: rke2, server: "https://192.168.10.10:9345"}}
    Passes::
        cluster: {cni: {type: canal, routing: bgp, install: helm}}
        nodeInit: {join: {method: rke2, server: "https://192.168.10.10:9345"}}

    Source: docs.rke2.io, network options; rancher/rke2-charts; rke2 issue 7149.
    """
    cni = spec.cluster.cni
    if spec.node_init.mode != "script" or cni.routing != "bgp" or cni.install != "manifest" or cni.recheck is not None:
        return
    method = spec.node_init.join.method
    charts = joins.join(method).bundles(cni.type)
    if charts is not None:
        yield finding(
            cni.type,
            f"{charts.owner} applies its own {cni.type} chart anew at an upgrade, without the exclusion",
            "set install: helm; if you did apply a manifest yourself, set recheck",
        )


@rule("CNI036")
def no_daemon_set(spec: Spec) -> Findings:
    """The CNI runs inside the agent's own process: there is no DaemonSet to keep off cloud nodes.

    k3s runs its Flannel in the process of k3s itself, on every agent, so on cloud nodes too: two CNIs on each of them,
    and a guard that waits for a DaemonSet that will never be. The servers switch it off for all nodes, and a CNI that
    was installed by itself takes its place in the IDC. Whoever has done that says so by naming its DaemonSet. With
    `routing: overlay` Flannel is meant to run on cloud nodes.

    Fails::
        cluster: {cni: {type: flannel, routing: bgp, install: manifest}}
        nodeInit: {join: {method: k3s, server: "https://192.168.10.10:6443", token: {from: file}}}
    Passes::
        cluster:
          cni:
            type: flannel
            routing: bgp
            install: manifest
            daemonSet: {namespace: kube-flannel, name: kube-flannel-ds}
        nodeInit: {join: {method: k3s, server: "https://192.168.10.10:6443", token: {from: file}}}

    Source: docs.k3s.io/networking/basic-network-options, read 2026-11-30.
    """
    cni, init = spec.cluster.cni, spec.node_init
    if init.mode != "script" or cni.daemon_set is None or written(cni.daemon_set.name):
        return
    inside = joins.join(init.join.method).runs_inside(cni.type)
    if inside is not None:
        yield finding(
            cni.type,
            f"{init.join.method} runs {cni.type} in its own process: no DaemonSet {cni.daemon_set.name} is there",
            f"start its servers with {inside.without}, install a CNI by itself, and name its DaemonSet: cni.daemonSet",
        )


@rule("CNI027")
def excluded_twice(spec: Spec) -> Findings:
    """A workload is listed twice under `excludeAlso`, or is the CNI's own DaemonSet.

    Two entries would patch one list of terms in turn, each undoing the other.

    Fails::
        cluster:
          cni:
            excludeAlso:
              - {kind: DaemonSet, namespace: metallb-system, name: speaker}
              - {kind: DaemonSet, namespace: metallb-system, name: speaker}
    Passes::
        cluster: {cni: {excludeAlso: [{kind: DaemonSet, namespace: metallb-system, name: speaker}]}}

    Source: hybridc.
    """
    cni = spec.cluster.cni
    main = cni.daemon_set
    seen = set() if main is None else {("DaemonSet", main.namespace, main.name)}
    for workload in cni.exclude_also:
        key = (workload.kind, workload.namespace, workload.name)
        if key in seen:
            where = f"{workload.kind} {workload.namespace}/{workload.name}"
            yield finding(workload.name, f"{where} is excluded already", "remove this entry")
        seen.add(key)
