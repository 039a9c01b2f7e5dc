"""GIT: what Argo CD is given."""

from __future__ import annotations

from hybridc.rules.rule import TERWAY, Findings, finding, rule
from hybridc.spec.model import Spec, Terway


@rule("GIT007")
def server_side_apply(spec: Spec) -> Findings:
    """The exclusion is to be applied server-side, and nothing shows that this is safe.

    Where Calico was installed with `kubectl apply`, the migration to server-side apply takes every field of calico-node
    from its owner: the first sync fails and retries for ever, or fields are pruned. Where it was made by
    `kubectl create` or Helm it works. `hook` works with both.

    Fails::
        cluster: {cni: {delivery: ssa}}
    Passes::
        cluster: {cni: {delivery: hook}}

    Source: Argo CD 3.4.2 and kube-apiserver 1.37.2, seen running.
    """
    cni = spec.cluster.cni
    if cni.delivery == "ssa" and cni.daemon_set is not None:
        what = f"kubectl -n {cni.daemon_set.namespace} get ds {cni.daemon_set.name} -o yaml --show-managed-fields"
        yield finding(
            cni.delivery,
            "if the CNI was installed with kubectl apply, server-side apply fails or prunes its fields",
            f"use hook; or look at {what}, and accept it in checks.ignore when no Update owns last-applied",
        )


@rule("GIT024", over=TERWAY)
def restart_after_a_change(_: Spec, terway: Terway) -> Findings:
    """A change of eni-config restarts nothing.

    Terway reads it when it starts. Argo CD says Synced, and nodes that run go on with the old configuration. Said
    where the spec tunes Terway beyond the defaults, since such values are the ones that get changed.

    Fails::
        terway: {extraEniConf: {idle_ip_reclaim_after: 30m}}
    Passes::
        terway: {version: 1.16.8}

    Source: Terway daemon/config.go; Argo CD health of ConfigMaps.
    """
    if terway.extra_eni_conf or terway.extra_cni_conf:
        yield finding(
            next(iter({**terway.extra_eni_conf, **terway.extra_cni_conf})),
            "a change of eni-config takes effect on nodes that run only after a restart of Terway",
            "after such a sync: kubectl -n kube-system rollout restart daemonset/terway-eniip",
        )
