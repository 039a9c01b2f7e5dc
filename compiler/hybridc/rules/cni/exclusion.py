"""CNI: who may run where: the on-prem plugin stays in the IDC, Terway in the cloud."""

from __future__ import annotations

from hybridc.catalog import cni as catalog
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.model import NodePool, Spec, Workload
from hybridc.spec.origin import written


@rule("CNI013")
def unknown_terms(spec: Spec) -> Findings:
    """It is not known what the CNI's DaemonSet requires of nodes today.

    nodeSelectorTerms are replaced as a whole by every way of patching, so terms that nobody names would be lost. The
    terms that the project ships are expected; the hook compares them with the live ones before it touches anything.

    Fails::
        cluster: {cni: {type: calico, routing: bgp, existingNodeSelectorTerms: null}}
    Passes::
        cluster: {cni: {type: calico, routing: bgp, existingNodeSelectorTerms: []}}

    Source: kube-apiserver, measured: nodeSelectorTerms has no merge key.
    """
    cni = spec.cluster.cni
    if cni.delivery in ("manual", "values"):
        return
    for workload in (*([cni.daemon_set] if cni.daemon_set else []), *cni.exclude_also):
        if workload.existing_terms is None:
            yield finding(
                cni.type if workload is cni.daemon_set else workload.name,
                f"existing nodeSelectorTerms of {workload.kind} {workload.namespace}/{workload.name} are not given",
                f"kubectl -n {workload.namespace} get {workload.kind.lower()} {workload.name} -o "
                "jsonpath='{..nodeSelectorTerms}' tells; write existingNodeSelectorTerms ([] for none)",
            )


@rule("CNI015")
def companions(spec: Spec) -> Findings:
    """Another workload of the CNI would start on cloud nodes.

    A CNI is more than its DaemonSet: Calico has kube-controllers, Cilium an operator and Envoy. On a cloud node they
    serve a network that is not there, and die with the next scale-in. (With the operator or Helm, hybridc's values
    cover them.) One that does not tolerate the taints of your pools stays away by itself and is not reported.

    Fails::
        cluster: {cni: {type: calico, routing: bgp, excludeAlso: []}}
    Passes::
        cluster:
          cni:
            type: calico
            routing: bgp
            excludeAlso: [{kind: Deployment, namespace: kube-system, name: calico-kube-controllers}]

    Source: each project's manifests; awsdocs issue 889 (the same pattern on EKS hybrid nodes).
    """
    cni = spec.cluster.cni
    if cni.routing != "bgp" or cni.delivery == "values" or not cni.exclude_also.whole:
        return
    covered = {(w.kind, w.namespace, w.name) for w in cni.exclude_also}
    open_pools = [pool for pool in spec.node_pools if not _keeps_off(pool)]
    for other in catalog.companions(cni.type, cni.install, cni.version):
        if (other.kind, other.namespace, other.name) in covered or not (other.tolerates_all or open_pools):
            continue
        yield finding(
            cni.type,
            f"{other.kind} {other.namespace}/{other.name} would run on cloud nodes",
            f"list it in cluster.cni.excludeAlso: {{kind: {other.kind}, namespace: {other.namespace}, "
            f"name: {other.name}}}",
        )


def _keeps_off(pool: NodePool) -> bool:
    """Whether the pool's taints keep off what tolerates nothing, or may do so."""
    return not pool.taints.whole or any(taint.endswith((":NoSchedule", ":NoExecute")) for taint in pool.taints)


@rule("CNI016")
def route_reflector_on_cloud_node(spec: Spec) -> Findings:
    """The selector of route reflectors can match cloud nodes.

    A cloud node that becomes a BGP peer without a BIRD behind it takes routes down with it.

    Fails::
        cluster: {cni: {routeReflectorSelector: route-reflector == 'true'}}
    Passes::
        cluster:
          cni: {routeReflectorSelector: route-reflector == 'true' && alibabacloud.com/external != 'true'}

    Source: Calico BGPPeer nodeSelector; the selector must exclude `alibabacloud.com/external` explicitly.
    """
    selector = spec.cluster.cni.route_reflector_selector
    if selector is not None and not _excludes_cloud_nodes(selector):
        yield finding(
            selector,
            "routeReflectorSelector can match cloud nodes",
            "add: && alibabacloud.com/external != 'true'",
        )


def _excludes_cloud_nodes(selector: str) -> bool:
    if "||" in selector:
        return False
    parts = [part.strip().strip("()").replace('"', "'").replace(" ", "") for part in selector.split("&&")]
    return any(part in ("alibabacloud.com/external!='true'", "!has(alibabacloud.com/external)") for part in parts)


@rule("CNI017")
def no_disabled_pools(spec: Spec) -> Findings:
    """No disabled IPPool tells Calico about the cloud's ranges.

    Calico masquerades what leaves a natOutgoing pool for an address in no pool at all, so cloud pods see the IDC
    node instead of the IDC pod: audit logs, NetworkPolicies and allow-lists by address are wrong. A disabled pool for
    each vSwitch ends that, and is never used for pods.

    Fails::
        cluster: {cni: {type: calico, routing: bgp, disabledIPPools: none}}
    Passes::
        cluster: {cni: {type: calico, routing: bgp, disabledIPPools: calicoctl}}

    Source: felix/dataplane/linux/masq_mgr.go.
    """
    cni = spec.cluster.cni
    if cni.routing == "bgp" and catalog.plugin(cni.type).ip_pools and cni.disabled_ip_pools == "none":
        yield finding(
            cni.disabled_ip_pools,
            "without disabled IPPools, IDC pods reach the cloud with the address of their node",
            "use calicoctl or api; accept it in checks.ignore when no pool has natOutgoing",
        )


@rule("CNI023")
def rolling_restart(spec: Spec) -> Findings:
    """Delivering the exclusion restarts the CNI on every IDC node.

    A change of the DaemonSet's template rolls it, one node after the other (maxUnavailable 1): routes of that node
    are withdrawn for seconds. Nothing is wrong; it wants a window, and the Application stays Progressing meanwhile.

    Fails::
        cluster: {cni: {type: calico, routing: bgp}}
    Passes::
        cluster: {cni: {type: none, routing: host}}

    Source: Kubernetes DaemonSet rolling update; calico.yaml updateStrategy.
    """
    cni = spec.cluster.cni
    if cni.routing == "bgp" and cni.daemon_set is not None:
        workload: Workload = cni.daemon_set
        value = cni.delivery if written(cni.delivery) else cni.type
        yield finding(
            value,
            f"the exclusion restarts {workload.namespace}/{workload.name} on every IDC node, one after the other",
            "plan a window for the first sync",
        )
