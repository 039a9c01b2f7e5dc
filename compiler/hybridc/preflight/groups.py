"""The security groups of cloud nodes and pods as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from hybridc import cidr
from hybridc.catalog import network
from hybridc.cidr import Span
from hybridc.diagnostic import ERROR
from hybridc.live import cloud_reads as kinds
from hybridc.live.cloud_state import CloudState, Data
from hybridc.lower.names import security_groups_of
from hybridc.preflight.rule import CLOUD, Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

Direction = Literal["ingress", "egress"]
Admits = Literal["all", "some", "none", "unknown"]
_WHOLE = ("-1/-1", "1/65535")
_STEP = "the step network.security-groups of hybridc steps has the command"


@live("CLD006", over=CLOUD)
def groups(spec: Spec, cloud: CloudState) -> Findings:
    """A security group is not there, or is one of another VPC.

    ACK refuses a pool with such a group, and ECS an interface for pods.

    Fails::
        vpc: {securityGroups: [sg-uf6a1b2c3d4e5f6]}     # of vpc-uf6other
    Passes::
        a group of vpc.id

    Source: ECS, DescribeSecurityGroupAttribute.
    """
    vpc = spec.alibaba_cloud.vpc.id
    for group in security_groups_of(spec):
        found = cloud.one(kinds.GROUP, str(group))
        if found is None:
            yield finding(group, f"security group {group} is not in {cloud.region} of this account", "correct the id")
        elif found.get("VpcId", vpc) != vpc:
            message = f"security group {group} is of {found['VpcId']}, the spec's VPC is {vpc}"
            yield finding(group, message, "name a group of that VPC")


@live("CLD007", over=CLOUD)
def idc_is_kept_out(spec: Spec, cloud: CloudState) -> Findings:
    """A security group does not admit the IDC's nodes and pods, or does not let cloud nodes reach them.

    Kubelets, probes and pods of the IDC then get no answer from cloud nodes. An error where nothing is admitted at
    all; a warning where a part of the range, or some protocols and ports are. A rule with a list of prefixes is taken
    to admit what it must.

    Fails::
        podCIDRs: [172.28.0.0/14]     # the group admits 192.168.10.0/27 alone
    Passes::
        an inbound rule for all protocols and ports from 172.28.0.0/14, or from a wider range

    Source: ACK One, "Create and manage node pools"; ECS, security group rules: the highest priority counts, Drop first.
    """
    ranges = [*spec.cluster.node_cidrs, *spec.cluster.pod_cidrs]
    for group in security_groups_of(spec):
        for wanted, direction, admits in _looks(cloud, group, ranges):
            if admits in ("none", "some"):
                way = "inbound from" if direction == "ingress" else "outbound to"
                how = "allows nothing" if admits == "none" else "does not allow every protocol, port and address"
                message = f"security group {group} {how} {way} {wanted}"
                yield finding(group, message, _STEP, ERROR if admits == "none" else None)


@live("NODE014", over=CLOUD)
def reserved_is_kept_out(spec: Spec, cloud: CloudState) -> Findings:
    """A pool's security group does not let 100.64.0.0/10 through.

    The metadata service, DNS, OSS and the package mirrors are there: the node script then fails in its first phase.
    `hybridc preflight --cloud` looks at the rules of every group that the spec names.

    Fails::
        outbound deny 0.0.0.0/0
    Passes::
        outbound allow 100.64.0.0/10

    Source: ACK One "Create and manage node pools".
    """
    for group in security_groups_of(spec):
        for wanted, direction, admits in _looks(cloud, group, [network.RESERVED]):
            if admits in ("none", "some"):
                way = "inbound from" if direction == "ingress" else "outbound to"
                yield finding(group, f"security group {group} does not allow all {way} {wanted}", _STEP)


def _looks(cloud: CloudState, group: str, ranges: Iterable[str]) -> Iterator[tuple[str, Direction, Admits]]:
    """What a group does with ranges, both ways; nothing where it is not there. Raises Unseen."""
    found = cloud.one(kinds.GROUP, str(group))
    ways: tuple[Direction, Direction] = ("ingress", "egress")
    for wanted in ranges if found is not None else ():
        span = cidr.parse(wanted)
        for direction in ways:
            if span is not None and found is not None:
                yield wanted, direction, admits(found, direction, span)


def admits(group: Data, direction: Direction, wanted: Span) -> Admits:
    """What a group allows of a range: everything, something, nothing; unknown where a list of prefixes may do it.

    Without a rule nothing comes in; out goes everything, but of an enterprise group.
    """
    rules = [each for each in group.get("Rules", []) if each.get("Direction") == direction]
    accepted = [rule for rule in rules if rule.get("Policy", "Accept").lower() == "accept"]
    dropped = [rule for rule in rules if rule not in accepted and _touches(rule, direction, wanted)]
    open_door = direction == "egress" and group.get("SecurityGroupType") != "enterprise"
    if open_door and not dropped:
        return "all"
    protocols = [_reached(accepted, dropped, direction, wanted, protocol) for protocol in ("TCP", "UDP")]
    if all(protocols):
        return "all"
    if any(rule.get(f"{_side(direction)}PrefixListId") for rule in accepted):
        return "unknown"
    return (
        "some"
        if any(_touches(rule, direction, wanted) for rule in accepted) or _lets_some(open_door, dropped)
        else "none"
    )


def _lets_some(open_door: bool, dropped: list[Data]) -> bool:
    """Whether something goes out of an open group although some rules drop."""
    return open_door and not any(_is_whole(rule) and _of(rule) == "ALL" for rule in dropped)


def _reached(accepted: list[Data], dropped: list[Data], direction: Direction, wanted: Span, protocol: str) -> bool:
    """Whether the whole range is accepted on every port of a protocol, by rules that no Drop comes before."""
    first = min((_priority(rule) for rule in dropped if _of(rule) in ("ALL", protocol)), default=1000)
    rules = [
        rule for rule in accepted if _of(rule) in ("ALL", protocol) and _is_whole(rule) and _priority(rule) < first
    ]
    spans = [span for rule in rules if (span := _span(rule, direction, wanted.version)) is not None]
    reached = wanted.first
    for span in sorted(spans, key=lambda each: each.first):
        if span.first <= reached:
            reached = max(reached, span.last + 1)
    return reached > wanted.last


def _touches(rule: Data, direction: Direction, wanted: Span) -> bool:
    span = _span(rule, direction, wanted.version)
    return span is not None and cidr.overlap(span, wanted)


def _span(rule: Data, direction: Direction, version: int) -> Span | None:
    """The range of a rule in one IP version; None for a rule about groups or lists."""
    name = f"{_side(direction)}CidrIp"
    return cidr.parse(cidr.canonical(rule.get(name if version == 4 else f"Ipv6{name}", "")) or "")


def _side(direction: Direction) -> str:
    return "Source" if direction == "ingress" else "Dest"


def _of(rule: Data) -> str:
    return str(rule.get("IpProtocol", "ALL")).upper()


def _is_whole(rule: Data) -> bool:
    return rule.get("PortRange", "-1/-1") in _WHOLE


def _priority(rule: Data) -> int:
    text = rule.get("Priority", "1")
    return int(text) if text.isascii() and text.isdecimal() else 1
