"""SUMMARY.md: what a reviewer reads first. The text is ``chart-templates/SUMMARY.md.j2``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hybridc.catalog import ack, cni, kubernetes
from hybridc.lower.delivery import Delivery
from hybridc.lower.names import PUBLISHER, patch_file, policy_name, token_id, token_key
from hybridc.lower.templates import render
from hybridc.lower.terway_chart import vendor_command
from hybridc.lower.token_refresh import is_refreshed_in_cluster
from hybridc.spec.model import Spec

_ACTIVE = re.compile(r"([\\`*_\[\]<>|#~&!])")


def summary(spec: Spec, delivery: Delivery, url: str, products: Iterable[str]) -> str:
    """Topology, every address range, what a sync does and restarts, what is left to do by hand.

    ``products`` are those with a RAM policy.
    """
    return render(
        "SUMMARY.md.j2",
        spec=spec,
        delivery=delivery,
        plugin=cni.plugin(spec.cluster.cni.type),
        how=cni.plugin(spec.cluster.cni.type).installs.get(str(spec.cluster.cni.install)),
        vendor=vendor_command(spec, spec.terway) if spec.terway is not None else "",
        url=url,
        ranges=_ranges(spec),
        policies=[(name, policy_name(spec, name)) for name in products if name != PUBLISHER],
        token_key=token_key(spec),
        patch_file=patch_file,
        addon=ack.TERWAY_ADDON,
        secret=f"{ack.NAMESPACE}/{ack.CREDENTIALS_SECRET}",
        external="=".join(ack.EXTERNAL_LABEL),
        token=token_id(spec) if is_refreshed_in_cluster(spec) else "",
        kubeadm_api=kubernetes.release(spec.cluster.minor).kubeadm_api,
        md=markdown,
        code=code,
    )


def markdown(value: Any) -> str:
    """A value as text in Markdown: on one line, and nothing in it is markup."""
    return _ACTIVE.sub(r"\\\1", " ".join(str(value).split()))


def code(value: Any) -> str:
    """A value as a code span."""
    return f"`{' '.join(str(value).replace('`', chr(39)).split())}`"


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
