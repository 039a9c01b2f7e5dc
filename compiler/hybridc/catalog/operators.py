"""Workloads that operators render anew, and controllers of nodes (``operators.toml``)."""

from __future__ import annotations

from typing import NamedTuple

from hybridc.catalog import load


class Rendered(NamedTuple):
    """Who renders a workload, and where that takes an affinity."""

    operator: str
    setting: str


def rendered(namespace: str, name: str) -> Rendered | None:
    """Who renders the workload of this name; None for one that the catalog does not know."""
    for entry in load("operators")["rendered"]:
        if namespace == entry["namespace"] and name in entry["names"]:
            return Rendered(entry["operator"], entry["setting"])
    return None


CLOUD_CONTROLLERS: tuple[str, ...] = tuple(load("operators")["cloud_controllers"]["images"])
"""What the last part of the name of a cloud-controller-manager's image holds."""

HARMLESS_PROVIDER_IDS: tuple[str, ...] = tuple(load("operators")["harmless_provider_ids"]["schemes"])
"""Schemes of provider ids whose controller deletes no Node, or that have none."""

NODE_AUTOSCALERS: tuple[str, ...] = tuple(load("operators")["node_autoscalers"]["images"])
"""What the last part of the name of an autoscaler's image holds."""

OWN_CLOUD: str = load("operators")["node_autoscalers"]["own"]
"""``--cloud-provider`` of the autoscaler that scales node pools of ACK."""
