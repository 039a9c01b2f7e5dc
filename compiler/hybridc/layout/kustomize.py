"""The kustomize layout: one object a file, listed in a kustomization; and the exclusion as a Component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hybridc.layout.registry import Files, Layout, below
from hybridc.lower.bundle import Bundle, Manifest, Synced

COMPONENT = "components/cni-exclusion"


def file_name(item: Manifest, taken: Iterable[str] = ()) -> str:
    """``<kind>-<name>.yaml``; with the namespace in between when another object has that name already."""
    kind, name = str(item["kind"]).lower(), str(item["metadata"]["name"])
    plain = f"{kind}-{name}.yaml"
    return f"{kind}-{item['metadata']['namespace']}-{name}.yaml" if plain in taken else plain


def by_file(objects: Iterable[Manifest]) -> dict[str, Manifest]:
    """A file name for each object."""
    files: dict[str, Manifest] = {}
    for item in objects:
        files[file_name(item, files)] = item
    return files


def one_a_file(folder: str, objects: Iterable[Manifest]) -> dict[str, Any]:
    """A file for each object, as data."""
    return below(folder, by_file(objects))


def kustomize(bundle: Bundle) -> Files:
    """What Argo CD applies. Plain objects, no generators: the names are fixed by those who read them."""
    files = by_file(bundle.objects)
    listed = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(files),
    }
    return Files({**files, "kustomization.yaml": listed})


LAYOUT = Layout(Synced("kustomize"), kustomize)


def component(bundle: Bundle) -> dict[str, Any]:
    """The exclusion for whoever has the workloads in Git.

    A Component with patches that have no ``target``: a patch that finds no object then fails the build; with a
    ``target`` kustomize drops it silently.
    """
    if not bundle.component:
        return {}
    files = by_file(bundle.component)
    listed = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "patches": [{"path": name} for name in files],
    }
    return below(COMPONENT, {**files, "kustomization.yaml": listed})
