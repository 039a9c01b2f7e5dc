"""Clusters with ``alibabaCloud.terraform``, and their configuration as Terraform reads it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.gitops.variants import build, example

POOL: dict[str, Any] = {
    "name": "9full",
    "vSwitches": ["vsw-bp1nodea7c3e9g5i1k"],
    "instanceTypes": ["ecs.g6.xlarge"],
    "image": {"id": "m-bp1a2b3c"},
    "keyPair": "idc-ops",
    "autoScaling": True,
    "size": {"desired": 1, "min": 1, "max": 3},
    "labels": {"workload": "cpu"},
    "taints": ["workload=ack:NoSchedule"],
    "tags": {"team": "platform"},
    "dataDisks": [{"category": "cloud_essd", "sizeGiB": 200}],
    "spot": {"strategy": "SpotWithPriceLimit", "limits": [{"instanceType": "ecs.g6.xlarge", "priceLimit": "0.98"}]},
    "extra": {
        "scaling_group": {"system_disk_performance_level": "PL1", "private_pool_options": {"match_criteria": "Open"}},
        "kubernetes_config": {"cms_enabled": True, "unschedulable": True},
    },
}
"""A pool with everything."""
WITH_ROLE = {"ignore": [{"code": "NODE009", "reason": "nodes have a role"}]}
ADDONS = [
    {"name": "logtail-ds", "version": "v1.2.3", "config": {"a": "${b}", "%{c": ["d"]}},
    {"name": "arms-prometheus"},
]
CLUSTERS: dict[str, Any] = {
    "everything": ("everything", {}),
    "two-zone": ("two-zone", {"alibabaCloud__terraform": True}),
    "guide": ("guide", {"alibabaCloud__terraform": True}),
    "a role": (
        "guide",
        {
            "alibabaCloud__terraform": True,
            "ram": {"user": None, "role": "hybrid"},
            "terway": {"version": "1.16.6", "credentials": "instanceRole"},
            "cluster__kubernetesVersion": "1.34.2",
            "checks": WITH_ROLE,
        },
    ),
    "full": ("guide", {"alibabaCloud__terraform": True, "nodePools": [POOL], "addons": ADDONS}),
    "token by role": (
        "guide",
        {
            "alibabaCloud__terraform": True,
            "nodeInit__join": {"token": {"from": "ramRole", "role": "nodes"}},
            "checks": WITH_ROLE,
        },
    ),
    "by url": (
        "guide",
        {
            "alibabaCloud__terraform": True,
            "nodeInit__oss": None,
            "nodeInit__url": "https://files.example.com/a.sh",
            "nodeInit__join": {"token": {"from": "file"}},
        },
    ),
}


class Block(NamedTuple):
    """A block of a configuration: ``name`` is its labels, joined by dots."""

    kind: str
    name: str
    arguments: dict[str, Any]


Read = Callable[[Path], list[Block]]


@pytest.fixture(scope="session")
def read(tool: Callable[[str], str]) -> Read:
    """What the blocks of a file, or of the files of a folder, come to; none where there is none."""

    def blocks(path: Path) -> list[Block]:
        found = []
        for file in [path] if path.is_file() else sorted(path.glob("*.tf.json")):
            done = subprocess.run([tool("terraform-json"), str(file)], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            found += [Block(kind, ".".join(labels), rest) for kind, *labels, rest in json.loads(done.stdout)]
        return found

    return blocks


@pytest.fixture(scope="session", params=CLUSTERS)
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a cluster."""
    name, changes = CLUSTERS[request.param]
    return build(example(name, **changes), tmp_path_factory.mktemp("terraform"), "kustomize")
