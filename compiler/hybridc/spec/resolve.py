"""Document → Spec. Every default and every derived value of a spec is filled in here and nowhere else."""

from __future__ import annotations

from typing import Any

from hybridc.catalog import ack, argocd, cni
from hybridc.source.document import Document
from hybridc.spec.cursor import Cursor
from hybridc.spec.hole import HOLE, HoleError, is_hole
from hybridc.spec.model import (
    Addon,
    AlibabaCloud,
    Chart,
    Cluster,
    Cni,
    DataDisk,
    Destination,
    Disk,
    DynamicConfig,
    GitOps,
    Ignore,
    Image,
    InstanceType,
    NodePool,
    PoolSize,
    Ram,
    Size,
    Spec,
    Spot,
    Terway,
    Vpc,
    VSwitch,
    Workload,
)
from hybridc.spec.node_init import node_init
from hybridc.spec.origin import Origin, trace

_RECHECK = "*/30 * * * *"


def resolve(document: Document) -> Spec:
    """The Spec of a document. What is in ``document.broken`` becomes a hole; with none there are no holes."""
    root = Cursor(document, "", document.data)
    spec = root.at("spec")
    cluster = _cluster(spec.at("cluster"))
    cloud = _alibaba_cloud(spec.at("alibabaCloud"))
    return Spec(
        name=root.at("metadata").value("name"),
        cluster=cluster,
        alibaba_cloud=cloud,
        addons=spec.each("addons", _addon),
        terway=spec.optional("terway", lambda c: _terway(c, cloud)),
        ram=_ram(spec.at("ram")),
        node_init=node_init(spec.at("nodeInit"), cluster, cloud),
        node_pools=spec.each("nodePools", lambda c: _node_pool(c, cloud.vpc)),
        gitops=_gitops(spec.at("gitops")),
        ignores=spec.at("checks").each("ignore", _ignore),
    )


def _cluster(c: Cursor) -> Cluster:
    return Cluster(
        kubernetes_version=c.value("kubernetesVersion"),
        api_server=c.value("apiServer"),
        ca_cert_hashes=c.texts("caCertHashes"),
        service_cidrs=c.texts("serviceCIDRs"),
        node_cidrs=c.texts("nodeCIDRs"),
        pod_cidrs=c.texts("podCIDRs"),
        node_local_dns=c.value("nodeLocalDNS", None),
        cni=_cni(c.at("cni")),
    )


def _cni(c: Cursor) -> Cni:
    kind, routing, install = c.value("type"), c.value("routing"), c.value("install", "manifest")
    version = c.value("version", None)
    try:
        how = cni.install(kind, install) if routing == "bgp" else None
        workload = None if how is None else _daemon_set(c, kind, install, version)
        delivery = None if how is None else c.value("delivery", "values" if how.values else "hook")
        pools = "calicoctl" if how is not None and cni.plugin(kind).ip_pools else "none"
        recheck = c.value("recheck", _RECHECK if how is not None and _is_rewritten(how, delivery) else None)
    except HoleError:
        workload = delivery = pools = recheck = HOLE
    return Cni(
        type=kind,
        routing=routing,
        install=install,
        version=version,
        as_number=c.value("asNumber", None),
        route_reflector_selector=c.value("routeReflectorSelector", None),
        daemon_set=workload,
        delivery=delivery,
        recheck=recheck,
        exclude_also=c.each("excludeAlso", _exclude_also),
        disabled_ip_pools=HOLE if is_hole(pools) else c.value("disabledIPPools", pools),
    )


def _is_rewritten(how: cni.Install, delivery: Any) -> bool:
    """Whether the exclusion is patched into something that its owner applies anew without it."""
    return how.rewrites is not None and not is_hole(delivery) and delivery == "hook"


def _daemon_set(c: Cursor, kind: str, install: str, version: str | None) -> Workload:
    known = cni.daemon_set(kind, install, version)
    written = c.at("daemonSet")
    return Workload(
        kind=trace("DaemonSet", Origin("default", written.pointer)),
        namespace=written.value("namespace", known.namespace),
        name=written.value("name", known.name),
        existing_terms=_terms(c),
    )


def _terms(c: Cursor) -> Any:
    """What a workload requires of nodes today; None when the spec does not say."""
    return c.texts("existingNodeSelectorTerms", None)


def _exclude_also(c: Cursor) -> Workload:
    return Workload(c.value("kind"), c.value("namespace"), c.value("name"), _terms(c))


def _alibaba_cloud(c: Cursor) -> AlibabaCloud:
    vpc = c.at("vpc")
    return AlibabaCloud(
        region=c.value("region"),
        account_id=c.value("accountID"),
        registered_cluster_id=c.value("registeredClusterID"),
        resource_group_id=c.value("resourceGroupID", None),
        vpc=Vpc(
            id=vpc.value("id"),
            cidrs=vpc.texts("cidrs"),
            node_vswitches=vpc.each("nodeVSwitches", _vswitch),
            pod_vswitches=vpc.each("podVSwitches", _vswitch),
            security_groups=vpc.texts("securityGroups"),
        ),
        instance_types=c.named("instanceTypes", _instance_type),
        terraform=c.value("terraform", False),
    )


def _vswitch(c: Cursor) -> VSwitch:
    return VSwitch(c.value("id"), c.value("zone"), c.value("cidr"), c.value("ipv6CIDR", None))


def _instance_type(c: Cursor) -> InstanceType:
    return InstanceType(c.value("enis"), c.value("ipsPerENI"), c.value("ipv6PerENI", None), c.value("arch", "amd64"))


def _addon(c: Cursor) -> Addon:
    return Addon(c.value("name"), c.value("version", None), c.value("config", None))


def _terway(c: Cursor, cloud: AlibabaCloud) -> Terway:
    return Terway(
        version=c.value("version"),
        install=c.value("install", "addon"),
        chart=c.optional("chart", lambda x: Chart(x.value("repository"), x.value("path"), x.value("revision"))),
        pool_size=_pool_size(c.at("poolSize")),
        ip_stack=c.value("ipStack", "ipv4"),
        vswitch_selection=c.value("vSwitchSelection", "ordered"),
        datapath=c.value("datapath", "veth"),
        security_groups=c.texts("securityGroups", cloud.vpc.security_groups),
        eni_tags=_eni_tags(c.map("eniTags"), cloud),
        credentials=c.value("credentials", "addonSecret"),
        dynamic_configs=c.named("dynamicConfigs", lambda x: _dynamic_config(x, cloud)),
        cni_chain=c.texts("cniChain"),
        extra_eni_conf=c.map("extraEniConf"),
        extra_cni_conf=c.map("extraCniConf"),
    )


def _pool_size(c: Cursor) -> PoolSize:
    return PoolSize(c.value("min", 0), c.value("max", 5))


def _dynamic_config(c: Cursor, cloud: AlibabaCloud) -> DynamicConfig:
    tags = c.map("eniTags") if c.has("eniTags") else None
    return DynamicConfig(
        pool_size=c.optional("poolSize", _pool_size),
        security_groups=c.texts("securityGroups", None),
        vswitch_selection=c.value("vSwitchSelection", None),
        eni_tags=None if tags is None else _eni_tags(tags, cloud),
        extra_eni_conf=c.map("extraEniConf"),
    )


def _eni_tags(tags: Any, cloud: AlibabaCloud) -> Any:
    """The tags of ENIs: the cluster's own is always there (ACK's add-on template sets it), and always right."""
    if is_hole(tags) or is_hole(cloud.registered_cluster_id):
        return HOLE
    return {ack.CLUSTER_TAG: cloud.registered_cluster_id} | {
        key: value for key, value in tags.items() if key != ack.CLUSTER_TAG
    }


def _ram(c: Cursor) -> Ram:
    return Ram(
        user=c.value("user", None),
        role=c.value("role", None),
        profile=c.value("profile", "documented"),
        scope=c.value("scope", "account"),
        name_prefix=c.value("namePrefix", "hybridc"),
    )


def _node_pool(c: Cursor, vpc: Vpc) -> NodePool:
    size, disk, image = c.at("size"), c.at("systemDisk"), c.at("image")
    typed = image.value("type", None) if image.has("id") else image.value("type", "AliyunLinux3")
    return NodePool(
        name=c.value("name"),
        vswitches=c.texts("vSwitches"),
        security_groups=c.texts("securityGroups", vpc.security_groups),
        instance_types=c.texts("instanceTypes"),
        image=Image(typed, image.value("id", None)),
        key_pair=c.value("keyPair"),
        auto_scaling=c.value("autoScaling", False),
        size=Size(size.value("desired", 0), size.value("min", 0), size.value("max", None)),
        system_disk=Disk(disk.value("category", "cloud_essd"), disk.value("sizeGiB", 120)),
        data_disks=c.each("dataDisks", _data_disk),
        spot=c.optional("spot", lambda x: Spot(x.value("strategy"), x.texts("limits"))),
        labels=c.map("labels"),
        taints=c.texts("taints"),
        tags=c.map("tags"),
        terway_config=c.value("terwayConfig", None),
        extra=c.map("extra"),
    )


def _data_disk(c: Cursor) -> DataDisk:
    return DataDisk(c.value("category"), c.value("sizeGiB"), c.value("mount", None))


def _gitops(c: Cursor) -> GitOps:
    to = c.at("destination")
    server = to.value("server", None) if to.has("name") else to.value("server", argocd.IN_CLUSTER)
    return GitOps(
        engine=c.value("engine", "argocd"),
        format=c.value("format", "kustomize"),
        repo_url=c.value("repoURL"),
        revision=c.value("revision", "main"),
        path_prefix=c.value("pathPrefix", None),
        project=c.value("project", "hybrid"),
        destination=Destination(server, to.value("name", None)),
        argocd_namespace=c.value("argocdNamespace", "argocd"),
        auto_sync=c.value("autoSync", True),
        job_image=c.value("jobImage", argocd.JOB_IMAGE),
        job_tolerations=c.texts("jobTolerations", _job_tolerations(c)),
        image_pull_secrets=c.texts("imagePullSecrets"),
    )


def _job_tolerations(c: Cursor) -> tuple[dict[str, Any], ...]:
    default = Origin("default", f"{c.pointer}/jobTolerations")
    return tuple({key: trace(text, default) for key, text in item.items()} for item in argocd.JOB_TOLERATIONS)


def _ignore(c: Cursor) -> Ignore:
    at = c.value("at", None)
    pointer = "" if not c.has("at") else None if is_hole(at) else c.pointer_of(str(at))
    return Ignore(c.value("code"), c.value("reason"), c.value("until", None), at, pointer)
