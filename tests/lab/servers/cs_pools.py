"""Node pools of CS.

Names need not be unique: Rancher had to refuse two of one name by itself (rancher/rancher#53288), and the call has no
client token. So a second request makes a second pool here; that ACK does the same is not established. Nor is what it
does with an empty list, which the SDK sends for every list that is not set: here it replaces what is there.
"""

from __future__ import annotations

import copy
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.lab.servers.acs import Call
from tests.lab.servers.acs_words import Json, RefusedError, strings, wanted
from tests.lab.servers.cs_fields import ANSWERED, FIXED, SECTIONS
from tests.lab.servers.cs_state import Cluster, Pool, Task, known

_AT_ONCE = 500
_EFFECTS = ("NoSchedule", "NoExecute", "PreferNoSchedule")
_TIMES = {"vswitch_ids": 8, "instance_types": 10}


def list_pools(cluster: Cluster) -> Callable[[Call], Json]:
    """DescribeClusterNodePools."""

    def do(call: Call) -> Json:
        known(call, cluster)
        name = call.parameters.get("NodepoolName")
        found = [pool for pool in cluster.pools.values() if name in (None, pool.name)]
        return {"nodepools": [_described(cluster, pool) for pool in found]}

    return do


def get_pool(cluster: Cluster) -> Callable[[Call], Json]:
    """DescribeClusterNodePoolDetail."""
    return lambda call: _described(cluster, _pool(call, cluster))


def create_pool(cluster: Cluster) -> Callable[[Call], Json]:
    """CreateClusterNodePool."""

    def do(call: Call) -> Json:
        known(call, cluster)
        body = _sections(call, SECTIONS, FIXED)
        _check(body)
        now = call.account.clock()
        pool = Pool(f"np{secrets.token_hex(16)}", body, now, now)
        cluster.pools[pool.id] = pool
        return _answer(call, pool, _grow(cluster, pool, "nodepool_create"))

    return do


def modify_pool(cluster: Cluster) -> Callable[[Call], Json]:
    """ModifyClusterNodePool."""

    def do(call: Call) -> Json:
        pool = _pool(call, cluster)
        changed = _merged(pool.wanted, _sections(call, SECTIONS, {}))
        _check(changed)
        if changed.get("auto_scaling", {}).get("type") != pool.wanted.get("auto_scaling", {}).get("type"):
            raise _wrong("auto_scaling.type cannot be changed")
        pool.wanted, pool.updated = changed, call.account.clock()
        return _answer(call, pool, _grow(cluster, pool, "nodepool_update"))

    return do


def scale_pool(cluster: Cluster) -> Callable[[Call], Json]:
    """ScaleClusterNodePool: every call adds ``count`` nodes."""

    def do(call: Call) -> Json:
        pool = _pool(call, cluster)
        count = call.body.get("count") if isinstance(call.body, dict) else None
        if not isinstance(count, int) or not 0 < count <= _AT_ONCE:
            raise _wrong("count is 1 to 500")
        group = pool.wanted["scaling_group"]
        group["desired_size"] = max(group.get("desired_size") or 0, len(pool.nodes)) + count
        return {"task_id": _grow(cluster, pool, "nodepool_scaleout").id}

    return do


def delete_pool(cluster: Cluster) -> Callable[[Call], Json]:
    """DeleteClusterNodepool: a pool with nodes only by ``force``; the code without it is not established."""

    def do(call: Call) -> Json:
        pool = _pool(call, cluster)
        if pool.nodes and call.parameters.get("force", "").lower() != "true":
            raise RefusedError(400, "ErrorNodePoolNotEmpty", f"node pool {pool.id} has nodes")
        task = cluster.start("nodepool_delete", pool.name, lambda: cluster.pools.pop(pool.id, None))
        return {"task_id": task.id, "request_id": call.request_id}

    return do


def remove_nodes(cluster: Cluster) -> Callable[[Call], Json]:
    """RemoveNodePoolNodes: by instance id or by the node's name, each a list in JSON."""

    def do(call: Call) -> Json:
        pool = _pool(call, cluster)
        ids, names = (set(strings(call.parameters, key)) for key in ("instance_ids", "nodes"))
        gone = [node for node, name in pool.nodes.items() if node in ids or name in names]
        if len(gone) != len(ids | names):
            raise _wrong("a node that is not in the pool")
        for node in gone:
            del pool.nodes[node]
        pool.wanted["scaling_group"]["desired_size"] = len(pool.nodes)
        task = cluster.start("nodepool_removenodes", pool.name, lambda: None)
        return {"task_id": task.id, "request_id": call.request_id}

    return do


OPERATIONS: Mapping[str, Callable[[Cluster], Callable[[Call], Json]]] = {
    "DescribeClusterNodePools": list_pools,
    "CreateClusterNodePool": create_pool,
    "DescribeClusterNodePoolDetail": get_pool,
    "ModifyClusterNodePool": modify_pool,
    "ScaleClusterNodePool": scale_pool,
    "DeleteClusterNodepool": delete_pool,
    "RemoveNodePoolNodes": remove_nodes,
}


def _pool(call: Call, cluster: Cluster) -> Pool:
    known(call, cluster)
    pool = cluster.pools.get(wanted(call.parameters, "NodepoolId"))
    if pool is None:
        # aliyun/terraform-provider-alicloud, service_alicloud_ack_v2.go
        raise RefusedError(404, "ErrorNodePoolNotFound", "node pool not found")
    return pool


def _grow(cluster: Cluster, pool: Pool, kind: str) -> Task:
    """Nodes come and go until there are as many as are wanted; a pool that scales by itself keeps to its limits."""

    def finish() -> None:
        scaling = pool.wanted.get("auto_scaling") or {}
        size = pool.wanted["scaling_group"].get("desired_size") or 0
        if scaling.get("enable"):
            size = min(max(len(pool.nodes), scaling.get("min_instances", 0)), scaling.get("max_instances", 0))
        while len(pool.nodes) < size:
            node = f"i-{secrets.token_hex(9)}"
            pool.nodes[node] = f"{cluster.region}.{node}"
        while len(pool.nodes) > size:
            pool.nodes.popitem()

    return cluster.start(kind, pool.name, finish)


def _described(cluster: Cluster, pool: Pool) -> Json:
    working = cluster.look(pool.name)
    found = copy.deepcopy(_merged(ANSWERED, pool.wanted))
    group = found["scaling_group"]
    group.pop("login_password", None)
    group["scaling_group_id"] = f"asg-{pool.id[2:22]}"
    group["security_group_id"] = (group.get("security_group_ids") or ["sg-of-the-cluster"])[0]
    found["nodepool_info"] = {
        "type": "ess",
        **found["nodepool_info"],
        "nodepool_id": pool.id,
        "region_id": cluster.region,
        "is_default": False,
        "created": _date(pool.created),
        "updated": _date(pool.updated),
    }
    found["status"] = {
        "state": "scaling" if working else "active",
        "total_nodes": len(pool.nodes),
        "healthy_nodes": len(pool.nodes),
        "serving_nodes": len(pool.nodes),
        **dict.fromkeys(("failed_nodes", "initial_nodes", "offline_nodes", "removing_nodes"), 0),
    }
    return found


def _date(moment: datetime) -> str:
    """As CS writes it, in Beijing's time."""
    return moment.astimezone(timezone(timedelta(hours=8))).isoformat()


def _answer(call: Call, pool: Pool, task: Task) -> Json:
    return {"nodepool_id": pool.id, "task_id": task.id, "request_id": call.request_id}


def _sections(call: Call, allowed: Mapping[str, set[str]], more: Mapping[str, set[str]]) -> Json:
    """The body, if it has no other fields than these; raise RefusedError."""
    body = call.body
    if not isinstance(body, dict) or not all(isinstance(body.get(name, {}), dict) for name in allowed):
        raise _wrong("a JSON object of sections")
    for section, fields in body.items():
        if section not in allowed:
            raise _wrong(f"{section} is not known, or cannot be changed")
        if strange := set(fields) - allowed[section] - more.get(section, set()):
            raise _wrong(f"{section}.{min(strange)} is not known, or cannot be changed")
    return copy.deepcopy(body)


def _check(body: Json) -> None:
    """What a pool must have: the models' own words."""
    group, info = body.get("scaling_group", {}), body.get("nodepool_info", {})
    name = info.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[\w][\w-]{0,62}", name):
        raise _wrong("nodepool_info.name: 1 to 63 letters, digits and hyphens")
    for field, most in _TIMES.items():
        if not isinstance(group.get(field), list) or not 0 < len(group[field]) <= most:
            raise _wrong(f"scaling_group.{field}: 1 to {most}")
    scaling = body.get("auto_scaling", {})
    sizes = [group.get("desired_size", 0), *(scaling.get(f"{end}_instances", 0) for end in ("min", "max"))]
    if not all(isinstance(size, int) and size >= 0 for size in sizes) or sizes[1] > sizes[2]:
        raise _wrong("desired_size, min_instances and max_instances are numbers, and min is at most max")
    for label in _list(body, "labels"):
        if not isinstance(label, dict) or not label.get("key"):
            raise _wrong("kubernetes_config.labels: key and value")
    for taint in _list(body, "taints"):
        if not isinstance(taint, dict) or not taint.get("key") or taint.get("effect") not in _EFFECTS:
            raise _wrong("kubernetes_config.taints: key, value and effect")
    if body.get("management", {}).get("enable"):
        # cloud-barista/cb-spider#1835
        message = "auto repair needs the add-on ack-node-problem-detector"
        raise RefusedError(400, "InvalidParameter.Management", message)


def _list(body: Json, name: str) -> list[Any]:
    found = body.get("kubernetes_config", {}).get(name)
    if not isinstance(found, list | None):
        raise _wrong(f"kubernetes_config.{name} is a list")
    return found or []


def _merged(there: Json, change: Json) -> Json:
    """Maps are merged; anything else, and so a list, replaces what is there."""
    found: Json = dict(there)
    for name, value in change.items():
        old: Any = found.get(name)
        found[name] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return found


def _wrong(why: str) -> RefusedError:
    return RefusedError(400, "InvalidParameter", why)
