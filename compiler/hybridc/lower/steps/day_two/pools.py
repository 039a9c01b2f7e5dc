"""Node pools of a cluster that runs: nodes are replaced, never changed; a pool goes when it is empty.

RemoveNodePoolNodes lowers the wanted number of nodes with every node that it removes (help.aliyun.com, API reference of
RemoveNodePoolNodes, read 30 November 2026); a smaller ``desired_size`` takes nodes away without draining them (manual
scaling of node pools of registered clusters). Calls and parameters: aliyun-openapi-meta of 21 April 2026.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from hybridc.lower.steps.day_two.day import Day
from hybridc.lower.steps.nodes import NODE_LABEL, change, found
from hybridc.lower.steps.step import Step, aliyun, ask, chain, check, cluster_path, code, listed, word
from hybridc.spec.model import NodePool, Spec

_GOES = "hybridc.dev/replace"
# The value of the mark is the size that the pool had: whatever is interrupted, it is not forgotten.
_SIZE = f'[.items[].metadata.labels["{_GOES}"] // empty | tonumber] | min // empty'
_DRAIN = "--ignore-daemonsets --delete-emptydir-data --timeout=30m"
_READY = '[.items[] | select(any(.status.conditions[]; .type == "Ready" and .status == "True"))] | length'
# What ModifyClusterNodePool does not take, and what other steps set.
_CHANGEABLE = "del(.nodepool_info.type, .auto_scaling, .management, .scaling_group.desired_size)"
_NAMES = "jsonpath='{range .items[*]}{.metadata.name} {.spec.providerID}{\"\\n\"}{end}'"


class Target(NamedTuple):
    """A pool: what its ids start with, its name as a word of the shell, and in a sentence."""

    prefix: str
    name: str
    text: str


def target(pool: NodePool) -> Target:
    """A pool of the spec."""
    return Target(f"pool.{pool.name}", word(pool.name), f"Pool {code(pool.name)}")


def asked(spec: Spec) -> Target:
    """One pool of the spec, which the reader names."""
    names = listed(pool.name for pool in spec.node_pools)
    return Target("pool", ask("POOL", "the name of the pool that goes"), f"The pool that `$POOL` names (of {names})")


def _nodes(more: str = "") -> str:
    return f'kubectl get nodes -l {NODE_LABEL}="$pool"{more}'


def _size() -> str:
    """Reads the size that the pool had when its nodes were marked into ``$size``; "" where none is marked."""
    return f"size=$({_nodes()} -o json | jq -r {word(_SIZE)} | tr -cd 0-9)"


def _sized(spec: Spec, nodes: str) -> str:
    """The pool shall have ``nodes`` nodes, and nothing else scales it."""
    made = "{auto_scaling: {enable: false}, scaling_group: {desired_size: $nodes}}"
    return change(spec, f'"$(jq -n --argjson nodes {nodes} {word(made)})"')


def _remove(spec: Spec) -> str:
    """Takes the instance of ``$id`` (a provider id) out of the pool and releases it."""
    path = f'{cluster_path(spec, "nodepools/")}"$pool"/nodes'
    options = '--instance_ids "[\\"${id##*.}\\"]" --drain_node false --release_node true'
    return aliyun(spec, "cs", "DELETE", path, options)


def _until(wanted: str, others: str) -> str:
    """Waits until so many nodes of the pool are Ready; ``others`` narrows which."""
    ready = f"ready=$({_nodes(others)} -o json | jq {word(_READY)})"
    return (
        f'for _ in $(seq 180); do\n  {ready}\n  [ "$ready" -ge {wanted} ] && break\n  sleep 10\ndone &&\n'
        f'[ "$ready" -ge {wanted} ]'
    )


def pause(day: Day, pool: Target) -> Step:
    """Nothing scales the pool, and it keeps the nodes that it has."""
    return Step(
        f"{pool.prefix}.pause",
        (),
        "RAM: cs:ModifyClusterNodePool, cs:DescribeClusterNodePools",
        f"{pool.text} does not scale by itself meanwhile, and keeps its nodes.",
        chain(found(day.spec, pool.name), _sized(day.spec, '"$nodes"')),
        "a task id",
        f"`{pool.prefix}.scale`" if pool.prefix != "pool" else "let it scale again",
    )


def mark(day: Day, pool: Target, old: str = "true") -> Step:
    """Which nodes go: those of which the filter ``old`` of jq is true."""
    which = ".items[]" if old == "true" else f".items[] | select({old})"
    names = f"{_nodes()} -o json | jq -r {word(f'{which} | .metadata.name')}"
    label = f'xargs -r -I % kubectl label node % {_GOES}="${{size:-$nodes}}" --overwrite'
    them = "its nodes" if old == "true" else "its nodes that are old"
    return Step(
        f"{pool.prefix}.mark",
        (),
        "kubectl: write Nodes",
        f"{pool.text}: {them} are marked with {code(_GOES)}; they go on working. **Once**: a second time it marks the "
        "new ones too."
        if old == "true"
        else f"{pool.text}: {them} are marked with {code(_GOES)}; they go on working.",
        chain(found(day.spec, pool.name), _size(), f"{names} | {label}"),
        f"{code(f'kubectl get nodes -l {_GOES}')} lists them",
        code(f"kubectl label nodes -l {_GOES} {_GOES}-"),
    )


def new(day: Day, pool: Target) -> Step:
    """A first node of the new kind beside the old ones."""
    fresh = f",'!{_GOES}'"
    grow = _sized(day.spec, '"$((nodes + 1))"')
    todo = chain(
        f"fresh=$({_nodes(fresh)} -o name)",
        f'{{\n  [ -n "$fresh" ] ||\n  {grow}\n}}',
        _until("1", fresh),
    )
    return Step(
        f"{pool.prefix}.new",
        (),
        "RAM: cs:ModifyClusterNodePool; kubectl: read Nodes",
        f"{pool.text}: one new node beside the old ones, where it has any. What its script says stands in "
        "`/var/log/acs/init.log` on the node and with the cluster's tasks in the console.",
        chain(found(day.spec, pool.name), f'{{\n  [ "$nodes" -eq 0 ] || {{\n{todo}\n}}\n}}'),
        "a node without the mark is Ready",
        "`kubectl drain` it, and remove it from the pool with RemoveNodePoolNodes",
    )


def replace(day: Day, pool: Target) -> Step:
    """The marked nodes one after the other; what was begun goes on where it stopped, with the size from before."""
    marked, fresh = f",{_GOES}", f",'!{_GOES}'"
    one = "\n".join(
        [
            # One more than before; never fewer than there are, since a smaller number takes nodes away undrained.
            "want=$((size + 1))",
            'if [ "$nodes" -gt "$want" ]; then want=$nodes; fi',
            _sized(day.spec, '"$want"') + " </dev/null || exit 1",
            _until('"$((want - left))"', fresh) + " || exit 1",
            f'kubectl drain "$name" {_DRAIN} </dev/null || exit 1',
            f"{_remove(day.spec)} </dev/null || exit 1",
            'kubectl wait --for=delete node/"$name" --timeout=10m </dev/null || kubectl delete node "$name" || exit 1',
            "left=$((left - 1))",
        ]
    )
    # Not indented: a value of the spec may hold a line break.
    loop = f"while read -r name id; do\n{one}\ndone < <({_nodes(marked)} -o {_NAMES})"
    again = chain(found(day.spec, pool.name), '[ "$nodes" -ge "${size:-0}" ]')
    todo = [
        f"left=$({_nodes(marked)} -o name | wc -l)",
        loop,
        check(again, "the pool has fewer nodes than before"),
    ]
    return Step(
        f"{pool.prefix}.replace",
        (),
        "RAM: cs:RemoveNodePoolNodes, cs:ModifyClusterNodePool; kubectl: drain and delete Nodes",
        f"{pool.text}: each marked node is drained and released when one more new node is Ready. A PodDisruptionBudget "
        "that forbids it stops the command; run it again and it goes on, with the size that the marks name.",
        chain(found(day.spec, pool.name), _size(), "(\n" + "\n".join(todo) + "\n)"),
        "the pool has as many nodes as before, none of them marked",
        "none: a released instance does not come back",
    )


def see_replaced() -> Step:
    """No node is left that was to go."""
    return Step(
        "see.replaced",
        (),
        "kubectl: read Nodes",
        f"No node has the mark {code(_GOES)} any more.",
        check(f'left=$(kubectl get nodes -l {_GOES} -o name) &&\n[ -z "$left" ]', "there are nodes that are to go"),
        "the command ends with 0",
        "",
    )


def drained(day: Day, pool: Target) -> Step:
    """Nothing runs on the pool's nodes any more."""
    each = f'kubectl drain "$name" {_DRAIN} </dev/null || exit 1'
    return Step(
        f"{pool.prefix}.drain",
        (),
        "kubectl: drain Nodes",
        f"{pool.text}: all of its nodes are cordoned, then drained one after the other. Taking away nodes by a smaller "
        "number (in the console: Expected Nodes) does not drain.",
        chain(
            found(day.spec, pool.name),
            f'kubectl cordon -l {NODE_LABEL}="$pool"',
            f"(\nwhile read -r name _; do\n{each}\ndone < <({_nodes()} -o {_NAMES})\n)",
        ),
        "only pods of DaemonSets are left there, and everything else is Running elsewhere",
        "`kubectl uncordon` its nodes",
    )


def emptied(day: Day, pool: Target) -> Step:
    """The instances are released."""
    body = f"{_remove(day.spec)} </dev/null || exit 1"
    gone = 'kubectl wait --for=delete node/"$name" --timeout=10m </dev/null || kubectl delete node "$name" || exit 1'
    return Step(
        f"{pool.prefix}.empty",
        (),
        "RAM: cs:RemoveNodePoolNodes; kubectl: delete Nodes",
        f"{pool.text}: its instances are released, with their disks.",
        chain(
            found(day.spec, pool.name),
            f"(\nwhile read -r name id; do\n{body}\n{gone}\ndone < <({_nodes()} -o {_NAMES})\n)",
        ),
        "a task id for each node",
        "none: a released instance does not come back",
    )


def see_empty(day: Day, pool: Target) -> Step:
    """Neither ACK nor the cluster has a node of the pool."""
    looks = chain(found(day.spec, pool.name), '[ "$nodes" -eq 0 ]', f"left=$({_nodes()} -o name)", '[ -z "$left" ]')
    ids = "see.pool" if pool.prefix == "pool" else f"see.{pool.prefix.removeprefix('pool.')}.empty"
    return Step(
        ids,
        (),
        "RAM: cs:DescribeClusterNodePools; kubectl: read Nodes",
        f"{pool.text} has no node, neither for ACK nor in the cluster.",
        check(f"(\n{looks}\n)", "the pool has nodes: do not delete it"),
        "the command ends with 0",
        "",
    )


def deleted(day: Day, pool: Target) -> Step:
    """The pool itself; without ``force`` ACK refuses one that has nodes."""
    path = f'{cluster_path(day.spec, "nodepools/")}"$pool"'
    return Step(
        f"{pool.prefix}.delete",
        (),
        "RAM: cs:DeleteClusterNodepool",
        f"{pool.text} is deleted. ACK refuses one that has nodes.",
        chain(found(day.spec, pool.name), aliyun(day.spec, "cs", "DELETE", path)),
        "a request id; the pool is gone from the console",
        "make it again: `hybridc steps` without `--for`",
    )


def changed(day: Day, pool: NodePool) -> Step:
    """The request that makes a pool, as the one that changes it."""
    file = word(f"cloud/node-pools/{pool.name}.json")
    return Step(
        f"pool.{pool.name}.change",
        (),
        "RAM: cs:ModifyClusterNodePool (publisher)",
        f"Pool {code(pool.name)} as {code(f'cloud/node-pools/{pool.name}.json')} says: it holds for nodes that come. "
        "What cannot be changed takes another pool: the region, the VPC, the billing (spot or not), the kind of the "
        f"security groups and of the scaling ({listed(['auto_scaling.type'])}). Sending the request of creation again "
        "would make a second pool of that name.",
        chain(found(day.spec, word(pool.name)), change(day.spec, f'"$(jq {word(_CHANGEABLE)} {file})"')),
        "a task id",
        "the same with the file of the build before",
    )


def is_old(version: str) -> str:
    """The filter for nodes whose kubelet is another one; k3s and RKE2 add ``+k3s1``."""
    return f'.status.nodeInfo.kubeletVersion | split("+")[0] != {json.dumps(f"v{version}")}'
