"""Who may read the script (and the token beside it): everybody in the VPC, nobody else."""

from __future__ import annotations

from typing import Any

from hybridc.lower.names import keys_resource
from hybridc.spec.model import Spec


def bucket_policies(spec: Spec) -> dict[str, Any]:
    """``bucket-policy``: one statement, which OSS counts as non-public because the VPC is fixed.

    No Deny for other VPCs: it would lock out the publisher, who does not sit in one.
    """
    oss = spec.node_init.oss
    if spec.node_init.mode != "script" or oss is None:
        return {}
    statement = {
        "Effect": "Allow",
        "Action": ["oss:GetObject"],
        "Principal": ["*"],
        "Resource": [keys_resource(spec, oss)],
        "Condition": {"StringEquals": {"acs:SourceVpc": [spec.alibaba_cloud.vpc.id]}},
    }
    return {"bucket-policy": {"Version": "1", "Statement": [statement]}}
