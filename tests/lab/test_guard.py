"""The guard looks before a sync changes anything, with its own ServiceAccount's token, and refuses with a sentence."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from tests.lab.conftest import Delivery
from tests.lab.damage import (
    REFUSED,
    ZONE,
    Damage,
    delete,
    kube_proxy_dials,
    no_daemon_set,
    no_kube_proxy,
    no_secret,
    set_terms,
)
from tests.lab.lab import compile_spec, example
from tests.lab.servers.cluster import Cluster
from tests.lab.servers.process import wait_for
from tests.lab.synced import EXCLUDED
from tests.lab.world import (
    daemon_set,
    eni_config_by_hand,
    install,
)

pytestmark = pytest.mark.needs("root", "debian", "kubernetes")

GUARD = "hybridc-guard"
VERSION = "      version: 3.24.5\n"
KEPT: list[TemporaryDirectory[str]] = []
"""What was compiled once for several tests; it goes with the process."""


@cache
def compiled(cni: str = "", checks: str = "") -> Path:
    """The guide's cluster with more lines under cluster.cni and checks.ignore."""
    spec = example("guide").replace(VERSION, VERSION + "".join(f"      {line}\n" for line in cni.splitlines()))
    spec += f"\n  checks: {{ignore: [{checks}]}}\n" if checks else ""
    KEPT.append(TemporaryDirectory(prefix="hybridc-guard-"))
    return compile_spec(spec, Path(KEPT[-1].name)) / "idc-hangzhou"


def looked(delivery: Delivery, folder: Path) -> tuple[int, str, str]:
    """Exit code, termination message and log of a guard with the instructions in ``folder``."""
    delivery.apply(folder, only=GUARD)
    ended = delivery.run(folder, GUARD).ended
    return ended.status, ended.message, ended.log


CASES = [pytest.param(*case, id=name) for name, case in REFUSED.items()]


@pytest.mark.parametrize("cni", ["", "delivery: component", "delivery: manual"])
def test_guard_lets_a_sound_cluster_through(cni: str, world: Cluster, delivery: Delivery) -> None:
    if cni:
        set_terms(EXCLUDED)(world)
    status, message, log = looked(delivery, compiled(cni))
    assert (status, message, log.splitlines()[-1]) == (0, "", "nothing in the way of this sync"), log
    assert "not seen: which nodes have the label of cloud nodes" in log
    assert "cloud nodes must be able to pull registry.k8s.io/kube-proxy:v1.24.3" in log
    assert "NET034: clusterCIDR of kube-proxy is 10.100.0.0/16: it hides pods of cloud nodes (10.10.25.0/24)" in log
    assert log.count("not seen") == 1


@pytest.mark.walks("secret")
@pytest.mark.parametrize(("damage", "sentence"), CASES)
def test_guard_refuses(damage: Damage, sentence: str, world: Cluster, delivery: Delivery) -> None:
    damage(world)
    status, message, log = looked(delivery, compiled())
    assert status == 1, log
    assert sentence in message


@pytest.mark.parametrize("cni", ["delivery: component", "delivery: manual"])
@pytest.mark.parametrize(
    ("damage", "code"),
    [(set_terms([ZONE]), "CNI042"), (set_terms([ZONE, *EXCLUDED]), "CNI042"), (no_daemon_set, "CNI040")],
)
def test_guard_wants_the_exclusion_of_others_to_be_there(
    damage: Damage, code: str, cni: str, world: Cluster, delivery: Delivery
) -> None:
    damage(world)
    status, message, _ = looked(delivery, compiled(cni))
    assert (status, message.partition(":")[0]) == (1, code)


def test_guard_reads_what_an_operator_made_of_its_settings(world: Cluster, delivery: Delivery, tmp_path: Path) -> None:
    folder = compile_spec(example("two-zone"), tmp_path) / "idc-shanghai"
    found = json.loads(daemon_set("calico-v3.24.5"))
    found["metadata"]["namespace"] = "calico-system"
    world.run("create", "namespace", "calico-system", check=False)
    world.run("apply", "-f", "-", stdin=json.dumps(found))
    try:
        status, message, _ = looked(delivery, folder)
        assert (status, message.partition(" would")[0]) == (1, "CNI042: daemonset calico-system/calico-node")
        required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": EXCLUDED}}
        change = {"spec": {"template": {"spec": {"affinity": {"nodeAffinity": required}}}}}
        world.patch("/apis/apps/v1/namespaces/calico-system/daemonsets/calico-node", change)
        assert looked(delivery, folder)[0] == 0
    finally:
        world.run("-n", "calico-system", "delete", "daemonset,role,rolebinding", "--all")


def test_a_name_that_cloud_nodes_know_is_none_that_pods_must_resolve(
    world: Cluster, delivery: Delivery, tmp_path: Path
) -> None:
    kube_proxy_dials("https://lb.kubesphere.invalid:6443")(world)
    hosts = "    hosts: {lb.kubesphere.invalid: 10.200.1.253}\n"
    spec = example("guide").replace("    os: alinux3\n", f"    os: alinux3\n{hosts}")
    assert hosts in spec
    assert looked(delivery, compile_spec(spec, tmp_path) / "idc-hangzhou")[0] == 0


def test_guard_says_all_reasons_at_once(world: Cluster, delivery: Delivery) -> None:
    no_secret(world)
    no_kube_proxy(world)
    set_terms([ZONE])(world)
    _, message, log = looked(delivery, compiled())
    assert [code for code in ("CNI041", "SEC010", "NODE040") if f"{code}: " in message] == [
        "CNI041",
        "SEC010",
        "NODE040",
    ]
    assert f"existingNodeSelectorTerms: {json.dumps([ZONE], separators=(',', ':'))}" in log


def test_what_is_accepted_is_looked_at_and_told(world: Cluster, delivery: Delivery) -> None:
    no_kube_proxy(world)
    status, message, log = looked(delivery, compiled(checks='{code: NODE040, reason: "Cilium brings its own"}'))
    assert (status, message) == (0, ""), log
    assert "accepted, NODE040: DaemonSet kube-system/kube-proxy is not there" in log
    assert "because: Cilium brings its own" in log


@pytest.mark.parametrize("damage", [{"checks": None}, {"checks": ""}, {"terms.sh": ""}, {"credentials": None}])
def test_guard_without_its_instructions_refuses(
    damage: dict[str, str | None], world: Cluster, delivery: Delivery
) -> None:
    folder = compiled()
    delivery.apply(folder, only=GUARD)
    world.patch(f"/api/v1/namespaces/kube-system/configmaps/{GUARD}", {"data": damage})
    ended = delivery.run(folder, GUARD).ended
    assert ended.status == 1
    assert ended.message.startswith("GIT041: the guard's instructions")


def test_guard_without_its_rights_refuses(world: Cluster, delivery: Delivery) -> None:
    folder = compiled()
    delivery.apply(folder, only=GUARD)
    delete(world, "rolebinding", GUARD)
    ended = delivery.run(folder, GUARD).ended
    assert ended.status == 1
    assert "GIT041: cannot read daemonset kube-system/calico-node" in ended.message


def test_guard_refuses_an_older_api_server(world: Cluster, delivery: Delivery) -> None:
    folder = compiled()
    delivery.apply(folder, only=GUARD)
    world.patch(f"/api/v1/namespaces/kube-system/configmaps/{GUARD}", {"data": {"version": "99\n"}})
    assert (
        "VER020: the API server is 1.37 and new nodes would get kubelet 1.99"
        in delivery.run(folder, GUARD).ended.message
    )


def test_a_key_that_hybridc_wrote_may_go(world: Cluster, delivery: Delivery) -> None:
    found = eni_config_by_hand()
    found["metadata"]["annotations"] = {"hybridc.dev/keys": "eni_conf 10-terway.conf note 10-terway.conflist"}
    found["data"]["10-terway.conflist"] = '{"plugins": []}'
    world.run("apply", "-f", "-", stdin=json.dumps(found))
    try:
        status, message, _ = looked(delivery, compiled())
    finally:
        delete(world, "configmap", "eni-config")
    assert (status, message) == (0, "")


NODES = {
    "an address of the IDC": ("192.168.0.7", "np-1", "has the label alibabacloud.com/external=true and an address in"),
    "of no pool": ("10.10.24.7", "", "and no alibabacloud.com/nodepool-id"),
    "of a pool": ("10.10.24.7", "np-1", ""),
    "IPv6 alone": ("fd00::7", "np-1", ""),
}


@pytest.mark.parametrize(("address", "pool", "sentence"), NODES.values(), ids=NODES)
def test_guard_finds_machines_of_the_idc_with_the_label(
    address: str, pool: str, sentence: str, world: Cluster, delivery: Delivery
) -> None:
    folder = compiled()
    labels = {"alibabacloud.com/external": "true"} | ({"alibabacloud.com/nodepool-id": pool} if pool else {})
    metadata = {"name": "worker-1", "labels": labels, "annotations": {"projectcalico.org/IPv4Address": f"{address}/24"}}
    world.run("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Node", "metadata": metadata}))
    vsphere = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "idc-1"},
        "spec": {"providerID": "vsphere://42"},
    }
    world.run("create", "-f", "-", stdin=json.dumps(vsphere))
    world.run(
        "apply", *(word for file in sorted((folder / "argocd").glob("cluster*.yaml")) for word in ("-f", str(file)))
    )
    try:
        status = {"status": {"addresses": [{"type": "InternalIP", "address": address}]}}
        world.patch("/api/v1/nodes/worker-1/status", status)
        code, message, log = looked(delivery, folder)
    finally:
        world.run(
            "delete", "node/worker-1", "node/idc-1", "clusterrole/hybridc-reader", "clusterrolebinding/hybridc-reader"
        )
    assert (code, sentence in message) == (int(bool(sentence)), True), log
    assert "CNI019: node worker-1 has Calico's annotations" in log
    assert "NODE041: nodes of the IDC have provider ids of vsphere" in log
    assert "not seen" not in log


def test_guard_compares_before_a_server_side_apply_too(world: Cluster, delivery: Delivery) -> None:
    out = compiled("delivery: ssa", "{code: GIT007, reason: calico was installed with kubectl create}")
    delete(world, "daemonset", "calico-node")
    install(world, "calico-v3.24.5")
    assert looked(delivery, out)[0] == 0
    set_terms([ZONE])(world)
    assert "CNI041: daemonset kube-system/calico-node requires" in looked(delivery, out)[1]


@pytest.mark.parametrize(("damage", "status"), [(None, 0), (no_secret, 1)], ids=["sound", "no Secret"])
def test_the_guard_is_a_job_with_flux(
    damage: Damage | None, status: int, world: Cluster, delivery: Delivery, tmp_path: Path
) -> None:
    spec = example("guide").replace("  gitops:\n", "  gitops:\n    engine: flux\n")
    folder = compile_spec(spec, tmp_path) / "idc-hangzhou"
    if damage is not None:
        damage(world)
    (name,) = (item["metadata"]["name"] for item in delivery.objects(folder) if item["kind"] == "Job" and _looks(item))
    delivery.apply(folder, only=GUARD)
    before = len(delivery.hooks.runs)
    try:
        delivery.apply(folder, only=name)
        wait_for("the Job", lambda: len(delivery.hooks.runs) > before, 30)
    finally:
        world.run("-n", "kube-system", "delete", "job", name)
    ran = delivery.hooks.runs[-1]
    assert (ran.kind, ran.ended.status) == ("job", status), ran.ended.log


def _looks(job: Any) -> bool:
    return bool(job["spec"]["template"]["spec"]["serviceAccountName"] == GUARD)
