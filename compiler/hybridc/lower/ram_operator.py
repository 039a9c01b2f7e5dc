"""The RAM policy for a person who goes down the lists of steps: what those take beyond the publisher's rights.

It releases instances and deletes pools, objects of OSS and AccessKeys, so no CI has it. Users, roles and policies are
an administrator's (the steps say so). Calls as in the steps; tests hold both together.
"""

from __future__ import annotations

from typing import Any

from hybridc.lower.names import scripts_resource, token_resource
from hybridc.spec.model import Spec
from hybridc.spec.origin import text

Statement = dict[str, Any]

_POOLS = ("DescribeClusterNodePools", "ModifyClusterNodePool", "RemoveNodePoolNodes", "DeleteClusterNodepool")
_KEYS = ("ListAccessKeys", "CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey")
_BUCKET = ("PutBucket", "GetBucketInfo", "ListObjects", "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy")


def operator(spec: Spec) -> dict[str, Any]:
    """The policy document of ``operator.json``."""
    return {"Version": "1", "Statement": [*_cluster(spec), *_user(spec), *_oss(spec)]}


def _allow(service: str, calls: tuple[str, ...], *resources: str) -> Statement:
    return {"Effect": "Allow", "Action": [f"{service}:{call}" for call in calls], "Resource": list(resources)}


def _cluster(spec: Spec) -> list[Statement]:
    cloud = spec.alibaba_cloud
    where = (cloud.region, cloud.account_id)
    cluster = text("acs:cs:{}:{}:cluster/{}", *where, cloud.registered_cluster_id)
    groups = [text("acs:ecs:{}:{}:securitygroup/{}", *where, group) for group in _security_groups(spec)]
    return [
        _allow("cs", (*_POOLS, "UnInstallClusterAddons"), cluster),
        _allow("ecs", ("AuthorizeSecurityGroup",), *groups),
        _allow("ecs", ("DescribeNetworkInterfaces",), "*"),
    ]


def _security_groups(spec: Spec) -> list[str]:
    """Those of nodes and of pods."""
    pools = [group for pool in spec.node_pools for group in pool.security_groups]
    pods = () if spec.terway is None else spec.terway.security_groups
    return list(dict.fromkeys([*spec.alibaba_cloud.vpc.security_groups, *pods, *pools]))


def _user(spec: Spec) -> list[Statement]:
    if spec.ram.user is None:
        return []
    return [_allow("ram", _KEYS, text("acs:ram:*:{}:user/{}", spec.alibaba_cloud.account_id, spec.ram.user))]


def _oss(spec: Spec) -> list[Statement]:
    oss = spec.node_init.oss
    if spec.node_init.mode != "script" or oss is None:
        return []
    bucket = text("acs:oss:*:{}:{}", spec.alibaba_cloud.account_id, oss.bucket)
    return [
        _allow("oss", _BUCKET, bucket),
        _allow("oss", ("DeleteObject",), scripts_resource(spec, oss), token_resource(spec, oss)),
    ]
