"""Proofs: the bucket's policy lets this VPC read this cluster's keys, and nobody write."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from hybridc.lower.bundle import Bundle
from hybridc.lower.names import key_prefix, token_resource
from hybridc.proofs.breach import breach, proof
from hybridc.rules.rule import Findings
from hybridc.spec.model import Spec

_WHERE = "cloud/oss/bucket-policy.json"


def _statements(bundle: Bundle, spec: Spec) -> Iterator[dict[str, Any]]:
    document = bundle.oss.get("bucket-policy")
    if document is not None and spec.node_init.oss is not None:
        yield from document["Statement"]


@proof("OSS008")
def public_object(bundle: Bundle, spec: Spec) -> Findings:
    """The bucket policy would let everybody read the script.

    Principal * needs a condition with a fixed VPC; a wildcard under StringEquals, or no condition, counts as
    public.

    Fails::
        {"Principal": ["*"], "Condition": {}}
    Passes::
        {"Principal": ["*"], "Condition": {"StringEquals": {"acs:SourceVpc": ["vpc-uf6k8m2q9s7x4v6z0n3j5"]}}}

    Source: OSS, bucket policies and Block Public Access.
    """
    for statement in _statements(bundle, spec):
        vpcs = ((statement.get("Condition") or {}).get("StringEquals") or {}).get("acs:SourceVpc") or []
        if statement["Effect"] == "Allow" and (not vpcs or any("*" in vpc for vpc in vpcs)):
            yield breach(_WHERE, "it lets everybody read: no fixed acs:SourceVpc under StringEquals")


@proof("OSS012")
def wide_resource(bundle: Bundle, spec: Spec) -> Findings:
    """The bucket policy reaches beyond the keys of this cluster.

    Another cluster's token could be read from this VPC.

    Fails::
        "Resource": ["acs:oss:*:1234567890123456:bucket/*"]
    Passes::
        "Resource": ["acs:oss:*:1234567890123456:bucket/idc-hangzhou/*"]

    Source: OSS, bucket policies.
    """
    oss = spec.node_init.oss
    if oss is None:
        return
    prefix = f"acs:oss:*:{spec.alibaba_cloud.account_id}:{oss.bucket}/{key_prefix(spec)}"
    for statement in _statements(bundle, spec):
        for resource in statement["Resource"]:
            if not resource.startswith(prefix):
                yield breach(_WHERE, f"it reaches {resource}, beyond this cluster's keys", resource)


@proof("OSS023")
def token_for_everybody(bundle: Bundle, spec: Spec) -> Findings:
    """The bucket policy lets the whole VPC read the token, and nodes do not need that.

    Only with `token.from: oss` do nodes read the token's object without a signature. With `ramRole` the spec chose that
    nodes with the role alone can read it.

    Fails::
        "Resource": ["acs:oss:*:1234567890123456:bucket/idc-hangzhou/*"]      # token.from: ramRole
    Passes::
        "Resource": ["acs:oss:*:1234567890123456:bucket/idc-hangzhou/init-node-ecs-*.sh"]

    Source: OSS, bucket policies: a statement for Principal * holds for unsigned requests.
    """
    oss = spec.node_init.oss
    if oss is None or spec.node_init.join.token.source == "oss":
        return
    token = token_resource(spec, oss)
    for statement in _statements(bundle, spec):
        for resource in statement["Resource"]:
            if fnmatchcase(token, resource):
                yield breach(_WHERE, "it lets everybody in the VPC read the token's object", resource)


@proof("SEC013")
def writable_script(bundle: Bundle, spec: Spec) -> Findings:
    """A policy lets others than the publisher write the script.

    Whoever writes it runs code as root on every new node.

    Fails::
        {"Action": ["oss:GetObject", "oss:PutObject"], "Principal": ["*"]}
    Passes::
        {"Action": ["oss:GetObject"], "Principal": ["*"]}

    Source: hybridc.
    """
    for statement in _statements(bundle, spec):
        for action in statement["Action"]:
            if action != "oss:GetObject":
                yield breach(_WHERE, f"it grants {action}: whoever writes the script owns the nodes")
