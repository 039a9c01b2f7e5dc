"""What is wrong with a cluster, one thing each, and what the guard says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.lab.servers.cluster import Cluster
from tests.lab.synced import EXCLUDED
from tests.lab.world import (
    AGENT_CONFIG,
    CALICO,
    CLUSTER_INFO,
    HASHES,
    KUBE_PROXY,
    cluster_info,
    eni_config_by_hand,
)

Damage = Callable[[Cluster], None]
ZONE = {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a"]}]}


def delete(cluster: Cluster, *words: str) -> None:
    cluster.run("-n", "kube-system", "delete", *words)


def no_secret(cluster: Cluster) -> None:
    delete(cluster, "secret", "alibaba-addon-secret")


def half_a_secret(cluster: Cluster) -> None:
    cluster.patch("/api/v1/namespaces/kube-system/secrets/alibaba-addon-secret", {"data": {"access-key-secret": None}})


def applied_by_hand(cluster: Cluster) -> None:
    cluster.run("apply", "-f", "-", stdin=json.dumps(cluster.get(AGENT_CONFIG)))


def no_daemon_set(cluster: Cluster) -> None:
    delete(cluster, "daemonset", "calico-node")


def set_terms(wanted: list[Any], path: str = CALICO) -> Damage:
    """A change that makes a DaemonSet require these nodeSelectorTerms."""
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": wanted}}}

    def change(cluster: Cluster) -> None:
        cluster.patch(path, {"spec": {"template": {"spec": {"affinity": affinity}}}})

    return change


def chain(cluster: Cluster) -> None:
    found = eni_config_by_hand()
    found["data"]["10-terway.conflist"] = '{"plugins": []}'
    cluster.run("create", "-f", "-", stdin=json.dumps(found))


def no_kube_proxy(cluster: Cluster) -> None:
    delete(cluster, "daemonset", "kube-proxy")


def kube_proxy_in_the_idc(cluster: Cluster) -> None:
    cluster.patch(KUBE_PROXY, {"spec": {"template": {"spec": {"nodeSelector": {"rack": "a"}}}}})


def kube_proxy_wants_a_rack(cluster: Cluster) -> None:
    racks = [{"matchExpressions": [{"key": key, "operator": "Exists"}]} for key in ("row", "rack")]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": racks}}
    cluster.patch(KUBE_PROXY, {"spec": {"template": {"spec": {"affinity": {"nodeAffinity": required}}}}})


def kube_proxy_excluded(cluster: Cluster) -> None:
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": EXCLUDED}}
    cluster.patch(KUBE_PROXY, {"spec": {"template": {"spec": {"affinity": {"nodeAffinity": required}}}}})


def kube_proxy_dials(server: str) -> Damage:
    def change(cluster: Cluster) -> None:
        config = {"data": {"kubeconfig.conf": f"clusters:\n- cluster:\n    server: {server}\n"}}
        cluster.patch("/api/v1/namespaces/kube-system/configmaps/kube-proxy", config)

    return change


def kube_proxy_tolerates(*tolerations: dict[str, str]) -> Damage:
    def change(cluster: Cluster) -> None:
        cluster.patch(KUBE_PROXY, {"spec": {"template": {"spec": {"tolerations": list(tolerations)}}}})

    return change


def kube_proxy_is_set_to(config: str) -> Damage:
    def change(cluster: Cluster) -> None:
        cluster.patch("/api/v1/namespaces/kube-system/configmaps/kube-proxy", {"data": {"config.conf": config}})

    return change


def joins(server: str, *cas: str) -> Damage:
    """A change of what a node that joins is given."""

    def change(cluster: Cluster) -> None:
        cluster.patch(CLUSTER_INFO, {"data": cluster_info(server, *cas)["data"]})

    return change


def no_cluster_info(cluster: Cluster) -> None:
    cluster.run("-n", "kube-public", "delete", "configmap", "cluster-info")


TAINT = {"key": "workload", "value": "ack"}
SERVER = "https://10.200.1.253:6443"
OTHER_CA = (
    f"NODE043: ConfigMap kube-public/cluster-info has sha256:{HASHES['p256']}, sha256:{HASHES['version-1']}, none of"
)
TAINTED = (
    "NODE042: DaemonSet kube-system/kube-proxy does not tolerate the taint workload=ack:NoSchedule of pool elastic"
)

REFUSED: dict[str, tuple[Damage, str]] = {
    "no Secret": (no_secret, "SEC010: Secret kube-system/alibaba-addon-secret has no access-key-id"),
    "half a Secret": (half_a_secret, "SEC010: Secret kube-system/alibaba-addon-secret has no access-key-secret"),
    "applied by hand": (applied_by_hand, "GIT040: ConfigMap kube-system/ack-agent-config was made by kubectl apply"),
    "no DaemonSet": (no_daemon_set, "CNI040: daemonset kube-system/calico-node is not there"),
    "unknown terms": (set_terms([ZONE]), "CNI041: daemonset kube-system/calico-node requires nodeSelectorTerms that"),
    "a chain": (chain, "ENI040: ConfigMap kube-system/eni-config has a 10-terway.conflist of somebody else"),
    "no kube-proxy": (no_kube_proxy, "NODE040: DaemonSet kube-system/kube-proxy is not there"),
    "kube-proxy elsewhere": (kube_proxy_in_the_idc, "NODE040: DaemonSet kube-system/kube-proxy runs on nodes with"),
    "kube-proxy in a rack": (kube_proxy_wants_a_rack, "NODE040: DaemonSet kube-system/kube-proxy requires labels that"),
    "kube-proxy excluded": (kube_proxy_excluded, "NODE040: DaemonSet kube-system/kube-proxy is kept off cloud nodes"),
    "loopback": (kube_proxy_dials("https://127.0.0.1:6443"), "NET030: kube-proxy dials https://127.0.0.1:6443"),
    "loopback, IPv6": (kube_proxy_dials('"https://[::1]:6443"'), "NET030: kube-proxy dials https://[::1]:6443"),
    "a Service": (
        kube_proxy_dials("https://172.16.0.1"),
        "NET030: kube-proxy dials https://172.16.0.1, an address in",
    ),
    "a taint": (kube_proxy_tolerates({"key": "CriticalAddonsOnly", "operator": "Exists"}), TAINTED),
    "no cluster-info": (no_cluster_info, "NODE043: ConfigMap kube-public/cluster-info is not there, or names no API"),
    "another CA": (joins(SERVER, "p256", "version-1"), OTHER_CA),
    "a loopback join": (joins("https://127.0.0.1:6443"), "NET033: nodes that join are sent to https://127.0.0.1:6443"),
    "a name": (kube_proxy_dials("https://lb.kubesphere.invalid:6443"), "a name that pods cannot resolve"),
}
