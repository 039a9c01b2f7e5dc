"""OSS: the node script's place."""

from __future__ import annotations

from hybridc.rules.rule import ERROR, WARNING, Findings, finding, rule
from hybridc.spec.model import Spec
from hybridc.spec.origin import origins


@rule("OSS018", WARNING)
def token_is_readable_in_the_vpc(spec: Spec) -> Findings:
    """Every workload in the VPC can read the bootstrap token.

    The default keeps the token as a second object behind a policy that admits the whole VPC, pods included; whoever
    reads it can join a node while the token lives. Keep `ttl` short.

    Source: OSS bucket policies; kubeadm's RBAC for bootstrap tokens.
    """
    token = spec.node_init.join.token
    if spec.node_init.mode == "script" and token.source == "oss" and spec.node_init.oss is not None:
        vpc = spec.alibaba_cloud.vpc.id
        where = token.source if origins(token.source)[0].kind == "spec" else spec.node_init.oss.bucket
        yield finding(
            where,
            f"every workload in {vpc} can read the bootstrap token while it lives ({token.ttl})",
            "keep ttl short; accept it in checks.ignore with a reason, or use token.from url, file or env",
        )


@rule("OSS020", ERROR)
def token_without_bucket(spec: Spec) -> Findings:
    """The bootstrap token is to lie in OSS, and there is no bucket.

    `join.token.from: oss` (the default) keeps the token beside the script. With `nodeInit.url` the script lies
    elsewhere, so no bucket is known.

    Source: hybridc.
    """
    init = spec.node_init
    if init.mode == "script" and init.oss is None and init.join.token.source == "oss" and init.join.method != "custom":
        yield finding(
            init.url,
            "the bootstrap token would lie in OSS, and no bucket is named",
            "say where it is: join.token.from url, file or env; or use nodeInit.oss",
        )
