"""Proofs: the label that decides about a node is one value everywhere, and every zone of a pool is served."""

from __future__ import annotations

from hybridc.catalog import ack
from hybridc.lower.bundle import Bundle
from hybridc.proofs.breach import breach, proof
from hybridc.proofs.objects import ENI_CONFIG, eni_conf
from hybridc.proofs.selectors import Labels
from hybridc.rules.rule import Findings
from hybridc.spec.model import Spec


@proof("ENI001")
def pod_vswitches(bundle: Bundle, spec: Spec) -> Findings:
    """Each zone in which a pool may make nodes has a pod vSwitch in eni_conf."""
    if spec.terway is None:
        return
    zones = {str(switch.id): switch.zone for switch in spec.alibaba_cloud.vpc.node_vswitches}
    served = eni_conf(bundle).get("vswitches") or {}
    for name, body in bundle.node_pools.items():
        for vswitch in body["scaling_group"]["vswitch_ids"]:
            zone = zones.get(str(vswitch))
            if not served.get(zone):
                yield breach(ENI_CONFIG, f"zone {zone} of node pool {name} has no pod vSwitch")


@proof("INIT014")
def another_label(bundle: Bundle, spec: Spec) -> Findings:
    """The label in the script is not the one that the exclusion and Terway look for.

    A node without it gets the IDC's CNI, and Terway does not start there: its pods have addresses that nobody
    routes.

    Fails::
        readonly REQUIRED_LABEL='alibabacloud.com/external=yes'
    Passes::
        readonly REQUIRED_LABEL='alibabacloud.com/external=true'

    Source: ALIBABA_CLOUD_LABELS; selector of the add-on.
    """
    key, value = ack.EXTERNAL_LABEL
    selector: Labels = ack.TERWAY_SELECTOR
    if selector != {key: value}:
        yield breach("the catalog", f"the add-on selects {selector}, nodes have {key}={value}")
    for name, body in bundle.node_pools.items():
        for label in body["kubernetes_config"]["labels"]:
            if label["key"] == key and label["value"] != value:
                yield breach(f"node pool {name}", f"its label {key} is {label['value']}", label["value"])
    if bundle.script is not None and f"\nreadonly REQUIRED_LABEL='{key}={value}'\n" not in bundle.script:
        yield breach("cloud/node/init-node-ecs.sh", f"it does not make sure of the label {key}={value}")
