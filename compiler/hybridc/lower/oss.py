"""Who may read the script: everybody in the VPC, nobody else. The token beside it, only when nodes read it unsigned."""

from __future__ import annotations

from typing import Any

from hybridc.lower.names import scripts_resource, token_resource
from hybridc.spec.model import Spec


def bucket_policies(spec: Spec) -> dict[str, Any]:
    """``bucket-policy``: one statement, which OSS counts as non-public because the VPC is fixed.

    No Deny for other VPCs: it would lock out the publisher, who does not sit in one.
    """
    oss = spec.node_init.oss
    if spec.node_init.mode != "script" or oss is None:
        return {}
    readable = [scripts_resource(spec, oss)]
    if spec.node_init.join.token.source == "oss":
        readable.append(token_resource(spec, oss))
    statement = {
        "Effect": "Allow",
        "Action": ["oss:GetObject"],
        "Principal": ["*"],
        "Resource": readable,
        "Condition": {"StringEquals": {"acs:SourceVpc": [spec.alibaba_cloud.vpc.id]}},
    }
    return {"bucket-policy": {"Version": "1", "Statement": [statement]}}
