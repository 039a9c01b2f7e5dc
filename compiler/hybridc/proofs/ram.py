"""Proofs: a RAM policy is one that RAM takes, and grants what is called and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack
from hybridc.catalog import ram as catalog
from hybridc.catalog import terway as facts
from hybridc.lower.bundle import Bundle
from hybridc.proofs.breach import breach, proof
from hybridc.proofs.objects import eni_conf, overlays
from hybridc.rules.rule import Findings
from hybridc.spec.model import Spec

_FIELDS = frozenset(("Effect", "Action", "Resource", "Condition"))
_TERWAY = f"cloud/ram/{ack.TERWAY_ADDON}.json"


def _statements(bundle: Bundle) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """``(where, index, statement)`` of every policy."""
    for name, document in bundle.ram.items():
        for index, statement in enumerate(document.get("Statement", [])):
            yield f"cloud/ram/{name}.json", index, statement


def _granted(bundle: Bundle) -> dict[str, list[str]]:
    """Action → resources, of Terway's policy."""
    granted: dict[str, list[str]] = {}
    for statement in bundle.ram.get(ack.TERWAY_ADDON, {}).get("Statement", []):
        for action in statement.get("Action", []):
            granted.setdefault(str(action), []).extend(str(resource) for resource in statement.get("Resource", []))
    return granted


def _missing(bundle: Bundle, spec: Spec, *, tagging: bool) -> Findings:
    """The actions that this Terway calls and the policy does not grant: those that tag, or the others."""
    if spec.terway is None:
        return
    granted, release, stack = _granted(bundle), spec.terway.release, str(spec.terway.ip_stack)
    for action in catalog.terway_actions():
        wanted = action.called_by(release, stack) and (action.level == "tag") == tagging
        if wanted and action.name not in granted:
            yield breach(_TERWAY, f"it lacks {action.name}, which {facts.told(spec.terway.version)} calls")


@proof("RAM001")
def missing_action(bundle: Bundle, spec: Spec) -> Findings:
    """The policy lacks an action that this Terway calls.

    Terway fails with Forbidden.RAM on a node that is up already, and its pods wait for an address. Every version
    calls ecs:DescribeInstanceTypes when it starts, which Alibaba's page leaves out; dual stack needs two more.

    Fails::
        "Action": ["ecs:CreateNetworkInterface"]
    Passes::
        "Action": ["ecs:CreateNetworkInterface", "ecs:DescribeInstanceTypes", …]

    Source: call sites in the tags of Terway.
    """
    yield from _missing(bundle, spec, tagging=False)


@proof("RAM012")
def no_tags(bundle: Bundle, spec: Spec) -> Findings:
    """The policy does not let Terway tag its ENIs.

    Terway tags an ENI when it makes it; where that is refused, no ENI is made.

    Fails::
        "Action": ["ecs:CreateNetworkInterface"]
    Passes::
        {"Action": ["ecs:TagResources"], "Resource": ["acs:ecs:*:*:eni/*"]}

    Source: Alibaba's service policy for managed clusters, version 8.
    """
    yield from _missing(bundle, spec, tagging=True)


@proof("RAM011")
def limited_describe(bundle: Bundle, spec: Spec) -> Findings:
    """An action that cannot be limited to resources is limited.

    RAM then refuses the call altogether.

    Fails::
        {"Action": ["vpc:DescribeVSwitches"], "Resource": ["acs:vpc:*:*:vswitch/vsw-uf6podl"]}
    Passes::
        {"Action": ["vpc:DescribeVSwitches"], "Resource": ["*"]}

    Source: ECS RAM authorization page.
    """
    granted = {} if spec.terway is None else _granted(bundle)
    for action in catalog.terway_actions():
        if action.level == "any" and action.name in granted and "*" not in granted[action.name]:
            yield breach(_TERWAY, f"{action.name} cannot be limited to resources")


@proof("RAM008")
def other_ids(bundle: Bundle, spec: Spec) -> Findings:
    """The policy names other vSwitches or security groups than eni-config.

    With ram.scope: resources Terway may make ENIs only where the policy says. A vSwitch that is missing there
    leaves its zone without addresses.

    Fails::
        "Resource": ["acs:vpc:…:vswitch/vsw-uf6podl"]      # eni-config names vsw-uf6podm too
    Passes::
        the ids of eni-config, all of them and no other

    Source: ECS RAM authorization page.
    """
    if spec.terway is None or spec.ram.scope != "resources":
        return
    named = _named(bundle)
    confs = [eni_conf(bundle), *overlays(bundle)]
    used = {
        "securitygroup": {str(group) for conf in confs for group in conf.get("security_groups") or []},
        "vswitch": {str(s) for conf in confs for ids in (conf.get("vswitches") or {}).values() for s in ids},
    }
    for kind, ids in used.items():
        for name in sorted(ids ^ named[kind]):
            lacks = "it lacks" if name in ids else "eni-config does not name"
            yield breach(_TERWAY, f"{lacks} the {kind} {name}")


def _named(bundle: Bundle) -> dict[str, set[str]]:
    """The security groups and vSwitches that Terway's policy is limited to."""
    named: dict[str, set[str]] = {"securitygroup": set(), "vswitch": set()}
    for resources in _granted(bundle).values():
        for resource in resources:
            kind, slash, name = resource.rpartition(":")[2].partition("/")
            if slash and kind in named:
                named[kind].add(name)
    return named


@proof("RAM002")
def large_policy(bundle: Bundle, spec: Spec) -> Findings:
    """A policy is longer than RAM takes.

    6144 characters. So each add-on has a policy of its own; with ram.scope: resources every vSwitch and security
    group adds to it.

    Fails::
        one policy for all add-ons
    Passes::
        cloud/ram/<add-on>.json for each

    Source: RAM CreatePolicy.
    """
    for name, document in bundle.ram.items():
        size = _size(document)
        if size > catalog.DOCUMENT_LIMIT:
            by_name = name == ack.TERWAY_ADDON and spec.ram.scope == "resources"
            scope = spec.ram.scope if by_name else None
            message = f"the policy has {size} characters, RAM takes {catalog.DOCUMENT_LIMIT}"
            advice = "use scope: account, or fewer vSwitches and security groups"
            yield breach(f"cloud/ram/{name}.json", message, scope, advice)


def _size(data: Any) -> int:
    """The length of the data as compact JSON."""
    if isinstance(data, dict):
        return 1 + sum(len(key) + 4 + _size(value) for key, value in data.items())
    if isinstance(data, (list, tuple)):
        return 1 + sum(1 + _size(item) for item in data)
    return len(str(data)) + 2


@proof("RAM003")
def policy_version(bundle: Bundle, spec: Spec) -> Findings:
    """A policy whose version is not "1".

    RAM refuses it; AWS's 2012-10-17 is a common slip.

    Fails::
        {"Version": "2012-10-17"}
    Passes::
        {"Version": "1"}

    Source: RAM policy grammar.
    """
    for name, document in bundle.ram.items():
        if document.get("Version") != "1":
            yield breach(f"cloud/ram/{name}.json", f'Version is {document.get("Version")}, it must be "1"')


@proof("RAM004")
def odd_statement(bundle: Bundle, spec: Spec) -> Findings:
    """A statement that RAM does not take.

    Each has Effect, Action and Resource. Principal belongs into policies of resources, and NotAction grants what
    nobody listed.

    Fails::
        {"Effect": "Allow", "NotAction": ["ram:*"], "Resource": ["*"]}
    Passes::
        {"Effect": "Allow", "Action": ["ecs:DescribeInstances"], "Resource": ["*"]}

    Source: RAM policy grammar.
    """
    for where, index, statement in _statements(bundle):
        odd = sorted(set(statement) - _FIELDS)
        odd = odd or [field for field in ("Effect", "Action", "Resource") if not statement.get(field)]
        if odd:
            yield breach(where, f"statement {index}: {', '.join(odd)}")


@proof("RAM006")
def wildcard(bundle: Bundle, spec: Spec) -> Findings:
    """A policy grants a wildcard of actions.

    It grants what the cloud adds next year too.

    Fails::
        "Action": ["ecs:*"]
    Passes::
        "Action": ["ecs:DescribeInstances"]

    Source: RAM policy grammar.
    """
    for where, index, statement in _statements(bundle):
        for action in statement.get("Action") or []:
            if "*" in action:
                yield breach(where, f"statement {index} grants {action}", action)
