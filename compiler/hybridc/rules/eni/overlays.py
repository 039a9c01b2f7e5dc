"""ENI: dynamic configurations, and tags that hybridc sets itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack
from hybridc.rules.pools import in_region
from hybridc.rules.rule import DOCUMENT, TERWAY, Finding, Findings, finding, rule
from hybridc.source.document import Document, join
from hybridc.spec.hole import is_hole, sure
from hybridc.spec.model import Spec, Terway

_VSWITCH = re.compile(r"vsw-[a-z0-9]{1,64}\Z")
_TAGS = re.compile(r"/spec/terway/(?:dynamicConfigs/[^/]+/)?eniTags/ack\.aliyun\.com\Z")


@rule("ENI031", over=TERWAY)
def unused_dynamic_config(spec: Spec, terway: Terway) -> Findings:
    """A dynamic configuration that no node pool names.

    It becomes a ConfigMap that no node reads: somebody believes that a pool has it. (Without node pools in the spec
    nothing is said: they may be kept elsewhere.)

    Fails::
        terway: {dynamicConfigs: {big: {poolSize: {max: 30}}}}
        nodePools: [{name: cpu}]
    Passes::
        terway: {dynamicConfigs: {big: {poolSize: {max: 30}}}}
        nodePools: [{name: cpu, terwayConfig: big}]

    Source: Terway docs/dynamic-config.md.
    """
    if not spec.node_pools or not spec.node_pools.whole:
        return
    named = {pool.terway_config for pool in spec.node_pools if pool.terway_config is not None}
    for name in terway.dynamic_configs:
        if name not in named:
            advice = f"write terwayConfig: {name} in the pool that is to have it, or remove it"
            yield finding(name, f'no node pool names the dynamic configuration "{name}"', advice)


@rule("ENI032", over=TERWAY)
def vswitches_of_an_overlay(spec: Spec, terway: Terway) -> Findings:
    """The vSwitches of a dynamic configuration cannot be.

    A pool with pod vSwitches of its own is what Terway's documentation shows dynamic configurations with, and it has
    no field of its own: `extraEniConf.vswitches`, from zones to ids. A zone of another region or an id that is none is
    ignored by Terway without a word, and pods take addresses of the node's vSwitch.

    Fails::
        terway: {dynamicConfigs: {gpu: {extraEniConf: {vswitches: {cn-hangzhou-j: [vsw_uf6gpu]}}}}}     # in cn-shanghai
        nodePools: [{terwayConfig: gpu}]
    Passes::
        terway: {dynamicConfigs: {gpu: {extraEniConf: {vswitches: {cn-shanghai-l: [vsw-uf6gpu]}}}}}
        nodePools: [{terwayConfig: gpu}]

    Source: Terway docs/dynamic-config.md, daemon/builder.go.
    """
    region = sure(spec.alibaba_cloud.region)
    for overlay in terway.dynamic_configs.values():
        zones = overlay.extra_eni_conf.get("vswitches") if not is_hole(overlay.extra_eni_conf) else None
        if isinstance(zones, dict):
            yield from _vswitches(zones, region)


def _vswitches(zones: dict[str, Any], region: str) -> Iterator[Finding]:
    for zone, ids in zones.items():
        if not in_region(str(zone), region):
            advice = f"zones of this region begin with {region}"
            yield finding(zone, f'zone "{zone}" does not belong to region "{region}"', advice)
        for vswitch in ids if isinstance(ids, (list, tuple)) else ():
            if isinstance(vswitch, str) and not _VSWITCH.match(vswitch):
                yield finding(vswitch, f'"{vswitch}" is not a vSwitch id', "copy the id from the VPC console")


@rule("ENI033", over=DOCUMENT)
def cluster_tag_of_another_cluster(document: Document) -> Findings:
    """`eniTags` gives the cluster's own tag another value.

    hybridc writes `ack.aliyun.com: <registeredClusterID>` whatever stands there: ENIs with the tag of another cluster
    would be cleaned up with that one.

    Fails::
        terway: {eniTags: {ack.aliyun.com: c0000000000000000000000000000000}}
    Passes::
        terway: {eniTags: {team: platform}}

    Source: ACK's own eni-config template; hybridc.
    """
    try:
        own = document.get("/spec/alibabaCloud/registeredClusterID")
    except (KeyError, IndexError, ValueError, TypeError):
        return
    for pointer in document.values:
        if _TAGS.match(pointer) and document.get(pointer) != own:
            tags = pointer.rpartition("/")[0]
            message = f"{ack.CLUSTER_TAG} is always {own}: this value has no effect"
            yield Finding(join(tags, ack.CLUSTER_TAG), message, "remove it")
