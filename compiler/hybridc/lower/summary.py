"""SUMMARY.md: what a reviewer reads first. The text is ``chart-templates/SUMMARY.md.j2``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hybridc.catalog import ack, cni
from hybridc.lower.delivery import Delivery
from hybridc.lower.names import token_id
from hybridc.lower.steps import render as steps_text
from hybridc.lower.steps.step import Step, code
from hybridc.lower.templates import render
from hybridc.lower.token_refresh import is_refreshed_in_cluster
from hybridc.spec.model import Spec

_ACTIVE = re.compile(r"([\\`*_\[\]<>|#~&!])")


def summary(spec: Spec, delivery: Delivery, url: str, left: Sequence[Step]) -> str:
    """Topology, every address range, what a sync does and restarts, and the steps that are ``left``."""
    return render(
        "SUMMARY.md.j2",
        spec=spec,
        delivery=delivery,
        plugin=cni.plugin(spec.cluster.cni.type),
        how=cni.plugin(spec.cluster.cni.type).installs.get(str(spec.cluster.cni.install)),
        url=url,
        ranges=_ranges(spec),
        addon=ack.TERWAY_ADDON,
        secret=f"{ack.NAMESPACE}/{ack.CREDENTIALS_SECRET}",
        external="=".join(ack.EXTERNAL_LABEL),
        token=token_id(spec) if is_refreshed_in_cluster(spec) else "",
        md=markdown,
        code=code,
        **steps_text.values(left),
    )


def markdown(value: Any) -> str:
    """A value as text in Markdown: on one line, and nothing in it is markup."""
    return _ACTIVE.sub(r"\\\1", " ".join(str(value).split()))


def _ranges(spec: Spec) -> list[tuple[str, str, str]]:
    """``(where, what, range)`` for each range of the spec."""
    cluster, vpc = spec.cluster, spec.alibaba_cloud.vpc
    rows = [("IDC", "nodes", cidr) for cidr in cluster.node_cidrs]
    rows += [("IDC", "pods", cidr) for cidr in cluster.pod_cidrs]
    rows += [("both", "Services", cidr) for cidr in cluster.service_cidrs]
    rows += [("cloud", f"VPC {vpc.id}", cidr) for cidr in vpc.cidrs]
    for kind, switches in (("nodes", vpc.node_vswitches), ("pods", vpc.pod_vswitches)):
        for switch in switches:
            rows.append(("cloud", f"{kind}, {switch.zone}, {switch.id}", switch.cidr))
            if switch.ipv6_cidr is not None:
                rows.append(("cloud", f"{kind}, {switch.zone}, {switch.id}", switch.ipv6_cidr))
    return rows
