"""Specs in which every pair of what a spec can choose occurs, but for pairs that hybridc refuses."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import Any

from tests.gitops.variants import example
from tests.node_script import specs

FACTORS: dict[str, tuple[str, ...]] = {
    "cni and delivery": (
        *("calico hook", "calico ssa", "calico component", "calico manual", "operator values", "operator component"),
        *("canal hook", "rke2-canal hook", "flannel hook", "cilium values", "overlay", "host"),
    ),
    "engine": ("argocd", "flux"),
    "format": ("kustomize", "helm"),
    "system": ("auto", "alinux3", "rhel-9", "ubuntu-24.04", "debian-12"),
    "kubernetes": ("24", "30", "34", "37"),
    "join": ("kubeadm", "k3s", "rke2", "custom"),
    "token": ("oss", "url", "file", "env", "ramRole"),
    "packages": ("repo", "tarball", "preinstalled"),
    "stack": ("ipv4", "dual"),
    "terway": ("addon", "chart"),
}
Row = tuple[str, ...]
# What is an error whatever else a spec says.
REFUSED = {
    frozenset({("engine", "flux"), ("terway", "chart")}),  # GIT034
    frozenset({("cni and delivery", "overlay"), ("terway", "chart")}),  # without Terway
    frozenset({("cni and delivery", "overlay"), ("stack", "dual")}),
    frozenset({("cni and delivery", "flannel hook"), ("join", "k3s")}),  # CNI036
    frozenset({("kubernetes", "24"), ("terway", "chart")}),  # VER010, as the Terway of such a Kubernetes is older
    frozenset({("kubernetes", "30"), ("terway", "chart")}),
}
TERWAY = {"24": "1.8.18", "30": "1.9.17", "34": "1.16.8", "37": "1.16.8"}
ACCEPTED = ("GIT007", "NODE009")  # errors that a person answers for


@cache
def rows() -> tuple[Row, ...]:
    """Rows of one level each in which every pair occurs that is not refused; the same in every run."""
    names, levels = list(FACTORS), list(FACTORS.values())
    places = range(len(levels))
    wanted = {(a, x, b, y) for a, b in combinations(places, 2) for x in levels[a] for y in levels[b]}
    wanted = {pair for pair in wanted if not _refused(names, {pair[0]: pair[1], pair[2]: pair[3]})}
    found = []
    while wanted:
        first = min(wanted)
        row: dict[int, str] = {first[0]: first[1], first[2]: first[3]}
        for place in sorted(set(places) - row.keys()):
            free = [level for level in levels[place] if not _refused(names, {**row, place: level})]
            row[place] = max(free, key=lambda level: len(wanted & _pairs({**row, place: level})))
        wanted -= _pairs(row)
        found.append(tuple(row[place] for place in places))
    return tuple(sorted(found))


def _refused(names: list[str], row: dict[int, str]) -> bool:
    return any(pair <= {(names[place], level) for place, level in row.items()} for pair in REFUSED)


def _pairs(row: dict[int, str]) -> set[tuple[int, str, int, str]]:
    return {(a, row[a], b, row[b]) for a, b in combinations(sorted(row), 2)}


def spec(row: Row) -> bytes:
    """The hybrid.yaml of a row."""
    level = dict(zip(FACTORS, row, strict=True))
    changes: dict[str, Any] = {
        "cluster__kubernetesVersion": f"1.{level['kubernetes']}.1",
        "cluster__cni": _cni(level["cni and delivery"]),
        "nodeInit": _init(level),
        "nodePools": None,
        "gitops": {"engine": level["engine"], "format": level["format"]},
        "checks": {"ignore": [{"code": code, "reason": "a variant"} for code in ACCEPTED]},
    }
    if level["join"] in specs.SERVERS:
        changes["cluster__caCertHashes"] = None
    return example("guide", **changes, **_terway(level))


def _cni(text: str) -> dict[str, Any]:
    kind, _, delivery = text.partition(" ")
    nothing = dict.fromkeys(("install", "version", "existingNodeSelectorTerms", "delivery"))
    if kind == "overlay":
        return {**nothing, "type": "flannel", "routing": "overlay"}
    if kind == "host":
        return {**nothing, "type": "none", "routing": "host"}
    ways = {"operator": ("calico", "operator"), "rke2-canal": ("canal", "helm"), "cilium": ("cilium", "helm")}
    type_, install = ways.get(kind, (kind, "manifest"))
    return {**nothing, "type": type_, "install": install, "delivery": delivery, "existingNodeSelectorTerms": []}


def _init(level: dict[str, str]) -> dict[str, Any]:
    return {
        "os": level["system"],
        "join": {**specs.join(level["join"]), "token": _token(level["token"])},
        "packages": _packages(level),
        "allowCgroupV1": level["system"] == "alinux3",
    }


def _token(source: str) -> dict[str, Any]:
    more = {"url": {"url": "https://files.example.com/token"}, "ramRole": {"role": "node-role"}}
    return {"from": source, **more.get(source, {})}


def _packages(level: dict[str, str]) -> dict[str, Any]:
    found = specs.packages(level["packages"], level["join"])
    if level["join"] in specs.SERVERS and "tarballs" in found:
        found["tarballs"] += [{**tarball, "name": "cni-plugins"} for tarball in found["tarballs"]]
    return found


def _terway(level: dict[str, str]) -> dict[str, Any]:
    kind = level["cni and delivery"]
    changes: dict[str, Any] = {"cluster__podCIDRs": []} if kind == "host" else {}
    if kind == "overlay":
        return {**changes, "terway": None, "alibabaCloud__vpc__podVSwitches": None}
    terway: dict[str, Any] = {"version": TERWAY[level["kubernetes"]], "ipStack": level["stack"]}
    if level["terway"] == "chart":
        chart = {"repository": "https://git.example.com/terway.git", "path": "charts/terway", "revision": "v1.16.6"}
        terway |= {"install": "chart", "chart": chart}
    if level["stack"] == "dual":
        changes["cluster__serviceCIDRs"] = ["172.16.0.0/16", "fd00:172:16::/112"]
        for name, cidr in (("node", "10.10.24.0/24"), ("pod", "10.10.25.0/24")):
            switch = {"id": f"vsw-bp1{name}", "zone": "cn-hangzhou-j", "cidr": cidr}
            number = {"node": 1, "pod": 2}[name]
            changes[f"alibabaCloud__vpc__{name}VSwitches"] = [{**switch, "ipv6CIDR": f"fd00:10:{number}::/64"}]
    return {**changes, "terway": terway}
