"""SUMMARY.md: what a reviewer reads first. The text is ``chart-templates/SUMMARY.md.j2``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from hybridc.catalog import ack, cni, joins
from hybridc.diagnostic import INFO, WARNING, Diagnostic
from hybridc.lower.delivery import Delivery
from hybridc.lower.names import token_id
from hybridc.lower.steps import render as steps_text
from hybridc.lower.steps.step import Step
from hybridc.lower.templates import render
from hybridc.lower.token_refresh import is_refreshed_in_cluster
from hybridc.rules.ignores import acceptances
from hybridc.spec.model import Ignore, Spec
from hybridc.words import field

_ACTIVE = re.compile(r"([\\`*_\[\]<>|#~&!])")


class Told(NamedTuple):
    """What a reviewer reads of a finding; ``accepted`` is why the spec accepts it, and until when ("": it does not)."""

    severity: str
    code: str
    where: str
    message: str
    help: str
    accepted: str = ""


def told(spec: Spec, found: Sequence[Diagnostic], accepted: Sequence[Diagnostic]) -> list[Told]:
    """The findings of a spec that is built, warnings first, then the accepted ones."""
    ranks = (WARNING, INFO)
    shown = [_told(d) for d in sorted(found, key=lambda d: ranks.index(d.severity))]
    accepts = acceptances(spec)
    return shown + [_told(d, _acceptance(why)) for d in accepted if (why := accepts(d)) is not None]


def _told(d: Diagnostic, accepted: str = "") -> Told:
    return Told(d.severity, d.code, field(d.pointer), d.sentence, d.help, accepted)


def _acceptance(ignore: Ignore) -> str:
    return f"{ignore.reason} (until {ignore.until})" if ignore.until is not None else str(ignore.reason)


def summary(spec: Spec, delivery: Delivery, url: str, left: Sequence[Step], findings: Sequence[Told]) -> str:
    """Findings, topology, every address range, what a sync does and restarts, and the steps that are ``left``."""
    return render(
        "SUMMARY.md.j2",
        spec=spec,
        delivery=delivery,
        plugin=cni.plugin(spec.cluster.cni.type),
        how=cni.plugin(spec.cluster.cni.type).installs.get(str(spec.cluster.cni.install)),
        join=joins.join(spec.node_init.join.method),
        url=url,
        findings=findings,
        ranges=_ranges(spec),
        addon=ack.TERWAY_ADDON,
        secret=f"{ack.NAMESPACE}/{ack.CREDENTIALS_SECRET}",
        external="=".join(ack.EXTERNAL_LABEL),
        token=token_id(spec) if is_refreshed_in_cluster(spec) else "",
        md=markdown,
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
