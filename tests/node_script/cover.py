"""A small set of specs in which every pair of method, system, minor, token source and packages occurs."""

from __future__ import annotations

from functools import cache
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
OWN = "https://r.example.com"
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


@cache
def spec(row: Row) -> model.Spec:
    """The spec of a row; what the row does not name varies with its place, so that it is covered too."""
    system, minor, token, method, source = row
    variant = FACTORS[0].index(system)
    mirror = ("vpc", "aliyun", "upstream")[variant % 3]
    own = [
        {"name": "kubernetes", "family": "deb", "url": f"{OWN}/deb/", "keyURL": f"{OWN}/key"},
        {"name": "containerd", "family": "rpm", "url": f"{OWN}/rpm/", "keyURL": f"{OWN}/key"},
    ]
    return specs.spec(
        int(minor),
        os=system,
        packages=specs.packages(source, method, mirror=mirror, repositories=own if variant % 4 == 1 else None),
        join=specs.join(method, token, unsafeSkipCAVerification=variant % 5 == 2),
        allowCgroupV1=systems.system(system).cgroup == 1,
        proxy={"http": "http://p.example.com:3128", "noProxy": ["10.0.0.0/8"]} if variant % 3 == 2 else None,
        hooks={"pre": "echo before", "post": "echo after"} if variant % 4 == 0 else None,
        hosts={"lb.local": "10.0.0.1"} if variant % 3 == 0 else None,
        labels={
            "topology": variant % 2 == 0,
            "restricted": ("drop", "fail")[variant % 2],
            "extra": {"team": "a"} if variant % 3 else None,
        },
        kubeletExtraArgs={"v": "4"} if variant % 2 else None,
        registryMirrors={"docker.io": [{"url": "https://m.example.com/v2/x", "overridePath": True}]}
        if variant % 2
        else None,
    )
