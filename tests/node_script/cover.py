"""A small set of specs in which every pair of method, system, minor, token source and packages occurs."""

from __future__ import annotations

from itertools import combinations, product

from tests.node_script import specs

from hybridc.catalog import systems
from hybridc.spec import model

FACTORS: tuple[tuple[str, ...], ...] = (
    ("auto", *(system.id for system in systems.known_systems())),
    ("24", "30", "34", "37"),  # v1beta3 unchecked, v1beta3 checked, v1beta4, v1beta4 with the cgroup gate
    ("oss", "url", "file", "env", "ramRole"),
    ("kubeadm", "k3s", "rke2", "custom"),
    ("repo", "tarball", "preinstalled"),
)
Row = tuple[str, ...]


def pairwise() -> list[Row]:
    """Rows of one level each, greedily chosen; the same in every run."""
    columns = list(combinations(range(len(FACTORS)), 2))
    wanted = {(a, x, b, y) for a, b in columns for x in FACTORS[a] for y in FACTORS[b]}
    every = list(product(*FACTORS))
    rows: list[Row] = []
    while wanted:
        best = max(every, key=lambda row: sum((a, row[a], b, row[b]) in wanted for a, b in columns))
        rows.append(best)
        wanted -= {(a, best[a], b, best[b]) for a, b in columns}
    return sorted(rows)


def spec(row: Row) -> model.Spec:
    """The spec of a row; what the row does not name varies with its place, so that it is covered too."""
    system, minor, token, method, source = row
    variant = FACTORS[0].index(system)
    mirror = ("vpc", "aliyun", "upstream")[variant % 3]
    own = (
        model.Repository("kubernetes", "deb", "https://r.example.com/deb/", "https://r.example.com/key"),
        model.Repository("containerd", "rpm", "https://r.example.com/el$EL/$basearch", "https://r.example.com/key"),
    )
    return specs.spec(
        int(minor),
        os=system,
        packages=specs.packages(source, method, mirror=mirror, repositories=own if variant % 4 == 1 else ()),
        join=specs.join(method, token, unsafe_skip_ca_verification=variant % 5 == 2),
        allow_cgroup_v1=systems.system(system).cgroup == 1,
        proxy=model.Proxy("http://p.example.com:3128", None, ("10.0.0.0/8",)) if variant % 3 == 2 else None,
        hooks=model.Hooks("echo before", "echo after") if variant % 4 == 0 else model.Hooks(None, None),
        hosts={"lb.local": "10.0.0.1"} if variant % 3 == 0 else {},
        labels=model.NodeLabels(variant % 2 == 0, ("drop", "fail")[variant % 2], {"team": "a"} if variant % 3 else {}),
        kubelet_extra_args={"v": "4"} if variant % 2 else {},
        registry_mirrors={"docker.io": (model.RegistryMirror("https://m.example.com/v2/x", True),)}
        if variant % 2
        else {},
    )
