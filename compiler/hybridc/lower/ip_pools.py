"""Disabled Calico pools for the cloud's ranges, so that IDC pods keep their own address toward the cloud.

Felix masquerades traffic that leaves a natOutgoing pool for an address in no pool at all; a disabled pool counts as
one and is never used for pods (source: felix/dataplane/linux/masq_mgr.go).
"""

from __future__ import annotations

from hybridc.catalog import cni as catalog
from hybridc.lower.bundle import Manifest
from hybridc.spec.model import Spec
from hybridc.spec.origin import text

FOLDER = "calico"
"""Where the pools lie below the cluster's folder."""


def ip_pools(spec: Spec) -> tuple[Manifest, ...]:
    """One pool for each node and pod vSwitch; none when ``disabledIPPools`` is ``none``."""
    if spec.cluster.cni.disabled_ip_pools == "none":
        return ()
    vpc = spec.alibaba_cloud.vpc
    pools: dict[str, Manifest] = {}
    for kind, switches in (("node", vpc.node_vswitches), ("pod", vpc.pod_vswitches)):
        for switch in switches:
            for cidr, suffix in ((switch.cidr, ""), (switch.ipv6_cidr, "-v6")):
                if cidr is not None:
                    name = text("aliyun-{}-{}{}", kind, switch.id, suffix)
                    pools.setdefault(cidr, _pool(name, cidr, hidden=_can_hide(spec.cluster.cni.version)))
    return tuple(pools.values())


def _can_hide(version: str | None) -> bool:
    """Whether this Calico has ``disableBGPExport``; without it BIRD may announce the cloud's ranges."""
    return version is None or not catalog.older(version, catalog.DISABLE_BGP_EXPORT)


def _pool(name: str, cidr: str, *, hidden: bool) -> Manifest:
    spec = {"cidr": cidr, "disabled": True, "natOutgoing": False}
    return {
        "apiVersion": "projectcalico.org/v3",
        "kind": "IPPool",
        "metadata": {"name": name},
        "spec": {**spec, "disableBGPExport": True} if hidden else spec,
    }
