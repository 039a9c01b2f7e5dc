"""Spec → Bundle: every product of one cluster, each from its own module."""

from __future__ import annotations

from collections.abc import Sequence

from hybridc.diagnostic import Diagnostic
from hybridc.lower.addons import addons
from hybridc.lower.agent_config import agent_config
from hybridc.lower.argocd import argocd
from hybridc.lower.bundle import Bundle, Manifest, Part, Synced
from hybridc.lower.delivery import Delivery, deliver
from hybridc.lower.eni_config import dynamic_configs, eni_config
from hybridc.lower.fleet import member, parameters
from hybridc.lower.flux import flux, staged
from hybridc.lower.guard import guard, reader
from hybridc.lower.ip_pools import ip_pools
from hybridc.lower.names import script_url
from hybridc.lower.node_pools import node_pools
from hybridc.lower.node_script import node_script
from hybridc.lower.oss import bucket_policies
from hybridc.lower.ram import policies
from hybridc.lower.ram_holders import documents
from hybridc.lower.steps.every import steps
from hybridc.lower.summary import summary, told
from hybridc.lower.terraform.every import terraform
from hybridc.lower.terway_chart import terway_kustomization
from hybridc.lower.terway_values import terway_values
from hybridc.lower.token_ci import token_ci
from hybridc.lower.token_refresh import token_refresh
from hybridc.spec.model import Spec


def lower(spec: Spec, synced: Synced, found: Sequence[Diagnostic] = (), accepted: Sequence[Diagnostic] = ()) -> Bundle:
    """Everything that a checked spec stands for.

    ``synced`` is the layout that its engine applies; ``found`` and ``accepted`` are the findings that a reviewer reads.
    """
    script = node_script(spec) if spec.node_init.mode == "script" else None
    url = script_url(spec, script)
    granted, values = policies(spec), parameters(spec, synced.folder)
    delivery, pools = deliver(spec), ip_pools(spec)
    engine = str(spec.gitops.engine)
    parts = _parts(spec, url, delivery, synced)
    objects = [item for part in parts.values() for item in part]
    by_engine = argocd(spec, objects, synced.folder) if engine == "argocd" else flux(spec, synced, parts)
    left = steps(spec, delivery, script, url, list(granted), by_chart=synced.is_chart)
    ram = {**granted, **documents(spec, list(granted), [step.id for step in left])}
    requests, bodies = addons(spec), node_pools(spec)
    return Bundle(
        cluster=str(spec.name),
        parts=parts,
        exclusions=delivery.all,
        component=delivery.component,
        cni_values=delivery.values,
        cni_config=delivery.config,
        cni_patches=delivery.by_hand,
        engine=engine,
        gitops=(*by_engine, *reader(spec)),
        ip_pools=pools,
        pools_by_api=spec.cluster.cni.disabled_ip_pools == "api",
        terway_values=None if spec.terway is None else terway_values(spec, spec.terway),
        terway_chart=terway_kustomization(spec),
        ci=token_ci(spec),
        ram=ram,
        oss=bucket_policies(spec),
        addons=requests,
        node_pools=bodies,
        terraform=terraform(spec, script, ram, requests, bodies),
        fleet=member(spec, objects, synced.folder, values),
        parameters=values,
        script=script,
        script_url=url,
        steps=left,
        summary=summary(spec, delivery, url, left, told(spec, found, accepted)),
    )


def _parts(spec: Spec, url: str, delivery: Delivery, synced: Synced) -> dict[Part, tuple[Manifest, ...]]:
    """What is synced, by what it belongs to; parts without an object are left out."""
    terway, shared = spec.terway, written_with_others(spec, url)
    *eni, agent = shared
    parts: dict[Part, Sequence[Manifest]] = {
        "eniConfig": eni,
        "agentConfig": [agent],
        "dynamicConfigs": [] if terway is None else dynamic_configs(spec, terway),
        "cniExclusion": delivery.objects,
        "tokenRefresh": token_refresh(spec),
    }
    as_job = spec.gitops.engine == "flux" and not synced.is_chart
    after = [item for objects in parts.values() for item in objects]
    parts["guard"] = guard(spec, delivery, shared, after, as_job=as_job)
    found = {name: tuple(objects) for name, objects in parts.items() if objects}
    return staged(found) if as_job else found


def written_with_others(spec: Spec, url: str) -> list[Manifest]:
    """The ConfigMaps that others write too, the agent's last: whoever looks before a sync compares their keys."""
    return [*([] if spec.terway is None else [eni_config(spec, spec.terway)]), agent_config(url)]
