"""The kustomize layout: one object a file, listed in a kustomization; and the exclusion as a Component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hybridc.layout.registry import Files, Layout, below
from hybridc.lower.bundle import Bundle, ComponentPatch, Manifest, Synced

COMPONENT = "components/cni-exclusion"


def file_name(item: Manifest, taken: Iterable[str] = ()) -> str:
    """``<kind>-<name>.yaml``; with the namespace (and a number) in between when another object has that name."""
    kind, name = str(item["kind"]).lower(), str(item["metadata"]["name"])
    parts, number = [kind, name], 1
    while (found := f"{'-'.join(parts)}.yaml") in taken:
        parts = [kind, str(item["metadata"]["namespace"]), *([str(number)] if number > 1 else []), name]
        number += 1
    return found


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

    nodeSelectorTerms are replaced as a whole, so each patch comes after a test (JSON 6902) of what it replaces: an
    owner's terms that the spec does not know fail the build. A test needs the objects around the list, and a patch
    before it makes them. Patches have no ``target``: one that finds no object then fails the build, too; with a
    ``target`` kustomize drops it silently.
    """
    if not bundle.component:
        return {}
    files: dict[str, Any] = {}
    patches: list[dict[str, Any]] = []
    for name, found in zip(by_file(each.wanted for each in bundle.component), bundle.component, strict=True):
        stem = name.removesuffix(".yaml")
        around, test = f"{stem}.around.yaml", f"{stem}.test.yaml"
        files |= {around: _around(found.wanted), test: _tests(found), name: found.wanted}
        patches += [{"path": around}, {"path": test, "target": _target(found.wanted)}, {"path": name}]
    listed = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component", "patches": patches}
    return below(COMPONENT, {**files, "kustomization.yaml": listed})


def _tests(found: ComponentPatch) -> list[dict[str, Any]]:
    """JSON 6902: the terms are the expected ones; null stands for none."""
    return [{"op": "test", "path": path, "value": terms or None} for path, terms in found.expected.items()]


def _around(node: Any) -> Any:
    """A patch without its lists of terms: only what is around them."""
    if not isinstance(node, dict):
        return node
    return {key: _around(value) for key, value in node.items() if key != "nodeSelectorTerms"}


def _target(item: Manifest) -> dict[str, str]:
    group, slash, version = str(item["apiVersion"]).rpartition("/")
    where = {key: item["metadata"][key] for key in ("name", "namespace") if key in item["metadata"]}
    return {**({"group": group} if slash else {}), "version": version, "kind": item["kind"], **where}
