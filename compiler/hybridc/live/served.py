"""Pods of a DaemonSet, asked for by its selector: which node each serves, whether it is ready, since when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import Any, NamedTuple

from hybridc.live.shapes import Misshapen, project

Data = dict[str, Any]
_STATE = {"running": {"startedAt": str}, "waiting": {"reason": str}}
SHAPE = {
    "metadata": {"name": str, "namespace": str, "ownerReferences": [{"kind": str, "name": str}]},
    "spec": {"nodeName": str},
    "status": {
        "conditions": [{"type": str, "status": str, "reason": str}],
        "containerStatuses": [{"state": _STATE}],
    },
}


class Served(NamedTuple):
    """A pod of a DaemonSet.

    ``node`` is "" for one that has none, ``why`` a reason of one that is not ready; ``started`` is when the first of
    its containers that run began to (RFC 3339), "" when none does.
    """

    node: str
    name: str
    ready: bool
    why: str = ""
    started: str = ""


def selector(workload: Mapping[str, Any]) -> str:
    """The label selector of a workload; "" for one that selects by nothing or by expressions."""
    labels: dict[str, str] = workload.get("spec", {}).get("selector", {}).get("matchLabels", {})
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def of_object(item: Any) -> Served:
    """What an object says of a pod. Raises Misshapen."""
    pod = project(item, SHAPE)
    name = pod.get("metadata", {}).get("name")
    if not name:
        raise Misshapen("metadata.name is missing")
    status = pod.get("status", {})
    condition: Data = next((each for each in status.get("conditions", ()) if each.get("type") == "Ready"), {})
    states = [each.get("state", {}) for each in status.get("containerStatuses", ())]
    started = [each["running"].get("startedAt", "") for each in states if "running" in each]
    waits = [each["waiting"].get("reason", "") for each in states if "waiting" in each]
    ready = condition.get("status") == "True"
    why = "" if ready else next(filter(None, (*waits, condition.get("reason", ""))), "no reason is given")
    node = intern(pod.get("spec", {}).get("nodeName", ""))
    return Served(node, name, ready, why, min(started, default=""))


def owner(item: Any) -> tuple[str, str] | None:
    """Namespace and name of the DaemonSet that made a pod; None for another pod. Raises Misshapen."""
    meta = project(item, {"metadata": SHAPE["metadata"]}).get("metadata", {})
    names = [each.get("name", "") for each in meta.get("ownerReferences", ()) if each.get("kind") == "DaemonSet"]
    return (meta.get("namespace", ""), names[0]) if names else None
