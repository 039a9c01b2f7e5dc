"""Specs in which every pair of what steps depend on occurs: network, engine, Terway, script, token, pools."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import combinations
from typing import Any

from tests.node_script import specs
from tests.records import replace

from hybridc.lower.delivery import deliver
from hybridc.lower.names import script_url
from hybridc.lower.ram import policies
from hybridc.lower.steps.day_two.day import Nothing
from hybridc.lower.steps.day_two.lists import LISTS, steps_for
from hybridc.lower.steps.every import steps
from hybridc.lower.steps.step import Step
from hybridc.spec import model
from hybridc.spec.items import Items

FACTORS: dict[str, tuple[str, ...]] = {
    "network": (
        *("calico hook", "calico ssa", "calico component", "calico manual"),
        *("operator values", "operator manual", "operator component", "cilium values", "cilium manual"),
        *("overlay", "host"),
    ),
    "engine": ("argocd", "argocd by hand", "argocd elsewhere", "argocd by server", "flux", "flux by hand", "flux helm"),
    "terway": ("addon", "chart", "secret by role"),
    "script": ("oss", "url", "managed"),
    "token": ("oss", "url", "file", "env", "ramRole", "cronJob"),
    "method": ("kubeadm", "k3s", "rke2", "custom"),
    "pools": ("none", "by hand", "desired", "scaling", "two"),
    "more": ("", "addons", "exclude", "ipv6"),
    "repository": ("https://git.example.com/a.git", "git@git.example.com:platform/a.git"),
}
Row = tuple[str, ...]


@cache
def rows() -> tuple[Row, ...]:
    """Rows of one level each in which every pair occurs; each takes the levels with most new pairs."""
    levels = list(FACTORS.values())
    wanted = {(a, x, b, y) for a, b in combinations(range(len(levels)), 2) for x in levels[a] for y in levels[b]}
    found = []
    while wanted:
        first = min(wanted)
        row: dict[int, str] = {first[0]: first[1], first[2]: first[3]}
        for place in sorted(set(range(len(levels))) - row.keys()):
            row[place] = max(levels[place], key=lambda level: len(wanted & _pairs({**row, place: level})))
        wanted -= _pairs(row)
        found.append(tuple(row[place] for place in range(len(levels))))
    return tuple(found)


def _pairs(row: dict[int, str]) -> set[tuple[int, str, int, str]]:
    return {(a, row[a], b, row[b]) for a, b in combinations(sorted(row), 2)}


def spec(row: Row) -> model.Spec:
    """The spec of a row."""
    level = dict(zip(FACTORS, row, strict=True))
    found = _cni(_init(level), level["network"])
    found = _terway(found, level["terway"])
    found = replace(found, node_pools=Items(_pools(found.node_pools[0], level["pools"])))
    found = _gitops(found, level)
    return _MORE[level["more"]](found)


def _init(level: dict[str, str]) -> model.Spec:
    if level["script"] == "managed":
        return specs.beyond(specs.spec(34, mode="managed", oss=None), join=specs.spec(34).node_init.join)
    source = "oss" if level["token"] == "cronJob" else level["token"]
    join = specs.join(level["method"], source)
    if level["token"] == "cronJob":
        join["token"]["refresh"] = "cronJob"
    base = specs.spec(34, join=join)
    if level["script"] == "url":
        oss = base.node_init.oss if source in ("oss", "ramRole") else None
        return specs.beyond(base, url="https://files.example.com/init.sh", oss=oss)
    return base


def _cni(base: model.Spec, network: str) -> model.Spec:
    kind, _, delivery = network.partition(" ")
    if kind in ("overlay", "host"):
        type_ = {"overlay": "calico", "host": "none"}[kind]
        fields: dict[str, Any] = {"type": type_, "routing": kind, "daemon_set": None, "delivery": None}
        fields["disabled_ip_pools"] = "none"
    else:
        type_, install = {"operator": ("calico", "operator"), "cilium": ("cilium", "helm")}.get(
            kind, (kind, "manifest")
        )
        name = "cilium" if type_ == "cilium" else "calico-node"
        workload = model.Workload("DaemonSet", "kube-system", name, Items())
        fields = {"type": type_, "install": install, "daemon_set": workload, "delivery": delivery}
        fields["disabled_ip_pools"] = {"calico": "calicoctl"}.get(type_, "none")
        if network == "calico ssa":
            fields["disabled_ip_pools"] = "api"
    cni = replace(base.cluster.cni, **fields)
    return replace(base, cluster=replace(base.cluster, cni=cni), terway=None if kind == "overlay" else base.terway)


def _terway(base: model.Spec, level: str) -> model.Spec:
    if base.terway is None:
        return base
    if level == "chart":
        chart = model.Chart("https://git.example.com/terway.git", "charts/terway", "v1.16.6")
        return replace(base, terway=replace(base.terway, install="chart", chart=chart))
    if level == "secret by role":
        return replace(base, ram=replace(base.ram, user=None, role="hybrid"))
    return base


def _pools(pool: model.NodePool, level: str) -> tuple[model.NodePool, ...]:
    by_hand = replace(pool, name="hand", size=model.Size(0, 0, None), auto_scaling=False)
    scaling = replace(pool, name="scaling", size=model.Size(0, 0, 10), auto_scaling=True)
    desired = replace(pool, name="desired", size=model.Size(3, 0, None), auto_scaling=False)
    levels = {"none": (), "by hand": (by_hand,), "desired": (desired,), "scaling": (scaling,)}
    return levels.get(level, (scaling, desired))


def _gitops(base: model.Spec, level: dict[str, str]) -> model.Spec:
    engine, _, how = level["engine"].partition(" ")
    where = {
        "elsewhere": model.Destination(None, "idc"),
        "by server": model.Destination("https://10.200.1.253:6443", None),
    }.get(how, model.Destination("https://kubernetes.default.svc", None))
    changes: dict[str, Any] = {
        "engine": engine,
        "auto_sync": how != "by hand",
        "destination": where,
        "format": "helm" if how == "helm" else "kustomize",
        "repo_url": level["repository"],
    }
    return replace(base, gitops=replace(base.gitops, **changes))


def _addons(base: model.Spec) -> model.Spec:
    return replace(
        base, addons=Items([model.Addon("logtail-ds", None, None), model.Addon("metrics-server", "v1", None)])
    )


def _exclude(base: model.Spec) -> model.Spec:
    also = Items([model.Workload("Deployment", "rook-ceph", "operator", None)])
    return replace(base, cluster=replace(base.cluster, cni=replace(base.cluster.cni, exclude_also=also)))


def _ipv6(base: model.Spec) -> model.Spec:
    vpc = base.alibaba_cloud.vpc
    switches = Items(replace(switch, ipv6_cidr="fd00:10::/64") for switch in vpc.pod_vswitches)
    cloud = replace(base.alibaba_cloud, vpc=replace(vpc, pod_vswitches=switches))
    cluster = replace(base.cluster, node_cidrs=Items([*base.cluster.node_cidrs, "fd00:192::/64"]))
    return replace(base, cluster=cluster, alibaba_cloud=cloud)


_MORE: dict[str, Callable[[model.Spec], model.Spec]] = {
    "": lambda base: base,
    "addons": _addons,
    "exclude": _exclude,
    "ipv6": _ipv6,
}


def in_terraform(found: model.Spec) -> model.Spec:
    """The same for those who keep the cloud in Terraform."""
    return replace(found, alibaba_cloud=replace(found.alibaba_cloud, terraform=True))


def steps_of(found: model.Spec) -> tuple[Step, ...]:
    """The steps of a spec."""
    script = "#!/bin/bash\n" if found.node_init.mode == "script" else None
    return steps(
        found,
        deliver(found),
        script,
        script_url(found, script),
        list(policies(found)),
        by_chart=found.gitops.format == "helm",
    )


def day_two(found: model.Spec) -> dict[str, tuple[Step, ...]]:
    """The steps of every purpose that has something to do with a spec."""
    first = steps_of(found)
    lists = {purpose: steps_for(purpose, found, first) for purpose in LISTS}
    return {purpose: steps for purpose, steps in lists.items() if not isinstance(steps, Nothing)}
