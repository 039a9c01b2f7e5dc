"""A Tree is every file of one cluster's folder: path (with ``/``) → bytes."""

from __future__ import annotations

from hybridc.layout import yaml_text
from hybridc.layout.cloud import cloud
from hybridc.layout.kustomize import component, kustomize, one_a_file
from hybridc.lower.bundle import Bundle

Tree = dict[str, bytes]


def lay_out(bundle: Bundle) -> Tree:
    """All files but the lock file, which is made from them."""
    files: dict[str, str] = {}
    files |= kustomize(bundle)
    files |= component(bundle)
    files |= one_a_file("argocd", bundle.argocd)
    if bundle.ip_pools:
        files["calico/ippools.yaml"] = "---\n".join(yaml_text.dump(pool) for pool in bundle.ip_pools)
    if bundle.terway_values is not None:
        files["terway/values.yaml"] = yaml_text.dump(bundle.terway_values)
    files |= cloud(bundle)
    files["SUMMARY.md"] = bundle.summary
    return {path: files[path].encode() for path in sorted(files)}
