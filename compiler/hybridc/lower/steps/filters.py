"""The jq filters of the commands: each is true, or gives text, for what it looks for.

``jq -e`` of jq 1.6 ends with 0 when it gets no input at all, so a command hands over what it has read before with
``<<<`` (:func:`asks`), never by a pipe from a program that may fail.
"""

from __future__ import annotations

import json

from hybridc.catalog import terraform
from hybridc.lower.steps.step import word

NAMED_POOL = "any(.nodepools[]?; .nodepool_info.name == $name)"
"""Of DescribeClusterNodePools: whether there is the pool ``$name``."""

OWN_POOL = (
    ".nodepools[]? | select(.nodepool_info.name == $name) | "
    "if any(.scaling_group.tags[]?; .key == $tag and .value == $cluster) then .nodepool_info.nodepool_id else "
    'error("a pool \\($name) without this cluster\\u0027s tag is there: rename one, or import it by hand") end'
)
"""Of DescribeClusterNodePools: the id of the pool ``$name`` with the tag ``$tag`` of ``$cluster``; else an error."""

POOL_ADDRESSES = (
    f'.resource.{terraform.NODE_POOL} | to_entries[] | "{terraform.NODE_POOL}.\\(.key) \\(.value.node_pool_name)"'
)
"""Of ``pools.tf.json``: a line for each pool, its address and its name."""

POOL_AND_NODES = (
    '.nodepools[] | select(.nodepool_info.name == $name) | "\\(.nodepool_info.nodepool_id) \\(.status.total_nodes)"'
)
"""Of DescribeClusterNodePools: id and number of nodes of the pool ``$name``."""

EMPTY_POOL = ".scaling_group.desired_size = 0 | .auto_scaling.enable = false"
"""Of a request that makes a pool: the same without nodes and without scaling."""

ADDON_VERSION = ".addons[] | select(.name == $name) | .version"
"""Of ListAddons: the version of the add-on ``$name`` that the cluster is offered."""

WITH_VERSION = ".[0].version = $version"
"""Of a request that installs an add-on: the same in ``$version``."""

ATTACHED = "any(.Policies.Policy[]; .PolicyName == $policy)"
"""Of ListPoliciesForUser or ListPoliciesForRole: whether ``$policy`` is attached."""

WITH_STATEMENTS = (
    ".Statement |= map(select([.Resource] | flatten | all(.[]; startswith($keys)) | not)) | "
    ".Statement += $mine.Statement"
)
"""Of a bucket's policy: the same with the statements of ``$mine``. One that names nothing but ``$keys`` is ours.

OSS's policy grammar has no Sid (authorization syntax and elements, 26 March 2026).
"""

KEY_MANIFEST = (
    '.AccessKey | select(.AccessKeySecret != null) | {apiVersion: "v1", kind: "Secret", type: "Opaque", '
    "metadata: {name: $name, namespace: $namespace}, "
    'stringData: {"access-key-id": .AccessKeyId, "access-key-secret": .AccessKeySecret}}'
)
"""Of CreateAccessKey: the manifest of the Secret ``$namespace/$name``."""


def excluded(label: tuple[str, str]) -> str:
    """Of a workload: whether each of its nodeSelectorTerms keeps it off nodes with ``label``."""
    key, value = map(json.dumps, label)
    terms = ".spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
    keeps_off = f'.key == {key} and .operator == "NotIn" and (.values | index({value}) != null)'
    return f"[{terms}[]?] | length > 0 and all(.[]; any(.matchExpressions[]?; {keeps_off}))"


def cloud_nodes(label: str, region: str) -> str:
    """Of a list of Nodes: whether there are some, and each is Ready with ``label`` and a provider id of ``region``."""
    return (
        f".items | length > 0 and all(.[]; .metadata.labels[{json.dumps(label)}] != null and "
        f'(.spec.providerID // "" | startswith({json.dumps(f"{region}.")})) and '
        'any(.status.conditions[]; .type == "Ready" and .status == "True"))'
    )


def asks(command: str, question: str, *arguments: str) -> str:
    """Whether what ``command`` prints answers a filter with true; ``arguments`` of jq are shell words already."""
    options = " ".join(["jq -e", *arguments, word(question)])
    return f'found=$({command}) &&\n{options} <<<"$found" >/dev/null'
