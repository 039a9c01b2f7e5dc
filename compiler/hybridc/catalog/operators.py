"""Workloads that operators render anew (``operators.toml``)."""

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
