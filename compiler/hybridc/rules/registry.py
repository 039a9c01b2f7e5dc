"""Every rule over a spec: importing a family's modules registers them, and the list is explicit."""

from __future__ import annotations

from functools import cache

from hybridc.codes import CODES
from hybridc.rules import chk, ids, oss, ram, support, ver
from hybridc.rules.cni import datapath, delivery, exclusion, local_dns, recheck, workloads
from hybridc.rules.eni import chain, overlays, pass_through
from hybridc.rules.eni import pools as eni_pools
from hybridc.rules.git import argocd, engine
from hybridc.rules.init import endpoint, host, idle, join, packages
from hybridc.rules.net import overlap, size
from hybridc.rules.node import disks, extra, images, labels, machines, terraform
from hybridc.rules.node import pools as node_pools
from hybridc.rules.rule import RULES, Rule
from hybridc.rules.sec import looks, use

MODULES = (
    *(overlap, size, ids, eni_pools, chain, overlays, pass_through, datapath, delivery, exclusion, recheck, workloads),
    *(ver, images, labels, machines, disks, node_pools, ram, endpoint, host, idle, join, packages, oss, argocd, engine),
    *(local_dns, extra, terraform, looks, use, support, chk),
)


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order of :data:`hybridc.codes.CODES`."""
    return tuple(RULES[code] for code in CODES if code in RULES)
