"""The objects of the on-prem CNI plugins (``cni.toml``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hybridc.catalog import load


@dataclass(frozen=True)
class DaemonSet:
    """A plugin's DaemonSet as its project ships it; ``terms`` are its nodeSelectorTerms."""

    namespace: str
    name: str
    terms: tuple[dict[str, Any], ...]


def daemon_set(kind: str, install: str, version: str | None) -> DaemonSet:
    """The DaemonSet of CNI ``kind``, installed by ``install``; an unknown version counts as the newest."""
    for entry in load("cni")["daemon_set"]:
        if entry["type"] != kind or entry.get("install", install) != install:
            continue
        if "before" in entry and (version is None or _numbers(version) >= _numbers(entry["before"])):
            continue
        return DaemonSet(entry["namespace"], entry["name"], tuple(entry["terms"]))
    return DaemonSet("kube-system", kind, ())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.lstrip("v").split("-")[0].split(".") if part.isdigit())
