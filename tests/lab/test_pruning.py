"""What leaves the spec leaves the cluster, and takes nothing with it that others own."""

from __future__ import annotations

import pytest
from tests.lab.lab import compile_spec
from tests.lab.synced import EXCLUDED, NAME, Synced
from tests.lab.world import AGENT_CONFIG, CALICO, ENI_CONFIG, FOREIGN, terms

pytestmark = pytest.mark.needs("root", "debian", "kubernetes", "argocd")

RECHECK = "/apis/batch/v1/namespaces/kube-system/cronjobs/hybridc-cni-exclusion"
OVERLAY = "/api/v1/namespaces/kube-system/configmaps/eni-config-big"
VERSION = "      version: 3.24.5\n"
TERWAY = "    version: 1.8.18\n"
DYNAMIC = "    dynamicConfigs: {big: {poolSize: {min: 5, max: 30}}}\n"
POOL = "    - name: elastic\n"


def test_a_feature_that_leaves_the_spec_is_pruned_and_nothing_else(synced: Synced) -> None:
    cluster = synced.lab.cluster
    spec = synced.spec.replace(VERSION, f'{VERSION}      recheck: "*/30 * * * *"\n')
    spec = spec.replace(TERWAY, TERWAY + DYNAMIC).replace(POOL, f"{POOL}      terwayConfig: big\n")
    _sync(synced, 1, spec)
    assert cluster.get(RECHECK)
    assert cluster.get(OVERLAY)

    before = synced.versions(CALICO, ENI_CONFIG, AGENT_CONFIG)
    _sync(synced, 2, synced.spec)
    assert cluster.get(RECHECK) is None
    assert cluster.get(OVERLAY) is None
    assert synced.versions(CALICO, ENI_CONFIG, AGENT_CONFIG) == before

    # From the hook to the component: the hook goes with its rights, and what it did stays.
    _sync(synced, 3, synced.spec.replace(VERSION, f"{VERSION}      delivery: component\n"))
    kinds = "configmaps,pods,serviceaccounts,roles,rolebindings"
    left = ["-n", "kube-system", "get", kinds, "--selector=app.kubernetes.io/managed-by=hybridc", "-o", "name"]
    assert "hybridc-cni-exclusion" not in cluster.run(*left).stdout
    assert synced.versions(CALICO, ENI_CONFIG, AGENT_CONFIG) == before
    assert terms(synced.get(CALICO)) == EXCLUDED
    assert synced.get(AGENT_CONFIG)["data"].items() >= FOREIGN.items()


def _sync(synced: Synced, number: int, spec: str) -> None:
    """Apply the project that ``spec`` needs, which may allow less than the one before, then commit the rest."""
    out = compile_spec(spec, synced.folder / str(number))
    synced.lab.register(out / NAME)
    synced.lab.argocd.wait_synced(NAME, synced.push_tree(out))
