"""A cluster as the guide of Alibaba Cloud leaves it, with nothing of hybridc's."""

from __future__ import annotations

import json

from tests.lab.servers.cluster import Cluster
from tests.lab.synced import EXCLUDED
from tests.lab.world import AGENT_CONFIG, daemon_set, eni_config_by_hand, prepare

OURS = "configmaps,serviceaccounts,roles,rolebindings,pods"


def set_up_by_hand(cluster: Cluster) -> None:
    """calico-node patched, the AccessKey in eni-config, the script's address with the agent; no Secret."""
    kept = [
        "daemonset/calico-node",
        "configmap/eni-config",
        "configmap/ack-agent-config",
        "secret/alibaba-addon-secret",
    ]
    cluster.run("-n", "kube-system", "delete", "--ignore-not-found", *kept)
    cluster.run("-n", "kube-system", "delete", OURS, "--selector=app.kubernetes.io/managed-by=hybridc")
    cluster.run("apply", "-f", "-", stdin=daemon_set("calico-v3.24.5"))
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": EXCLUDED}}
    patch = {"spec": {"template": {"spec": {"affinity": {"nodeAffinity": required}}}}}
    cluster.run("-n", "kube-system", "patch", "daemonset", "calico-node", "-p", json.dumps(patch))
    prepare(cluster)
    cluster.patch(AGENT_CONFIG, {"data": {"addNodeScriptPath": "https://example.com/init-node-ecs.sh"}})
    cluster.run("create", "-f", "-", stdin=json.dumps(eni_config_by_hand()))
    cluster.run("-n", "kube-system", "delete", "secret", "alibaba-addon-secret")
