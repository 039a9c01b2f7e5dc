"""What goes to Alibaba Cloud: policies, requests and the node script, outside of every synced folder."""

from __future__ import annotations

from hybridc.layout import json_text
from hybridc.lower.bundle import Bundle

SCRIPT = "cloud/node/init-node-ecs.sh"


def cloud(bundle: Bundle) -> dict[str, str]:
    """JSON documents by product, and the script as it lies in OSS, byte for byte."""
    files: dict[str, str] = {}
    for folder, documents in (
        ("ram", bundle.ram),
        ("oss", bundle.oss),
        ("addons", bundle.addons),
        ("node-pools", bundle.node_pools),
    ):
        for name, document in documents.items():
            files[f"cloud/{folder}/{name}.json"] = json_text.dump(document)
    if bundle.script is not None:
        files[SCRIPT] = bundle.script
    return files
