"""Proofs: policies grant what is called and no more, and nothing in the output is a secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack
from hybridc.catalog import ram as catalog
from hybridc.lower.agent_config import key_prefix
from hybridc.lower.bundle import Bundle, JsonText, YamlText
from hybridc.lower.claim import Breach, Proof, manifests, name_of
from hybridc.lower.proof_objects import eni_conf, overlays
from hybridc.rules.sec import may_hold
from hybridc.rules.sec_usage import is_signed
from hybridc.source import secrets
from hybridc.spec.model import Spec

_FIELDS = frozenset(("Effect", "Action", "Resource", "Condition"))
_CODES = {
    secrets.BOOTSTRAP_TOKEN: "SEC001",
    secrets.ACCESS_KEY: "SEC002",
    secrets.PRIVATE_KEY: "SEC021",
    secrets.JWT: "SEC022",
}


def terway_policy(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """RAM001, RAM011, RAM012: every action that this Terway calls is granted, on resources that it can have."""
    if spec.terway is None:
        return
    where = f"cloud/ram/{ack.TERWAY_ADDON}.json"
    granted: dict[str, list[str]] = {}
    for statement in bundle.ram.get(ack.TERWAY_ADDON, {}).get("Statement", []):
        for action in statement.get("Action", []):
            granted.setdefault(str(action), []).extend(str(resource) for resource in statement.get("Resource", []))
    release, stack = spec.terway.release, str(spec.terway.ip_stack)
    for action in catalog.terway_actions():
        resources = granted.get(action.name)
        if resources is None and action.called_by(release, stack):
            code = "RAM012" if action.level == "tag" else "RAM001"
            yield Breach(code, where, f"it lacks {action.name}, which Terway {spec.terway.version} calls")
        elif resources is not None and action.level == "any" and "*" not in resources:
            yield Breach("RAM011", where, f"{action.name} cannot be limited to resources")


def same_ids(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """RAM008: a policy by resource names exactly the vSwitches and security groups of eni-config."""
    if spec.terway is None or spec.ram.scope != "resources":
        return
    where = f"cloud/ram/{ack.TERWAY_ADDON}.json"
    named: dict[str, set[str]] = {"securitygroup": set(), "vswitch": set()}
    for statement in bundle.ram.get(ack.TERWAY_ADDON, {}).get("Statement", []):
        for resource in statement.get("Resource", []):
            kind, slash, name = str(resource).rpartition(":")[2].partition("/")
            if slash and kind in named:
                named[kind].add(name)
    confs = [eni_conf(bundle), *overlays(bundle)]
    used = {
        "securitygroup": {str(group) for conf in confs for group in conf.get("security_groups") or []},
        "vswitch": {str(s) for conf in confs for ids in (conf.get("vswitches") or {}).values() for s in ids},
    }
    for kind, ids in used.items():
        for name in sorted(ids ^ named[kind]):
            lacks = "it lacks" if name in ids else "eni-config does not name"
            yield Breach("RAM008", where, f"{lacks} the {kind} {name}")


def grammar(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """RAM002, RAM003, RAM004, RAM006: every policy is one that RAM takes, without a wildcard for actions."""
    for name, document in bundle.ram.items():
        where = f"cloud/ram/{name}.json"
        size = _size(document)
        if size > catalog.DOCUMENT_LIMIT:
            by_name = name == ack.TERWAY_ADDON and spec.ram.scope == "resources"
            scope = spec.ram.scope if by_name else None
            message = f"the policy has {size} characters, RAM takes {catalog.DOCUMENT_LIMIT}"
            yield Breach("RAM002", where, message, scope, "use scope: account, or fewer vSwitches and security groups")
        if document.get("Version") != "1":
            yield Breach("RAM003", where, f'Version is {document.get("Version")}, it must be "1"')
        for index, statement in enumerate(document.get("Statement", [])):
            odd = sorted(set(statement) - _FIELDS) or [
                field for field in ("Effect", "Action", "Resource") if not statement.get(field)
            ]
            if odd:
                yield Breach("RAM004", where, f"statement {index}: {', '.join(odd)}")
            for action in statement.get("Action") or []:
                if "*" in action:
                    yield Breach("RAM006", where, f"statement {index} grants {action}", action)


def _size(data: Any) -> int:
    """The length of the data as compact JSON."""
    if isinstance(data, dict):
        return 1 + sum(len(key) + 4 + _size(value) for key, value in data.items())
    if isinstance(data, (list, tuple)):
        return 1 + sum(1 + _size(item) for item in data)
    return len(str(data)) + 2


def bucket_policy(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """OSS008, OSS012, SEC013: the bucket's policy lets this VPC read this cluster's keys, and nobody write."""
    document, oss = bundle.oss.get("bucket-policy"), spec.node_init.oss
    if document is None or oss is None:
        return
    where = "cloud/oss/bucket-policy.json"
    prefix = f"acs:oss:*:{spec.alibaba_cloud.account_id}:{oss.bucket}/{key_prefix(spec)}"
    for statement in document["Statement"]:
        vpcs = ((statement.get("Condition") or {}).get("StringEquals") or {}).get("acs:SourceVpc") or []
        if statement["Effect"] == "Allow" and (not vpcs or any("*" in vpc for vpc in vpcs)):
            yield Breach("OSS008", where, "it lets everybody read: no fixed acs:SourceVpc under StringEquals")
        for resource in statement["Resource"]:
            if not resource.startswith(prefix):
                yield Breach("OSS012", where, f"it reaches {resource}, beyond this cluster's keys", resource)
        for action in statement["Action"]:
            if action != "oss:GetObject":
                yield Breach("SEC013", where, f"it grants {action}: whoever writes the script owns the nodes")


def no_secret(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """SEC001, SEC002, SEC004, SEC007, SEC021, SEC022: nothing in the output is, or looks like, a secret."""
    for item in manifests(bundle):
        if item["kind"] == "Secret":
            yield Breach("SEC004", name_of(item), "a Secret would lie in Git")
    for where, text in _texts(bundle):
        for code in _suspects(text):
            yield Breach(code, where, "something there looks like a secret")


def _texts(bundle: Bundle) -> Iterator[tuple[str, str]]:
    """All text of the output in a few pieces, by where it stands."""
    pieces: list[str] = []
    for item in manifests(bundle):
        _collect(item, pieces)
    yield "the manifests", "\n".join(pieces)
    pieces = []
    for data in (bundle.ram, bundle.oss, bundle.addons, bundle.node_pools, bundle.files, bundle.fleet):
        _collect(data, pieces)
    yield "cloud/", "\n".join(pieces)
    yield "the node script", bundle.script or ""
    yield "SUMMARY.md", bundle.summary


def _collect(data: Any, pieces: list[str]) -> None:
    todo = [data]
    for item in todo:
        if isinstance(item, str):
            pieces.append(item)
        elif isinstance(item, dict):
            pieces += item
            todo += item.values()
        elif isinstance(item, (list, tuple)):
            todo += item
        elif isinstance(item, (JsonText, YamlText)):
            todo.append(item.data)


def _suspects(text: str) -> set[str]:
    """The codes of what is found; the cheap question first, since texts are long and secrets are not there."""
    found = {"SEC007"} if is_signed(text) else set()
    if any(may_hold(kind, text) for kind in _CODES):
        found |= {_CODES.get(kind, "SEC007") for kind, _, _ in secrets.find(text)}
    return found


PROOFS: tuple[Proof, ...] = (terway_policy, same_ids, grammar, bucket_policy, no_secret)
