"""The steps that Alibaba Cloud shows, answered by the rules of preflight that look at the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hybridc.doctor.answer import Answer, ask, listed, step
from hybridc.live.cloud_reads import Asked
from hybridc.live.cloud_state import CloudState
from hybridc.preflight import groups, routes
from hybridc.preflight.cloud import asked
from hybridc.preflight.rule import Findings
from hybridc.spec.model import Spec

ROUTES, GROUPS = "network.routes", "network.security-groups"
STEPS = (ROUTES, GROUPS)


def wanted(spec: Spec, name: str) -> Asked:
    """What has to be asked for an answer about a step, and no more."""
    everything = asked([spec])
    return Asked(vpcs=everything.vpcs) if name == ROUTES else Asked(groups=everything.groups)


def answered(spec: Spec, cloud: CloudState, name: str) -> Answer:
    """What the cloud shows of a step of :data:`STEPS`."""
    return ask(lambda: _ANSWERS[name](spec, cloud))


def _routes(spec: Spec, cloud: CloudState) -> Answer:
    ranges = listed([*spec.cluster.node_cidrs, *spec.cluster.pod_cidrs])
    good = f"the VPC has routes to {ranges}; what the IDC's routers have is not seen"
    return _of([*_said(routes.no_route, spec, cloud), *_said(routes.leads_elsewhere, spec, cloud)], ROUTES, good)


def _groups(spec: Spec, cloud: CloudState) -> Answer:
    rules = (groups.groups, groups.idc_is_kept_out, groups.reserved_is_kept_out)
    good = "the security groups admit the IDC's ranges; what its firewall admits is not seen"
    return _of([each for rule in rules for each in _said(rule, spec, cloud)], GROUPS, good)


def _said(rule: Callable[[Spec, CloudState], Findings], spec: Spec, cloud: CloudState) -> list[str]:
    return [each.message for each in rule(spec, cloud)]


def _of(found: list[str], name: str, good: str) -> Answer:
    if not found:
        return Answer("ok", good)
    more = f"; and {len(found) - 1} more" if len(found) > 1 else ""
    return Answer("waiting", f"{found[0]}{more}", step(name))


_ANSWERS: Mapping[str, Callable[[Spec, CloudState], Answer]] = {ROUTES: _routes, GROUPS: _groups}
