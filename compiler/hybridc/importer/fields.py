"""Which fields an import can see, and where; docs/import.md is made of it, and the round trip holds it."""

from __future__ import annotations

from typing import NamedTuple

from hybridc.schema.load import fields


class Field(NamedTuple):
    """``path`` as a person writes it, with all below it; ``where`` it is seen, ``unless`` it cannot be."""

    path: str
    where: str
    unless: str = ""


_CONF = "`eni-config`, `eni_conf`"
_AGENT = "`ack-agent-config`, `addNodeScriptPath`"
SHOWN: tuple[Field, ...] = (
    Field("metadata.name", f"ConfigMap `hybridc`; the script's folder in {_AGENT}", "nothing of hybridc's was synced"),
    Field("spec.cluster.kubernetesVersion", "`/version`, `kubeadm-config`, kubelets; the script"),
    Field("spec.cluster.apiServer", "`kubeadm-config`, `cluster-info`, `kube-proxy`; the script's `kubeadm join`"),
    Field("spec.cluster.caCertHashes", "the CA in `cluster-info` or `kube-root-ca.crt`; the script's `kubeadm join`"),
    Field("spec.cluster.serviceCIDRs", f"`kubeadm-config`; {_CONF}"),
    Field("spec.cluster.podCIDRs", "Calico's IPPools that are not disabled; `kubeadm-config`"),
    Field("spec.cluster.nodeLocalDNS", "`eni-config`, `host_stack_cidrs`", "the datapath is `veth`"),
    Field("spec.cluster.cni.type", "the DaemonSet", "hybridc does not know it, or there is none"),
    Field("spec.cluster.cni.routing", "`eni-config` beside a CNI means `bgp`", "there is no `eni-config`, or no CNI"),
    Field("spec.cluster.cni.install", "the labels and the namespace of the DaemonSet"),
    Field("spec.cluster.cni.version", "the image of the DaemonSet", "its tag is no version"),
    Field("spec.cluster.cni.asNumber", "Calico's BGPConfiguration", "it says none"),
    Field("spec.cluster.cni.daemonSet", "the DaemonSet, where its name is not the usual one"),
    Field("spec.cluster.cni.existingNodeSelectorTerms", "the DaemonSet, without the exclusion"),
    Field("spec.cluster.cni.delivery", "ConfigMap `hybridc-cni-exclusion` means `hook`", "it is another one"),
    Field("spec.cluster.cni.excludeAlso", "DaemonSets and Deployments with the exclusion, or that come with the CNI"),
    Field("spec.alibabaCloud.region", f"{_AGENT}; the zones of {_CONF}"),
    Field("spec.alibabaCloud.registeredClusterID", f"a label of cloud nodes; {_CONF}, `eni_tags`"),
    Field("spec.alibabaCloud.resourceGroupID", _CONF, "Terway does not take it"),
    Field("spec.alibabaCloud.vpc.podVSwitches", f"{_CONF}; their ranges in hybridc's disabled IPPools"),
    Field("spec.alibabaCloud.vpc.securityGroups", f"{_CONF}, `security_group(s)`", "pods have others than nodes"),
    Field("spec.addons[].name", "Deployments and DaemonSets of the add-ons that hybridc knows"),
    Field("spec.terway.version", "the image of `terway-eniip`", "it is not installed yet"),
    Field("spec.terway.poolSize", _CONF),
    Field("spec.terway.ipStack", _CONF),
    Field("spec.terway.vSwitchSelection", _CONF),
    Field("spec.terway.datapath", "`eni-config`, `10-terway.conf`"),
    Field("spec.terway.eniTags", _CONF),
    Field(
        "spec.terway.dynamicConfigs",
        "ConfigMaps `eni-config-<name>`",
        "no Node names it in its label `terway-config`",
    ),
    Field("spec.terway.cniChain", "`eni-config`, `10-terway.conflist`"),
    Field("spec.terway.extraEniConf", f"{_CONF}: keys without a field"),
    Field("spec.terway.extraCniConf", "`eni-config`, `10-terway.conf`: keys without a field"),
    Field("spec.nodeInit.registryMirrors.*", "the script, `REGISTRY_MIRROR`", "there is no script"),
    Field("spec.nodeInit.proxy.http", "the script", "there is no script"),
    Field("spec.nodeInit.proxy.https", "the script", "there is no script"),
    Field("spec.nodeInit.join.method", "the script, where it joins k3s or RKE2", "there is no script"),
    Field("spec.nodeInit.join.server", "the script", "there is no script"),
    Field("spec.nodeInit.oss.bucket", _AGENT),
    Field("spec.nodeInit.oss.prefix", _AGENT, "the script's name is not one of hybridc's"),
    Field("spec.nodeInit.oss.endpoint", _AGENT),
    Field("spec.nodeInit.url", f"{_AGENT}, where it is no address in OSS"),
)
"""In the order of the schema."""
_POOLS = "`DescribeClusterNodePools`"
CLOUD: tuple[Field, ...] = (
    Field("spec.alibabaCloud.region", "the region that answered"),
    Field("spec.alibabaCloud.accountID", "`GetCallerIdentity`"),
    Field("spec.alibabaCloud.vpc.id", "the registered cluster, the vSwitches", "they are of several VPCs"),
    Field("spec.alibabaCloud.vpc.cidrs", "`DescribeVpcs`"),
    Field("spec.alibabaCloud.vpc.nodeVSwitches", f"{_POOLS}, `DescribeVSwitches`", "there is no pool"),
    Field(
        "spec.alibabaCloud.vpc.podVSwitches", "`DescribeVSwitches`: zone and ranges of those that `eni-config` names"
    ),
    Field("spec.alibabaCloud.vpc.securityGroups", _POOLS, "`eni-config` names them"),
    Field("spec.addons[].name", "`ListClusterAddonInstances`", "a workload shows one"),
    Field(
        "spec.nodePools", f"{_POOLS}: name, vSwitches, instance types, image, key pair, size", "it is another cluster's"
    ),
)
"""What `--cloud` shows, in the order of the schema."""


def others() -> list[str]:
    """The fields that no object shows: a placeholder in a draft, or kept from the spec that is updated."""
    found = [path for path, node in fields() if not _holds_fields(node)]
    return [path for path in found if not any(_within(path, each.path) or _within(each.path, path) for each in SHOWN)]


def _holds_fields(node: dict[str, object]) -> bool:
    return bool(node.get("properties"))


def _within(path: str, shown: str) -> bool:
    return path == shown or path.startswith((f"{shown}.", f"{shown}["))
