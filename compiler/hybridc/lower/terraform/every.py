"""The three configurations of a cluster, each a folder with a state of its own, applied at its place in the steps."""

from __future__ import annotations

from typing import Any

from hybridc.lower.terraform.account import account
from hybridc.lower.terraform.cluster import addons, pools
from hybridc.lower.terraform.text import literal
from hybridc.spec.model import Spec


def terraform(
    spec: Spec, script: str | None, ram: dict[str, Any], requests: dict[str, Any], node_pools: dict[str, Any]
) -> dict[str, Any]:
    """By path below ``cloud/terraform/``, without ``.tf.json``; empty without ``alibabaCloud.terraform``.

    The documents are those of ``cloud/ram/``, ``cloud/addons/`` and ``cloud/node-pools/``. Nobody applies two folders
    at once, so no apply makes a pool before what keeps the CNI of the IDC off its nodes was seen.
    """
    if not spec.alibaba_cloud.terraform:
        return {}
    files = account(spec, ram, script)
    files |= {f"addons/{name}": file for name, file in addons(spec, requests).items()}
    files |= {f"pools/{name}": file for name, file in pools(spec, node_pools).items()}
    return {path: literal(file) for path, file in files.items()}
