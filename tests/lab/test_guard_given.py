"""What the guard sees of kube-proxy and of the join: what the cluster gives to nodes of the cloud."""

from __future__ import annotations

import pytest
from tests.lab.conftest import Delivery
from tests.lab.damage import SERVER, TAINT, TAINTED, joins, kube_proxy_is_set_to, kube_proxy_tolerates, set_terms
from tests.lab.servers.cluster import Cluster
from tests.lab.test_guard import GUARD, compiled, looked
from tests.lab.world import KUBE_PROXY

pytestmark = pytest.mark.needs("root", "debian", "kubernetes")

TOLERATED: dict[str, tuple[dict[str, str], bool]] = {
    "every taint": ({"operator": "Exists"}, True),
    "every NoSchedule": ({"operator": "Exists", "effect": "NoSchedule"}, True),
    "the key": ({"key": "workload", "operator": "Exists"}, True),
    "key and value": (TAINT, True),
    "key, value and effect": ({**TAINT, "operator": "Equal", "effect": "NoSchedule"}, True),
    "another value": ({**TAINT, "value": "idc"}, False),
    "no value": ({"key": "workload"}, False),
    "another effect": ({**TAINT, "effect": "NoExecute"}, False),
    "another key": ({"key": "work", "operator": "Exists"}, False),
}


@pytest.mark.parametrize(("toleration", "passes"), TOLERATED.values(), ids=TOLERATED)
def test_guard_compares_taints_as_the_scheduler_does(
    toleration: dict[str, str], passes: bool, world: Cluster, delivery: Delivery
) -> None:
    kube_proxy_tolerates({"key": "other", "operator": "Exists"}, toleration)(world)
    status, message, log = looked(delivery, compiled())
    assert (status, TAINTED in message) == (int(not passes), not passes), log


MASQUERADE = {
    "": None,
    "clusterCIDR: 10.0.0.0/8": None,
    'clusterCIDR: ""\ndetectLocalMode: ""': None,
    "detectLocalMode: InterfaceNamePrefix": None,
    'clusterCIDR: "fd00::/64"': None,
    "clusterCIDR: fd00::/64,10.100.0.0/16": "clusterCIDR of kube-proxy is 10.100.0.0/16",
    "clusterCIDR: 10.100.0.0/16,10.0.0.0/8": "clusterCIDR of kube-proxy is 10.100.0.0/16",
    "clusterCIDR: 10.10.25.0/25 # the half": "clusterCIDR of kube-proxy is 10.10.25.0/25",
    "detectLocalMode: NodeCIDR": "kube-proxy ends on a Node without spec.podCIDR",
    "detectLocalMode: BridgeInterface": "which are on no bridge",
}


@pytest.mark.parametrize(("config", "sentence"), MASQUERADE.items())
def test_guard_says_what_kube_proxy_makes_of_cloud_pods(
    config: str, sentence: str | None, world: Cluster, delivery: Delivery
) -> None:
    kube_proxy_is_set_to(config)(world)
    status, message, log = looked(delivery, compiled())
    assert (status, message) == (0, "")
    assert ("NET034: " in log) == (sentence is not None), log
    assert sentence is None or sentence in log


JOINS = {
    "while a CA is replaced": ((SERVER, "p256", "rsa"), 0, ""),
    "another address": (("https://10.9.9.9:6443",), 0, "not seen: whether cloud nodes reach https://10.9.9.9:6443"),
    "the same name": (("https://10.200.1.253",), 0, ""),
    "of pods": (("https://10.100.7.7:6443",), 1, "an address in 10.100.0.0/16, the cluster's own network"),
    "link-local": (("https://169.254.20.1:6443",), 1, "which is the node itself"),
    "in capitals": (("https://LocalHost:6443",), 1, "which is the node itself"),
    "a name": (("https://lb.kubesphere.invalid:6443",), 1, "a name that pods cannot resolve"),
    "no server": (("",), 1, "NODE043: ConfigMap kube-public/cluster-info is not there, or names no API server"),
}


@pytest.mark.parametrize(("given", "status", "sentence"), JOINS.values(), ids=JOINS)
def test_guard_sees_what_a_joining_node_is_given(
    given: tuple[str, ...], status: int, sentence: str, world: Cluster, delivery: Delivery
) -> None:
    joins(*given)(world)
    ended, message, log = looked(delivery, compiled())
    assert ended == status, log
    assert sentence in (message or log)
    assert bool(sentence) == (status == 1 or "not seen: whether cloud nodes reach" in log)


def test_guard_that_may_not_read_cluster_info_refuses(world: Cluster, delivery: Delivery) -> None:
    folder = compiled()
    delivery.apply(folder, only=GUARD)
    world.run("-n", "kube-public", "delete", "rolebinding", GUARD)
    ended = delivery.run(folder, GUARD).ended
    assert ended.status == 1
    assert "GIT041: cannot read configmap kube-public/cluster-info" in ended.message


def test_one_term_that_cloud_nodes_fit_is_enough(world: Cluster, delivery: Delivery) -> None:
    rack = {"key": "rack", "operator": "In", "values": ["a"]}
    linux = {"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}
    virtual = {"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]}
    set_terms([{"matchExpressions": [rack]}, {"matchExpressions": [linux, virtual]}], KUBE_PROXY)(world)
    assert looked(delivery, compiled())[:2] == (0, "")
