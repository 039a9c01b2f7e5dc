"""OSS: the node script's place."""

from __future__ import annotations

import re

from hybridc.catalog import regions
from hybridc.rules.pools import meant_region, without_endpoint
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec
from hybridc.spec.origin import written

_DIGEST = re.compile(r"[0-9a-f]{12,64}")


@rule("OSS006")
def endpoint_of_another_region(spec: Spec) -> Findings:
    """The OSS endpoint is in another region than the nodes.

    An internal endpoint answers inside its own region only: every node would time out before its first step.

    Fails::
        alibabaCloud: {region: cn-shanghai}
        nodeInit: {oss: {endpoint: oss-cn-hangzhou-internal.aliyuncs.com}}
    Passes::
        alibabaCloud: {region: cn-shanghai}
        nodeInit: {oss: {endpoint: oss-cn-shanghai-internal.aliyuncs.com}}

    Source: OSS, regions and endpoints.
    """
    oss, region = spec.node_init.oss, spec.alibaba_cloud.region
    found = regions.of_endpoint(oss.endpoint) if oss is not None else None
    if region not in regions.names() and found is not None and found.region == meant_region(spec):
        return  # It is the region that is wrong: ID003 or ID011 says so.
    if oss is not None and found is not None and found.internal and found.region != region:
        yield finding(
            oss.endpoint,
            f"{oss.endpoint} answers inside {found.region} only, the nodes are in {region}",
            _use(spec, "and a bucket of that region"),
        )


@rule("OSS007")
def public_endpoint(spec: Spec) -> Findings:
    """The public OSS endpoint, with a bucket policy that asks for the VPC.

    The policy admits requests from the VPC (`acs:SourceVpc`). What comes through the public endpoint carries no VPC,
    so every node gets 403 and never starts its script.

    Fails::
        nodeInit: {oss: {endpoint: oss-cn-shanghai.aliyuncs.com}}
    Passes::
        nodeInit: {oss: {endpoint: oss-cn-shanghai-internal.aliyuncs.com}}

    Source: OSS, bucket policy conditions.
    """
    oss = spec.node_init.oss
    found = regions.of_endpoint(oss.endpoint) if oss is not None else None
    if oss is not None and found is not None and not found.internal:
        yield finding(
            oss.endpoint,
            f"requests through {oss.endpoint} carry no VPC, so the bucket policy refuses them",
            _use(spec, "which answers inside the VPC"),
        )


@rule("OSS021")
def no_endpoint(spec: Spec) -> Findings:
    """The region's internal OSS endpoint is not known, or there are several, and the spec names none.

    A finance region has an internal and a public environment with endpoints of their own, and which one the bucket is
    in only its owner knows. Of a region that the catalog lacks no name is made up: nodes would time out.

    Fails::
        alibabaCloud: {region: cn-shanghai-finance-1}
        nodeInit: {oss: {bucket: kubelet-idc-shanghai}}
    Fails::
        alibabaCloud: {region: cn-shanghia}
        nodeInit: {oss: {bucket: kubelet-idc-shanghai}}
    Passes::
        alibabaCloud:
          region: cn-shanghai-finance-1
          vpc:
            nodeVSwitches: [{id: vsw-uf6nodel, zone: cn-shanghai-finance-1l, cidr: 10.20.0.0/24}]
            podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-finance-1l, cidr: 10.20.64.0/19}]
        nodeInit: {oss: {bucket: kubelet-idc-shanghai, endpoint: oss-cn-shanghai-finance-1-internal.aliyuncs.com}}
        nodePools: [{vSwitches: [vsw-uf6nodel]}]

    Source: OSS, regions and endpoints.
    """
    region = spec.alibaba_cloud.region
    if not without_endpoint(spec):
        return
    listed = regions.internal_endpoints(region)
    if region not in regions.names():
        near = meant_region(spec)
        advice = f'did you mean "{near}"?' if near else "copy the region id from the console."
        advice += " A new one needs nodeInit.oss.endpoint, the internal endpoint of the bucket"
        yield finding(region, f'the catalog does not know a region "{region}", nor its OSS endpoint', advice)
        return
    which = f"{len(listed)} internal OSS endpoints" if listed else "no internal OSS endpoint that the catalog knows"
    yield finding(
        region,
        f"region {region} has {which}: none can be the default",
        f"set nodeInit.oss.endpoint{' to one of ' + ', '.join(listed) if listed else ' to the one of the bucket'}",
    )


def _use(spec: Spec, why: str) -> str:
    """The advice to use the region's internal endpoint."""
    listed = regions.internal_endpoints(spec.alibaba_cloud.region)
    return f"use {' or '.join(listed)}, {why}" if listed else "use the internal endpoint of the bucket's region"


@rule("OSS015")
def script_can_be_replaced(spec: Spec) -> Findings:
    """The script is served from a URL whose content can change.

    With `nodeInit.oss` the name holds the digest, so a Git revert is a rollback and a reviewer sees a new script. With
    a URL of your own the next node runs whatever lies there, and nothing in Git says when that changed.

    Fails::
        nodeInit: {url: "https://scripts.idc.example.com/init-node-ecs.sh", oss: null}
    Passes::
        nodeInit: {url: "https://scripts.idc.example.com/init-node-ecs-7c2e69131a36.sh", oss: null}

    Source: hybridc.
    """
    url = spec.node_init.url
    if url is not None and not _DIGEST.search(url.rpartition("/")[2]):
        yield finding(
            url,
            "the script at this URL can be replaced without a change in Git",
            "put its digest into the name, or use nodeInit.oss",
        )


@rule("OSS018")
def token_is_readable_in_the_vpc(spec: Spec) -> Findings:
    """Every workload in the VPC can read the bootstrap token.

    The default keeps the token as a second object behind a policy that admits the whole VPC, pods included; whoever
    reads it can join a node while the token lives, and read the Secrets of the pods that land there. Keep `ttl` short.
    With k3s and RKE2 only a token of `token create --ttl` may lie there: the server's own has no end, and its holder
    can join a server and decrypt the cluster's secrets.

    Fails::
        nodeInit: {join: {token: {from: oss}}}
    Passes::
        nodeInit: {join: {token: {from: file}}}

    Source: OSS bucket policies; kubeadm's RBAC for bootstrap tokens.
    """
    token, oss = spec.node_init.join.token, spec.node_init.oss
    if spec.node_init.mode == "script" and token.source == "oss" and oss is not None:
        where = token.source if written(token.source) else oss.bucket
        # hybridc does not make the tokens of k3s and RKE2: their end is what `token create --ttl` said.
        lives = token.ttl if spec.node_init.join.method in ("kubeadm", "custom") else "token create --ttl says how long"
        yield finding(
            where,
            f"every workload in {spec.alibaba_cloud.vpc.id} can read the join token while it lives ({lives})",
            "keep ttl short; accept it in checks.ignore with a reason, or use token.from url, file or env",
        )


@rule("OSS020")
def token_without_bucket(spec: Spec) -> Findings:
    """The bootstrap token is to lie in OSS, and there is no bucket.

    `join.token.from: oss` (the default) keeps the token beside the script, and `ramRole` reads it from there. With
    `nodeInit.url` the script lies elsewhere, so no bucket is known.

    Fails::
        nodeInit: {url: "https://scripts.idc.example.com/init-7c2e69131a36.sh", oss: null, join: null}
    Passes::
        nodeInit:
          url: https://scripts.idc.example.com/init-7c2e69131a36.sh
          oss: null
          join: {token: {from: file}}

    Source: hybridc.
    """
    init = spec.node_init
    if is_hole(init.url) or init.url is None:
        return
    if init.mode == "script" and init.oss is None and init.join.token.source in ("oss", "ramRole"):
        yield finding(
            init.url,
            "the bootstrap token would lie in OSS, and no bucket is named",
            "say where it is: join.token.from url, file or env; or use nodeInit.oss",
        )
