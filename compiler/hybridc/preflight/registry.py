"""Every preflight rule: importing a subject's module registers its rules, and the list is explicit."""

from __future__ import annotations

from functools import cache

from hybridc.codes import CODES
from hybridc.preflight import (
    addresses,
    agent,
    argocd,
    argocd_project,
    bgp,
    bootstrap,
    controllers,
    credentials,
    groups,
    ip_pools,
    join,
    kubeadm,
    landing,
    local_dns,
    networks,
    nodes,
    owners,
    proxy,
    proxy_config,
    registered,
    rights,
    routes,
    secrets,
    shared,
    stock,
    version,
    vswitches,
    workloads,
)
from hybridc.preflight.rule import RULES
from hybridc.rules.rule import Rule

MODULES = (
    version,
    addresses,
    networks,
    ip_pools,
    bgp,
    nodes,
    workloads,
    owners,
    landing,
    local_dns,
    credentials,
    secrets,
    shared,
    controllers,
    kubeadm,
    bootstrap,
    agent,
    join,
    proxy,
    proxy_config,
    argocd,
    argocd_project,
    vswitches,
    routes,
    groups,
    stock,
    rights,
    registered,
)


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order of :data:`hybridc.codes.CODES`."""
    return tuple(RULES[code] for code in CODES if code in RULES)
