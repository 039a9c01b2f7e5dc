"""Spec → Bundle: every product of one cluster, each from its own module."""

from __future__ import annotations

from typing import Any

from hybridc.lower.addons import addons
from hybridc.lower.agent_config import agent_config
from hybridc.lower.argocd import argocd
from hybridc.lower.bundle import Bundle, Manifest
from hybridc.lower.delivery import deliver
from hybridc.lower.eni_config import dynamic_configs, eni_config
from hybridc.lower.fleet import member, parameters
from hybridc.lower.flux import flux
from hybridc.lower.guard import guard
from hybridc.lower.ip_pools import ip_pools
from hybridc.lower.names import script_url
from hybridc.lower.node_pools import node_pools
from hybridc.lower.node_script import node_script
from hybridc.lower.oss import bucket_policies
from hybridc.lower.ram import policies
from hybridc.lower.summary import summary
from hybridc.lower.terway_chart import terway_kustomization
from hybridc.lower.terway_values import terway_values
from hybridc.lower.token_refresh import token_refresh
from hybridc.spec.model import Spec


def lower(spec: Spec, folder: str) -> Bundle:
    """Everything that a checked spec stands for; ``folder`` (``kustomize`` or ``chart``) is what is synced."""
    script = node_script(spec) if spec.node_init.mode == "script" else None
    url = script_url(spec, script)
    granted, values = policies(spec), parameters(spec, folder)
    delivery, pools = deliver(spec), list(ip_pools(spec))
    engine = str(spec.gitops.engine)
    managed = [*([] if spec.terway is None else [eni_config(spec, spec.terway)]), agent_config(url)]
    objects: list[Manifest] = [*managed, *([] if spec.terway is None else dynamic_configs(spec, spec.terway))]
    objects += [*delivery.objects, *token_refresh(spec)]
    if spec.cluster.cni.disabled_ip_pools == "api":
        objects, pools = objects + pools, []
    if engine == "argocd":
        objects += guard(spec, delivery.patched, managed)
    return Bundle(
        cluster=str(spec.name),
        objects=tuple(objects),
        exclusions=delivery.all,
        component=tuple(delivery.component),
        engine=engine,
        gitops=argocd(spec, objects, folder) if engine == "argocd" else flux(spec, folder),
        ip_pools=tuple(pools),
        files={**_terway_files(spec), **delivery.by_hand},
        ram=granted,
        oss=bucket_policies(spec),
        addons=addons(spec),
        node_pools=node_pools(spec),
        fleet=member(spec, objects, folder, values),
        parameters=values,
        script=script,
        script_url=url,
        summary=summary(spec, delivery, url, list(granted)),
    )


def _terway_files(spec: Spec) -> dict[str, Any]:
    """Values for the upstream chart, and with ``install: chart`` the kustomization that inflates it."""
    if spec.terway is None:
        return {}
    files: dict[str, Any] = {"terway/values.yaml": terway_values(spec, spec.terway)}
    kustomization = terway_kustomization(spec.terway)
    if kustomization is not None:
        files["terway/kustomization.yaml"] = kustomization
    return files
