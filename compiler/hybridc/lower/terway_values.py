"""Values for Terway's upstream chart. What they cannot say is patched where the chart is inflated."""

from __future__ import annotations

from typing import Any

from hybridc.lower.eni_config import vswitches_by_zone
from hybridc.spec.model import Spec, Terway
from hybridc.spec.origin import text


def terway_values(spec: Spec, terway: Terway) -> dict[str, Any] | None:
    """The chart's values, keys as its values.yaml has them (charts/terway, chart 1.13.0, v1.17.5).

    None with ``install: addon``: values invite to install the chart, which as it is would destroy an on-prem Calico.
    """
    if terway.install != "chart":
        return None
    cloud = spec.alibaba_cloud
    tag = text("v{}", terway.version)
    return {
        # The control plane would ignore nodes without topology labels, and no pod on them would get an address.
        "centralizedIPAM": False,
        "terway": {
            "image": {"tag": tag},
            "daemonMode": "ENIMultiIP",
            "enableDatapathV2": terway.datapath == "datapathv2",
            "networkPolicyProvider": "iptables",
            "enableNetworkPolicy": False,
            "ipStack": terway.ip_stack,
            "securityGroupIDs": list(terway.security_groups),
            "vSwitchIDs": vswitches_by_zone(cloud.vpc.pod_vswitches),
            "serviceCIDR": text(",".join(["{}"] * len(spec.cluster.service_cidrs)), *spec.cluster.service_cidrs),
            "accessKey": "",
            "accessSecret": "",
            "credentialPath": "",
        },
        "terwayControlplane": {
            "image": {"tag": tag},
            "regionID": cloud.region,
            "clusterID": cloud.registered_cluster_id,
            "vpcID": cloud.vpc.id,
            "ipStack": terway.ip_stack,
        },
    }
