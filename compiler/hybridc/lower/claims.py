"""What a cluster writes outside of its own file: two specs that claim the same would overwrite each other."""

from __future__ import annotations

from collections.abc import Iterable

from hybridc.lower.agent_config import key_prefix
from hybridc.lower.ram import policy_name
from hybridc.spec.model import Spec


def claims(spec: Spec, products: Iterable[str]) -> list[tuple[str, str]]:
    """Folder, RAM policies, OSS keys and node pools of a cluster: each as a phrase, and the value that names it.

    ``products`` are those with a policy.
    """
    cloud, init = spec.alibaba_cloud, spec.node_init
    found = [(f"the folder {spec.name}", spec.name)]
    for product in products:
        found.append((f"the RAM policy {policy_name(spec, product)} of {cloud.account_id}", spec.name))
    if init.mode == "script" and init.oss is not None:
        found.append((f"the OSS keys {init.oss.bucket}/{key_prefix(spec)}", init.oss.prefix or init.oss.bucket))
    for pool in spec.node_pools:
        found.append((f"the node pool {pool.name} of {cloud.registered_cluster_id}", pool.name))
    return found
