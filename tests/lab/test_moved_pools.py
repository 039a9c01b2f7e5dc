"""The disabled pools move from the cluster's Application, where 0.1.0 had them, to one of their own, and stay there."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator

import pytest
import yaml
from tests.lab.lab import compile_spec
from tests.lab.servers.cluster import Cluster, Json
from tests.lab.servers.process import wait_for
from tests.lab.synced import NAME, Synced
from tests.pinned import ROOT

pytestmark = pytest.mark.needs("root", "debian", "kubernetes", "argocd")

KIND = "ippools.projectcalico.org"
POOLS = f"{NAME}-ippools"
VERSION = "      version: 3.24.5\n"
COMMANDS = [
    line.strip()
    for line in (ROOT / "docs" / "networking.md").read_text().splitlines()
    if line.startswith("    kubectl ") and "aliyun-" in line
]


@pytest.fixture
def pools(synced: Synced) -> Iterator[Synced]:
    """The kind as the Calico API server serves it; its fields do not matter here."""
    any_fields = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    spec = {
        "group": "projectcalico.org",
        "scope": "Cluster",
        "names": {"plural": "ippools", "singular": "ippool", "kind": "IPPool"},
        "versions": [{"name": "v3", "served": True, "storage": True, "schema": {"openAPIV3Schema": any_fields}}],
    }
    crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": KIND}}
    synced.lab.cluster.run("apply", "-f", "-", stdin=json.dumps({**crd, "spec": spec}))
    wait_for("the kind", lambda: synced.lab.cluster.run("get", KIND, check=False).returncode == 0)
    yield synced
    synced.lab.cluster.run("-n", "argocd", "delete", "application", POOLS, "--ignore-not-found")
    synced.lab.cluster.run("delete", "crd", KIND)


def _live(cluster: Cluster) -> dict[str, tuple[str, str]]:
    """Uid and the Application that has it, by the name of a pool."""
    items = json.loads(cluster.run("get", KIND, "-o", "json").stdout)["items"]
    return {item["metadata"]["name"]: (item["metadata"]["uid"], _owner(item)) for item in items}


def _owner(item: Json) -> str:
    tracked: str = item["metadata"].get("annotations", {}).get("argocd.argoproj.io/tracking-id", "")
    return tracked.partition(":")[0]


def _run(cluster: Cluster, command: str) -> None:
    """A line of the docs, with what it substitutes asked for by the same kubectl."""
    inner, _, rest = command.partition("$(")[2].partition(")")
    names = [
        name for name in cluster.run(*shlex.split(inner.partition("|")[0])[1:]).stdout.split() if "/aliyun-" in name
    ]
    cluster.run(*shlex.split(command.partition("$(")[0])[1:], *names, *shlex.split(rest))


def _sync(pools: Synced, name: str, how: Json) -> None:
    asked = {"operation": {"initiatedBy": {"username": "lab"}, "sync": how}}
    pools.lab.cluster.patch(f"/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/{name}", asked)


def test_pools_of_0_1_0_are_handed_on_without_being_deleted(pools: Synced) -> None:
    cluster, argocd = pools.lab.cluster, pools.lab.argocd
    out = compile_spec(pools.spec.replace(VERSION, f"{VERSION}      disabledIPPools: api\n"), pools.folder / "api")
    kustomization = out / NAME / "kustomize" / "kustomization.yaml"
    now = kustomization.read_text()
    (kustomization.parent / "pools.yaml").write_bytes((out / NAME / "calico" / "ippools.yaml").read_bytes())
    before = yaml.safe_load(now)
    before["resources"].append("pools.yaml")
    kustomization.write_text(yaml.safe_dump(before))
    pools.lab.register(out / NAME)
    argocd.wait_synced(NAME, pools.push_tree(out))
    found = _live(cluster)
    assert {owner for _, owner in found.values()} == {NAME}
    assert len(found) == 2

    keep, hand_on = COMMANDS[0], COMMANDS[1:]
    _run(cluster, keep)
    (kustomization.parent / "pools.yaml").unlink()
    kustomization.write_text(now)
    revision = pools.push_tree(out)
    argocd.wait_idle(NAME, revision)
    _sync(pools, NAME, {"prune": True})
    argocd.wait_idle(NAME, revision)
    assert _live(cluster) == found

    for command in hand_on:
        _run(cluster, command)
    options = (argocd.application(POOLS) or {})["spec"]["syncPolicy"]["syncOptions"]
    argocd.refresh(POOLS)
    argocd.wait_idle(POOLS, revision)
    _sync(pools, POOLS, {"syncOptions": options})
    argocd.wait_synced(POOLS, revision)
    assert _live(cluster) == {name: (uid, POOLS) for name, (uid, _) in found.items()}
    argocd.refresh(NAME)
    argocd.wait_synced(NAME, revision)
