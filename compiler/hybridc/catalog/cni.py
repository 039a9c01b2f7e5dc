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


@dataclass(frozen=True)
class Companion:
    """Another workload that a plugin brings along; ``tolerates_all``: a taint does not keep it off a node."""

    kind: str
    namespace: str
    name: str
    tolerates_all: bool


def daemon_set(kind: str, install: str, version: str | None) -> DaemonSet:
    """The DaemonSet of CNI ``kind``, installed by ``install``; an unknown version counts as the newest."""
    for entry in load("cni")["daemon_set"]:
        if entry["type"] != kind or entry.get("install", install) != install:
            continue
        if "before" in entry and (version is None or not older(version, entry["before"])):
            continue
        return DaemonSet(entry["namespace"], entry["name"], tuple(entry["terms"]))
    return DaemonSet("kube-system", kind, ())


def companions(kind: str, install: str, version: str | None) -> list[Companion]:
    """What CNI ``kind`` brings along beside its DaemonSet; an unknown version counts as the newest."""
    return [
        Companion(entry["kind"], entry["namespace"], entry["name"], entry["tolerates"] == "all")
        for entry in load("cni")["companion"]
        if entry["type"] == kind
        and entry.get("install", install) == install
        and not ("since" in entry and version is not None and older(version, entry["since"]))
    ]


def tunnel(kind: str) -> str:
    """What an overlay of CNI ``kind`` looks like to a firewall."""
    return str(load("cni")["tunnel"][kind])


def operator_since(field: str) -> str:
    """The first Calico whose Tigera operator has a field of Installation, by its name in the data file."""
    return str(load("cni")["operator"][field])


def disable_bgp_export_since() -> str:
    """The first Calico whose IPPools have ``disableBGPExport``."""
    return str(load("cni")["ip_pool"]["disable_bgp_export"])


def refused_pools() -> str:
    """The network that no IPPool may overlap."""
    return str(load("cni")["ip_pool"]["refused"])


def older(version: str, than: str) -> bool:
    """Whether a version of a CNI is older than another one."""
    return _numbers(version) < _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.lstrip("v").split("-")[0].split(".") if part.isdigit())
