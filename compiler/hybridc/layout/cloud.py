"""What goes to Alibaba Cloud: policies, requests and the node script, outside of every synced folder."""

from __future__ import annotations

from typing import Any

from hybridc.lower.bundle import Bundle

SCRIPT = "cloud/node/init-node-ecs.sh"


def cloud(bundle: Bundle) -> dict[str, Any]:
    """Documents by product, as data. The script lies beside them as it lies in OSS, byte for byte."""
    jobs = {f"cloud/ci/{name}.yaml": job for name, job in bundle.ci.items()}
    return (
        jobs
        | {
            f"cloud/{folder}/{name}.json": document
            for folder, documents in (
                ("ram", bundle.ram),
                ("oss", bundle.oss),
                ("addons", bundle.addons),
                ("node-pools", bundle.node_pools),
            )
            for name, document in documents.items()
        }
        | {f"cloud/terraform/{path}.tf.json": file for path, file in bundle.terraform.items()}
    )
