"""CNI: whether the way in which the exclusion is delivered fits how the plugin is installed."""

from __future__ import annotations

from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec


@rule("CNI010")
def operator_reverts_patches(spec: Spec) -> Findings:
    """A DaemonSet patch although the Tigera operator owns the DaemonSet.

    The operator renders the DaemonSet anew and drops the patch within five minutes: calico-node comes back to cloud
    nodes, after the check that it was gone.

    Fails::
        cni: {type: calico, routing: bgp, install: operator, delivery: hook}
    Passes::
        cni: {type: calico, routing: bgp, install: operator, delivery: values}

    Source: tigera/operator pkg/controller/utils/component.go.
    """
    cni = spec.cluster.cni
    if cni.install in ("operator", "helm") and cni.type == "calico" and cni.delivery in ("hook", "ssa"):
        yield finding(
            cni.delivery,
            f"delivery {cni.delivery} patches the DaemonSet, and the Tigera operator reverts that",
            "use delivery: values (Installation default carries the affinity)",
        )


@rule("CNI026")
def nothing_takes_the_delivery(spec: Spec) -> Findings:
    """A delivery that the way of installing the CNI has no place for.

    `values` are for an operator or a chart; a plugin that was applied as a manifest reads none. `component` is a
    patch for a kustomization; a chart's release is not in one. The exclusion would never arrive.

    Fails::
        cni: {type: calico, routing: bgp, install: manifest, delivery: values}
    Passes::
        cni: {type: calico, routing: bgp, install: manifest, delivery: hook}

    Source: hybridc.
    """
    cni = spec.cluster.cni
    if cni.delivery == "values" and cni.install == "manifest":
        yield finding(
            cni.delivery,
            f"delivery values has no place in {cni.type} that was installed by manifest",
            "use delivery: hook, or component when the manifest is in Git",
        )
    elif cni.delivery == "component" and cni.install == "helm":
        yield finding(
            cni.delivery,
            f"delivery component has no place in the {cni.type} chart",
            "use delivery: values",
        )


@rule("CNI027")
def excluded_twice(spec: Spec) -> Findings:
    """A workload is listed twice under `excludeAlso`, or is the CNI's own DaemonSet.

    Two entries would patch one list of terms in turn, each undoing the other.

    Fails::
        excludeAlso:
          - {kind: DaemonSet, namespace: rook-ceph, name: csi-rbdplugin}
          - {kind: DaemonSet, namespace: rook-ceph, name: csi-rbdplugin}
    Passes::
        excludeAlso:
          - {kind: DaemonSet, namespace: rook-ceph, name: csi-rbdplugin}

    Source: hybridc.
    """
    cni = spec.cluster.cni
    main = cni.daemon_set
    seen = set() if main is None else {("DaemonSet", str(main.namespace), str(main.name))}
    for workload in cni.exclude_also:
        if is_hole(workload):
            continue
        key = (str(workload.kind), str(workload.namespace), str(workload.name))
        if key in seen:
            where = f"{workload.kind} {workload.namespace}/{workload.name}"
            yield finding(workload.name, f"{where} is excluded already", "remove this entry")
        seen.add(key)
