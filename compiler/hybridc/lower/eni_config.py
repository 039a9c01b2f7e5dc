"""Terway's configuration: the ConfigMap ``eni-config``, and one for each dynamic configuration."""

from __future__ import annotations

from typing import Any

from hybridc.catalog import ack
from hybridc.catalog.terway import knows
from hybridc.lower.bundle import JsonText, Manifest
from hybridc.lower.names import dynamic_config_name
from hybridc.lower.objects import config_map, foreign, labels
from hybridc.spec.model import DynamicConfig, Spec, Terway, VSwitch
from hybridc.spec.origin import text

CHAIN = "10-terway.conflist"
"""What Terway takes before 10-terway.conf."""
KEYS = "hybridc.dev/keys"
"""An annotation with the keys that hybridc wrote: the guard tells them from those of others."""


def eni_config(spec: Spec, terway: Terway) -> Manifest:
    """The ConfigMap that Terway reads. Both AccessKey fields are empty: it takes the add-on's Secret."""
    data: dict[str, Any] = {
        "eni_conf": JsonText(_eni_conf(spec, terway)),
        "10-terway.conf": JsonText(_cni_conf(spec, terway)),
        "disable_network_policy": "true",
    }
    if terway.cni_chain:
        # Terway takes it first; 10-terway.conf must be there all the same.
        data[CHAIN] = JsonText({"plugins": [_chained(spec, terway, plugin) for plugin in terway.cni_chain]})
    if terway.datapath == "datapathv2":
        data["in_cluster_loadbalance"] = "true"
    return config_map(ack.ENI_CONFIG, data, annotations={**foreign(), KEYS: " ".join(data)})


def dynamic_configs(spec: Spec, terway: Terway) -> list[Manifest]:
    """A ConfigMap for each overlay; nodes with the label ``terway-config=<its name>`` merge it over eni-config."""
    return [
        config_map(dynamic_config_name(name), {"eni_conf": JsonText(_overlay(overlay))}, labels=labels(spec.name))
        for name, overlay in terway.dynamic_configs.items()
    ]


def _eni_conf(spec: Spec, terway: Terway) -> dict[str, Any]:
    conf: dict[str, Any] = {
        "version": "1",
        "max_pool_size": terway.pool_size.max,
        "min_pool_size": terway.pool_size.min,
        "vswitches": vswitches_by_zone(spec.alibaba_cloud.vpc.pod_vswitches),
        "eni_tags": dict(terway.eni_tags),
        "service_cidr": text(",".join(["{}"] * len(spec.cluster.service_cidrs)), *spec.cluster.service_cidrs),
        "security_groups": list(terway.security_groups),
        "access_key": "",
        "access_secret": "",
        "ip_stack": terway.ip_stack,
        "enable_eni_trunking": False,
        "vswitch_selection_policy": terway.vswitch_selection,
    }
    if spec.alibaba_cloud.resource_group_id is not None and knows("resource_group_id", terway.release):
        conf["resource_group_id"] = spec.alibaba_cloud.resource_group_id
    return conf | terway.extra_eni_conf


def vswitches_by_zone(switches: tuple[VSwitch, ...]) -> dict[str, list[str]]:
    """Zone → vSwitches, in the order of the spec: only the entry of a node's own zone is used there."""
    zones: dict[str, list[str]] = {}
    for switch in switches:
        zones.setdefault(switch.zone, []).append(switch.id)
    return zones


def _cni_conf(spec: Spec, terway: Terway) -> dict[str, Any]:
    conf: dict[str, Any] = {
        "cniVersion": "0.4.0",
        "name": "terway",
        "type": "terway",
        "capabilities": {"bandwidth": True},
    }
    if terway.datapath == "datapathv2":
        conf["eniip_virtual_type"] = terway.datapath
        if spec.cluster.node_local_dns is not None:
            # It listens on the host, which a pod's packet reaches for these addresses alone. Without the key Terway
            # assumes the usual address by itself.
            conf["host_stack_cidrs"] = [text("{}/32", spec.cluster.node_local_dns)]
    return conf | terway.extra_cni_conf


def _chained(spec: Spec, terway: Terway, plugin: dict[str, Any]) -> dict[str, Any]:
    """A plugin of the chain. Terway's own has what it has without a chain; name and version are the chain's."""
    if plugin["type"] != "terway":
        return plugin
    return {key: value for key, value in _cni_conf(spec, terway).items() if key not in ("cniVersion", "name")} | plugin


def _overlay(overlay: DynamicConfig) -> dict[str, Any]:
    conf: dict[str, Any] = {}
    if overlay.pool_size is not None:
        conf |= {"max_pool_size": overlay.pool_size.max, "min_pool_size": overlay.pool_size.min}
    if overlay.eni_tags is not None:
        conf["eni_tags"] = dict(overlay.eni_tags)
    if overlay.security_groups is not None:
        conf["security_groups"] = list(overlay.security_groups)
    if overlay.vswitch_selection is not None:
        conf["vswitch_selection_policy"] = overlay.vswitch_selection
    return conf | overlay.extra_eni_conf
