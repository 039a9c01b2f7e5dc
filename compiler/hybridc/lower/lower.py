"""Spec → Bundle: every product of one cluster, each from its own module."""

from __future__ import annotations

from hybridc.lower.addons import addons
from hybridc.lower.agent_config import agent_config, script_url
from hybridc.lower.argocd import argocd
from hybridc.lower.bundle import Bundle, Manifest
from hybridc.lower.cni_exclusion import exclusions, hook, patch
from hybridc.lower.eni_config import dynamic_configs, eni_config
from hybridc.lower.ip_pools import ip_pools
from hybridc.lower.node_pools import node_pools
from hybridc.lower.node_script import node_script
from hybridc.lower.oss import bucket_policies
from hybridc.lower.ram import policies
from hybridc.lower.summary import summary
from hybridc.lower.terway_values import terway_values
from hybridc.spec.model import Spec

SYNCED = "kustomize"


def lower(spec: Spec) -> Bundle:
    """Everything that a checked spec stands for."""
    cni, terway = spec.cluster.cni, spec.terway
    script = node_script(spec) if spec.node_init.mode == "script" else None
    url = script_url(spec, script)
    excluded = exclusions(spec)
    by_manifest = cni.install == "manifest"
    objects: list[Manifest] = [agent_config(url)]
    if terway is not None:
        objects = [eni_config(spec, terway), *dynamic_configs(spec, terway), *objects]
    if cni.delivery == "hook":
        objects += hook(spec, excluded)
    return Bundle(
        cluster=str(spec.name),
        objects=tuple(objects),
        exclusions=excluded,
        component=tuple(patch(exclusion) for exclusion in excluded) if by_manifest else (),
        argocd=argocd(spec, objects, SYNCED),
        ip_pools=ip_pools(spec),
        terway_values=None if terway is None else terway_values(spec, terway),
        ram=policies(spec),
        oss=bucket_policies(spec),
        addons=addons(spec),
        node_pools=node_pools(spec),
        script=script,
        script_url=url,
        summary=summary(spec, excluded, url),
    )
