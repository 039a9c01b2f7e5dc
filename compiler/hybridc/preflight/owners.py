"""Who else acts on the plugin's workloads and on pods of cloud nodes: operators, charts."""

from __future__ import annotations

from hybridc.catalog import cni as catalog
from hybridc.live.state import State
from hybridc.lower.cni_exclusion import main_exclusion
from hybridc.lower.delivery import deliver
from hybridc.preflight.networks import settings
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import TERWAY, finding
from hybridc.spec.model import Spec, Terway

_HELM = ("app.kubernetes.io/managed-by", "Helm")
_OFF = ("0", "0s")


@live("CNI053")
def rendered_by_its_owner(spec: Spec, state: State) -> Findings:
    """A workload that hybridc patches belongs to an operator, or to a chart.

    An operator renders what it owns anew: the exclusion is gone at its next look, while the Application says Synced,
    and the plugin starts on cloud nodes. `hybridc preflight` reads the controller in `ownerReferences`, whatever
    `install` says. A chart's next upgrade does the same to a plugin that `install: manifest` takes for one that nobody
    renders.

    Fails::
        ownerReferences: [{kind: Installation, name: default, controller: true}]      # and cni.install is manifest
    Passes::
        cluster: {cni: {install: operator}}

    Source: tigera/operator pkg/controller/utils/component.go; Kubernetes, owners and dependents; Helm, upgrade.
    """
    cni, main = spec.cluster.cni, main_exclusion(spec)
    for exclusion in deliver(spec).patched:
        item = state.one(exclusion.kind, str(exclusion.namespace), str(exclusion.name))
        meta = {} if item is None else item["metadata"]
        where = f"{exclusion.kind} {exclusion.namespace}/{exclusion.name}"
        owner = next((each for each in meta.get("ownerReferences", []) if each.get("controller")), None)
        key, helm = _HELM
        if owner is not None:
            message = f"{where} belongs to {owner.get('kind')} {owner.get('name')}, which undoes a patch of it"
            yield finding(exclusion.name, message, "give the exclusion to its owner: cluster.cni.install, or remove it")
        elif exclusion == main and cni.install == "manifest" and meta.get("labels", {}).get(key) == helm:
            message = f"{where} was made by a Helm chart, whose next upgrade undoes a patch of it"
            yield finding(exclusion.name, message, "set cluster.cni.install: helm", "warning")


@live("CNI054", over=TERWAY)
def operator_deletes_dns(spec: Spec, terway: Terway, state: State) -> Findings:
    """cilium-operator deletes CoreDNS pods on cloud nodes.

    It looks every 15 seconds for pods with `k8s-app: kube-dns` without an endpoint of Cilium's, on any node. What
    `CNI035` asks a person to set, seen: ConfigMap `cilium-config` must have `unmanaged-pod-watcher-interval: "0"`;
    without the key it is 15.

    Fails::
        data: {unmanaged-pod-watcher-interval: "15s"}
    Passes::
        data: {unmanaged-pod-watcher-interval: "0"}

    Source: cilium operator/option: unmanaged-pod-watcher-interval, "0 to disable"; cilium issues 24689, 9145.
    """
    key = catalog.plugin(spec.cluster.cni.type).pod_watcher
    if key is None or spec.cluster.cni.routing != "bgp":
        return
    for _, namespace, name in settings(spec):
        config = state.config_map(namespace, name)
        if config is not None and config.get(key, "15s") not in _OFF:
            message = (
                f"its operator looks for CoreDNS pods on cloud nodes every {config.get(key, '15s')}, to delete them"
            )
            advice = f'set {key}: "0", and restart the operator'
            yield finding(spec.cluster.cni.type, message, advice, where=f"ConfigMap {namespace}/{name}")
