"""How the exclusion reaches objects that we do not own: hook, ssa, component, values or manual."""

from __future__ import annotations

from typing import Any, NamedTuple

from hybridc.lower.bundle import ComponentPatch, Exclusion, Manifest
from hybridc.lower.cni_exclusion import main_exclusion, other_exclusions, patch
from hybridc.lower.cni_values import chart_config, chart_values, owner_patch, owner_terms
from hybridc.lower.exclusion_hook import hook
from hybridc.lower.objects import EXCLUSION_WAVE, SYNC_OPTIONS, TERMS, WAVE, foreign
from hybridc.spec.model import Spec

SSA_OPTIONS = "ServerSideApply=true,Validate=false,Prune=false,Delete=false"


class Delivery(NamedTuple):
    """What the exclusion becomes.

    ``objects`` are synced; ``component`` are patches for the owner's kustomization, ``by_hand`` patches for a person,
    ``values`` for the CNI's own chart, ``config`` the same as an object where a distribution brings the chart;
    ``patched`` is what a hook or a sync changes in the cluster; ``all`` is every exclusion.
    """

    objects: tuple[Manifest, ...] = ()
    component: tuple[ComponentPatch, ...] = ()
    by_hand: tuple[Manifest, ...] = ()
    values: dict[str, Any] | None = None
    config: Manifest | None = None
    patched: tuple[Exclusion, ...] = ()
    all: tuple[Exclusion, ...] = ()


def deliver(spec: Spec) -> Delivery:
    """The exclusion of the CNI in the mode of the spec; ``excludeAlso`` by hook where that mode has no place for it."""
    main = main_exclusion(spec)
    if main is None:
        return Delivery()
    others, mode = other_exclusions(spec), spec.cluster.cni.delivery
    excluded = (main, *others)
    found = Delivery(all=excluded)
    if mode == "hook":
        return found._replace(objects=tuple(hook(spec, excluded)), patched=excluded)
    if mode == "ssa":
        return found._replace(objects=tuple(map(_partial, excluded)), patched=excluded)
    if mode == "values":
        objects = tuple(hook(spec, others)) if others else ()
        return _for_owner(found, spec, main)._replace(objects=objects, patched=others)
    if mode == "manual":
        for_owner = _for_owner(found, spec, main)
        patched = excluded if for_owner == found else others
        return for_owner._replace(by_hand=(*for_owner.by_hand, *map(patch, patched)))
    return found._replace(component=_component(spec, main, others))


def _component(spec: Spec, main: Exclusion, others: tuple[Exclusion, ...]) -> tuple[ComponentPatch, ...]:
    """Patches for a kustomization; a chart's release is in none."""
    by_operator = owner_patch(spec, main)
    if spec.cluster.cni.install == "helm":
        return ()
    first = _replaced(main) if by_operator is None else ComponentPatch(by_operator, owner_terms(spec, main))
    return (first, *map(_replaced, others))


def _replaced(exclusion: Exclusion) -> ComponentPatch:
    return ComponentPatch(patch(exclusion), {f"/spec/template/spec/affinity{TERMS}": exclusion.expected})


def _for_owner(found: Delivery, spec: Spec, main: Exclusion) -> Delivery:
    """The exclusion of the CNI itself as its operator or its chart takes it; unchanged when neither does."""
    by_operator = owner_patch(spec, main)
    if by_operator is not None:
        return found._replace(by_hand=(by_operator,))
    values = chart_values(spec, main)
    return found._replace(values=values, config=None if values is None else chart_config(spec, values))


def _partial(exclusion: Exclusion) -> Manifest:
    """The workload as a partial object for a server-side apply, with every protection that there is."""
    partial = patch(exclusion)
    notes = {SYNC_OPTIONS: SSA_OPTIONS, WAVE: str(EXCLUSION_WAVE)}
    partial["metadata"]["annotations"] = {**foreign(), **notes}
    return partial
