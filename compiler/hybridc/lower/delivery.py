"""How the exclusion reaches objects that we do not own: hook, ssa, component, values or manual."""

from __future__ import annotations

from typing import Any, NamedTuple

from hybridc.lower.bundle import Exclusion, Manifest
from hybridc.lower.cni_exclusion import main_exclusion, other_exclusions, patch
from hybridc.lower.cni_values import chart_values, installation
from hybridc.lower.exclusion_hook import hook
from hybridc.lower.names import patch_file
from hybridc.lower.objects import SYNC_OPTIONS, foreign
from hybridc.spec.model import Spec

SSA_OPTIONS = "ServerSideApply=true,Validate=false,Prune=false,Delete=false"
FLUX_SSA = "kustomize.toolkit.fluxcd.io/ssa"


class Delivery(NamedTuple):
    """What the exclusion becomes.

    ``objects`` are synced; ``component`` are patches for the owner's kustomization; ``by_hand`` are files (path → data)
    for a person; ``patched`` is what a hook or a sync changes in the cluster; ``all`` is every exclusion.
    """

    objects: list[Manifest]
    component: list[Manifest]
    by_hand: dict[str, Any]
    patched: tuple[Exclusion, ...]
    all: tuple[Exclusion, ...]


def deliver(spec: Spec) -> Delivery:
    """The exclusion of the CNI in the mode of the spec; ``excludeAlso`` by hook where that mode has no place for it."""
    main = main_exclusion(spec)
    if main is None:
        return Delivery([], [], {}, (), ())
    others, mode = other_exclusions(spec), spec.cluster.cni.delivery
    excluded = (main, *others)
    component = _component(spec, main, others)
    if mode == "hook":
        return Delivery(hook(spec, excluded), component, {}, excluded, excluded)
    if mode == "ssa":
        return Delivery([_partial(e) for e in excluded], component, {}, excluded, excluded)
    if mode == "values":
        objects = hook(spec, others) if others else []
        return Delivery(objects, component, _values(spec, main), others, excluded)
    if mode == "manual":
        by_manifest = spec.cluster.cni.install == "manifest"
        files = {} if by_manifest else _values(spec, main)
        patched = excluded if by_manifest else others
        files |= {patch_file(e.kind, e.name): patch(e) for e in patched}
        return Delivery([], component, files, (), excluded)
    return Delivery([], component, {}, (), excluded)


def _component(spec: Spec, main: Exclusion, others: tuple[Exclusion, ...]) -> list[Manifest]:
    cni = spec.cluster.cni
    if cni.install == "helm":
        return []
    first = installation(spec, main) if cni.install == "operator" else patch(main)
    return [first, *(patch(other) for other in others)]


def _values(spec: Spec, main: Exclusion) -> dict[str, Any]:
    if spec.cluster.cni.install == "operator":
        return {"cni/installation-default.patch.yaml": installation(spec, main)}
    return {"cni/values.yaml": chart_values(spec, main)}


def _partial(exclusion: Exclusion) -> Manifest:
    """The workload as a partial object for a server-side apply, with every protection that there is."""
    partial = patch(exclusion)
    partial["metadata"]["annotations"] = {**foreign(), SYNC_OPTIONS: SSA_OPTIONS, FLUX_SSA: "merge"}
    return partial
