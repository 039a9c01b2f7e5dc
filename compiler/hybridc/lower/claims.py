"""What a cluster writes outside of its own file: two specs that claim the same would overwrite each other."""

from __future__ import annotations

from hybridc.lower.agent_config import key_prefix
from hybridc.lower.ram import policies, policy_name
from hybridc.spec.model import Spec


def claims(spec: Spec) -> list[str]:
    """Folder, RAM policies, OSS keys and node pools of a cluster, each as a phrase."""
    cloud = spec.alibaba_cloud
    found = [f"the folder {spec.name}"]
    found += [f"the RAM policy {policy_name(spec, product)} of {cloud.account_id}" for product in policies(spec)]
    if spec.node_init.mode == "script" and spec.node_init.oss is not None:
        found.append(f"the OSS keys {spec.node_init.oss.bucket}/{key_prefix(spec)}")
    found += [f"the node pool {pool.name} of {cloud.registered_cluster_id}" for pool in spec.node_pools]
    return found
