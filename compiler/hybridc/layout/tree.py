"""A Tree is every file of one cluster's folder: path (with ``/``) → bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hybridc.layout import json_text, lock, yaml_text
from hybridc.layout.by_hand import by_hand
from hybridc.layout.cloud import SCRIPT, cloud
from hybridc.layout.kustomize import component, one_a_file
from hybridc.layout.registry import Layout, below
from hybridc.layout.sourcemap import NAME as SOURCEMAP
from hybridc.layout.sourcemap import sourcemap
from hybridc.lower.bundle import Bundle

Tree = dict[str, bytes]


def lay_out(bundle: Bundle, layouts: Sequence[Layout]) -> Tree:
    """Every file of a cluster's folder, the synced objects in each of these layouts."""
    data: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for layout in layouts:
        files = layout.files(bundle)
        data |= below(layout.synced.folder, files.data)
        texts |= below(layout.synced.folder, files.texts)
    data |= component(bundle)
    data |= one_a_file(bundle.engine, bundle.gitops)
    data |= by_hand(bundle)
    data |= cloud(bundle)
    data["cluster.json"] = bundle.parameters
    texts |= {path: dump(path, value) for path, value in data.items()}
    if bundle.ip_pools:
        data["calico/ippools.yaml"] = bundle.ip_pools
        texts["calico/ippools.yaml"] = "---\n".join(yaml_text.dump(pool) for pool in bundle.ip_pools)
    if bundle.pools_by_api:
        kind = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
        listed = {**kind, "resources": ["ippools.yaml"]}
        texts["calico/kustomization.yaml"] = yaml_text.dump(listed)
    if bundle.script is not None:
        texts[SCRIPT] = bundle.script
    texts["SUMMARY.md"] = bundle.summary
    texts[SOURCEMAP] = sourcemap(data)
    return with_lock({path: texts[path].encode() for path in sorted(texts)})


def with_lock(tree: Tree) -> Tree:
    """The tree with its lock file, which lists all the others."""
    return {**tree, lock.NAME: lock.text(tree)}


def dump(path: str, data: Any) -> str:
    """The text of a data file; its name says in which form."""
    return json_text.dump(data) if path.endswith(".json") else yaml_text.dump(data)
