"""A Tree is every file of one cluster's folder: path (with ``/``) → bytes."""

from __future__ import annotations

from hybridc.layout import json_text, yaml_text
from hybridc.layout.cloud import cloud
from hybridc.layout.helm import chart
from hybridc.layout.kustomize import component, kustomize, one_a_file
from hybridc.lower.bundle import Bundle

Tree = dict[str, bytes]
FOLDERS = {"kustomize": "kustomize", "helm": "chart"}
"""The folder of each layout. One folder never holds the marker files of both."""


def lay_out(bundle: Bundle, layout: str) -> Tree:
    """All files but the lock file, which is made from them; ``layout`` is ``kustomize``, ``helm`` or ``both``."""
    files: dict[str, str] = {}
    if layout != "helm":
        files |= kustomize(bundle)
    if layout != "kustomize":
        files |= chart(bundle)
    files |= component(bundle)
    files |= one_a_file(bundle.engine, bundle.gitops)
    if bundle.ip_pools:
        files["calico/ippools.yaml"] = "---\n".join(yaml_text.dump(pool) for pool in bundle.ip_pools)
    files |= {path: yaml_text.dump(data) for path, data in bundle.files.items()}
    files |= cloud(bundle)
    files["cluster.json"] = json_text.dump(bundle.parameters)
    files["SUMMARY.md"] = bundle.summary
    return {path: files[path].encode() for path in sorted(files)}
