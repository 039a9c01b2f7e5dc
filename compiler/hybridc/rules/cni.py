"""CNI: who may run where."""

from __future__ import annotations

from hybridc.rules.rule import ERROR, WARNING, Findings, finding, rule
from hybridc.spec.model import Spec, Workload


@rule("CNI008", ERROR, by_schema=True)
def scenario() -> None:
    """A combination of routing, CNI and Terway that cannot work.

    Three scenarios exist. `overlay`: cloud nodes join the IDC's overlay (flannel, calico, canal, cilium), without
    Terway. `bgp`: the IDC's CNI stays in the IDC, Terway serves cloud nodes. `host`: the IDC has no container
    network (`type: none`), Terway serves cloud nodes. Terway beside an overlay leaves its pods unreachable.

    Source: Alibaba Cloud, "Deploy and configure Terway" (208052).
    """


@rule("CNI010", ERROR)
def operator_reverts_patches(spec: Spec) -> Findings:
    """A DaemonSet patch although the Tigera operator owns the DaemonSet.

    The operator renders the DaemonSet anew and drops the patch within five minutes: calico-node comes back to cloud
    nodes, after the check that it was gone.

    Source: tigera/operator pkg/controller/utils/component.go.
    """
    cni = spec.cluster.cni
    if cni.install in ("operator", "helm") and cni.type == "calico" and cni.delivery in ("hook", "ssa", "component"):
        yield finding(
            cni.delivery,
            f"delivery {cni.delivery} patches the DaemonSet, and the Tigera operator reverts that",
            "use delivery: values (Installation default carries the affinity)",
        )


@rule("CNI013", WARNING)
def unknown_terms(spec: Spec) -> Findings:
    """It is not known what the CNI's DaemonSet requires of nodes today.

    nodeSelectorTerms are replaced as a whole by every way of patching, so terms that nobody names would be lost. The
    terms that the project ships are expected; the hook compares them with the live ones before it touches anything.

    Source: kube-apiserver, measured: nodeSelectorTerms has no merge key.
    """
    cni = spec.cluster.cni
    for workload in _patched(spec):
        if workload.existing_terms is None and cni.delivery not in ("manual", "values"):
            where = workload.name
            yield finding(
                cni.type if workload is cni.daemon_set else where,
                f"existing nodeSelectorTerms of {workload.kind} {workload.namespace}/{workload.name} are not given",
                f"kubectl -n {workload.namespace} get {workload.kind.lower()} {workload.name} -o "
                "jsonpath='{..nodeSelectorTerms}' tells; write existingNodeSelectorTerms ([] for none)",
            )


def _patched(spec: Spec) -> list[Workload]:
    cni = spec.cluster.cni
    return [*([cni.daemon_set] if cni.daemon_set else []), *cni.exclude_also]


@rule("CNI016", ERROR)
def route_reflector_on_cloud_node(spec: Spec) -> Findings:
    """The selector of route reflectors can match cloud nodes.

    A cloud node that becomes a BGP peer without a BIRD behind it takes routes down with it.

    Source: Calico BGPPeer nodeSelector; the selector must exclude `alibabacloud.com/external` explicitly.
    """
    selector = spec.cluster.cni.route_reflector_selector
    if selector is not None and not _excludes_cloud_nodes(str(selector)):
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
