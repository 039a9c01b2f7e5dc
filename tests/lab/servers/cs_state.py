"""What CS keeps of a registered cluster, and its tasks.

A task is running until it was looked at ``polls`` times, by DescribeTaskInfo or through what it works on; then its work
is done, or it fails as ``fails`` says.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.lab.servers.account import date
from tests.lab.servers.acs import Call
from tests.lab.servers.acs_words import Json, RefusedError, wanted


@dataclass
class Task:
    """Work on a pool or an add-on, which ``target`` names. ``state``: running, success, fail."""

    id: str
    kind: str
    target: str
    polls: int
    finish: Callable[[], object]
    created: datetime
    state: str = "running"
    error: str = ""


@dataclass
class Pool:
    """A node pool: what was asked for, section by section, and its nodes by instance id."""

    id: str
    wanted: Json
    created: datetime
    updated: datetime
    nodes: dict[str, str] = field(default_factory=dict)
    """Instance ids, and the names of the nodes."""

    @property
    def name(self) -> str:
        return str(self.wanted["nodepool_info"]["name"])


@dataclass
class Addon:
    """An add-on that is installed. ``state``: initial, active, upgrading, deleting."""

    name: str
    version: str
    config: str = ""
    state: str = "active"


@dataclass
class Cluster:
    """A registered cluster. ``offered``: the versions of each add-on, the newest last."""

    id: str = "c0123456789abcdef0123456789abcdef"
    region: str = "cn-hangzhou"
    name: str = "idc"
    vpc: str = "vpc-1"
    version: str = "1.31.1"
    state: str = "running"
    pools: dict[str, Pool] = field(default_factory=dict)
    addons: dict[str, Addon] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    polls: int = 2
    fails: dict[str, str] = field(default_factory=dict)
    """By the name of a pool or an add-on: how its next task ends."""

    def start(self, kind: str, target: str, finish: Callable[[], object]) -> Task:
        """A task that runs."""
        task = Task(f"T-{secrets.token_hex(12)}", kind, target, self.polls, finish, datetime.now(UTC))
        self.tasks[task.id] = task
        return task

    def look(self, target: str) -> bool:
        """Somebody looks at a pool or an add-on: whether a task works on it."""
        for task in self.tasks.values():
            if task.target == target and task.state == "running":
                self.step(task)
        return any(task.target == target and task.state == "running" for task in self.tasks.values())

    def step(self, task: Task) -> None:
        """Somebody looks at a task that runs."""
        task.polls -= 1
        if task.polls > 0:
            return
        task.error = self.fails.pop(task.target, "")
        task.state = "fail" if task.error else "success"
        if not task.error:
            task.finish()


def known(call: Call, cluster: Cluster) -> None:
    """Raise RefusedError for another cluster.

    The code: aliyun/terraform-provider-alicloud, service_alicloud_cs.go.
    """
    if call.parameters.get("ClusterId") != cluster.id:
        raise RefusedError(404, "ErrorClusterNotFound", "cluster not found")


def describe_cluster(cluster: Cluster) -> Callable[[Call], Json]:
    """DescribeClusterDetail."""

    def do(call: Call) -> Json:
        known(call, cluster)
        return {
            "cluster_id": cluster.id,
            "name": cluster.name,
            "cluster_type": "ExternalKubernetes",
            "profile": "Default",
            "state": cluster.state,
            "region_id": cluster.region,
            "vpc_id": cluster.vpc,
            "current_version": cluster.version,
            "size": sum(len(pool.nodes) for pool in cluster.pools.values()),
        }

    return do


def describe_task(cluster: Cluster) -> Callable[[Call], Json]:
    """DescribeTaskInfo."""

    def do(call: Call) -> Json:
        task = cluster.tasks.get(wanted(call.parameters, "TaskId"))
        if task is None:
            # Its code is not established.
            raise RefusedError(404, "ErrorTaskNotFound", "task not found")
        if task.state == "running":
            cluster.step(task)
        found: Json = {
            "task_id": task.id,
            "cluster_id": cluster.id,
            "task_type": task.kind,
            "state": task.state,
            "created": date(task.created),
            "target": {"id": task.target, "type": "cluster"},
        }
        return found | ({"error": {"code": "TaskFailed", "message": task.error}} if task.error else {})

    return do
