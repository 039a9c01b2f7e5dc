"""The model of a hybrid cluster: frozen, typed, complete.

Attributes follow the fields of hybrid.yaml in snake_case; SPEC and schema say what each means. ``None`` means
that the field is absent and nothing is emitted for it. Scalars carry their origin (:mod:`hybridc.spec.origin`).
CIDRs are strings in canonical form; lists are :class:`~hybridc.spec.items.Items`; nodeSelectorTerms and pass-throughs
stay plain data.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hybridc.spec import choices
from hybridc.spec.items import Items
from hybridc.spec.node_model import NodeInit

Term = dict[str, Any]
Data = dict[str, Any]


class Workload(NamedTuple):
    """A workload in the IDC that must stay off cloud nodes; ``existing_terms`` is None when unknown."""

    kind: choices.WorkloadKind
    namespace: str
    name: str
    existing_terms: Items[Term] | None


class Cni(NamedTuple):
    type: choices.CniType
    routing: choices.Scenario
    install: choices.CniInstall
    version: str | None
    as_number: int | None
    route_reflector_selector: str | None
    daemon_set: Workload | None
    delivery: choices.Delivery | None
    recheck: str | None
    exclude_also: Items[Workload]
    disabled_ip_pools: choices.IPPoolDelivery


class Cluster(NamedTuple):
    kubernetes_version: str
    api_server: str
    ca_cert_hashes: Items[str]
    service_cidrs: Items[str]
    node_cidrs: Items[str]
    pod_cidrs: Items[str]
    node_local_dns: str | None
    cni: Cni

    @property
    def minor(self) -> int:
        """The minor version as a number: 34 for 1.34.2."""
        return int(self.kubernetes_version.split(".")[1])


class VSwitch(NamedTuple):
    id: str
    zone: str
    cidr: str
    ipv6_cidr: str | None


class Vpc(NamedTuple):
    id: str
    cidrs: Items[str]
    node_vswitches: Items[VSwitch]
    pod_vswitches: Items[VSwitch]
    security_groups: Items[str]


class InstanceType(NamedTuple):
    """ENI quota of an instance type, as the spec states it."""

    enis: int
    ips_per_eni: int
    ipv6_per_eni: int | None
    arch: choices.Architecture

    @property
    def pods(self) -> int:
        """Pods with an address of their own: every interface but the first one serves pods."""
        return (self.enis - 1) * self.ips_per_eni


class AlibabaCloud(NamedTuple):
    region: str
    account_id: str
    registered_cluster_id: str
    resource_group_id: str | None
    vpc: Vpc
    instance_types: dict[str, InstanceType]
    terraform: bool


class Addon(NamedTuple):
    name: str
    version: str | None
    config: Data | None


class PoolSize(NamedTuple):
    """Addresses kept warm on a node."""

    min: int
    max: int


class DynamicConfig(NamedTuple):
    """An overlay of eni_conf for the pools that name it; ``None`` leaves the cluster's own value."""

    pool_size: PoolSize | None
    security_groups: Items[str] | None
    vswitch_selection: choices.VSwitchSelection | None
    eni_tags: dict[str, str] | None
    extra_eni_conf: Data


class Chart(NamedTuple):
    repository: str
    path: str
    revision: str


class Terway(NamedTuple):
    version: str
    install: choices.TerwayInstall
    chart: Chart | None
    pool_size: PoolSize
    ip_stack: choices.IPStack
    vswitch_selection: choices.VSwitchSelection
    datapath: choices.Datapath
    security_groups: Items[str]
    eni_tags: dict[str, str]
    credentials: choices.Credentials
    dynamic_configs: dict[str, DynamicConfig]
    cni_chain: Items[Data]
    extra_eni_conf: Data
    extra_cni_conf: Data

    @property
    def release(self) -> tuple[int, int, int]:
        """The version without a build suffix, comparable: (1, 13, 2) for 1.13.2-1718bc8."""
        major, minor, patch = self.version.split("-")[0].split(".")
        return int(major), int(minor), int(patch)


class Ram(NamedTuple):
    """Exactly one of ``user`` and ``role`` is set."""

    user: str | None
    role: str | None
    profile: choices.RamProfile
    scope: choices.RamScope
    name_prefix: str


class Image(NamedTuple):
    """Exactly one of ``type`` and ``id`` is set."""

    type: str | None
    id: str | None


class Size(NamedTuple):
    """Numbers of nodes; ``max`` is None when the pool does not scale by itself."""

    desired: int
    min: int
    max: int | None

    @property
    def most(self) -> int:
        """How many nodes the pool can have."""
        return self.desired if self.max is None else self.max


class Disk(NamedTuple):
    category: choices.DiskCategory
    size_gib: int


class DataDisk(NamedTuple):
    """``mount`` is None where the node script leaves the disk alone."""

    category: choices.DiskCategory
    size_gib: int
    mount: str | None


class Spot(NamedTuple):
    strategy: choices.SpotStrategy
    limits: Items[Data]


class NodePool(NamedTuple):
    name: str
    vswitches: Items[str]
    security_groups: Items[str]
    instance_types: Items[str]
    image: Image
    key_pair: str
    auto_scaling: bool
    size: Size
    system_disk: Disk
    data_disks: Items[DataDisk]
    spot: Spot | None
    labels: dict[str, str]
    taints: Items[str]
    tags: dict[str, str]
    terway_config: str | None
    extra: Data


class Destination(NamedTuple):
    """Exactly one of ``server`` and ``name`` is set."""

    server: str | None
    name: str | None


class GitOps(NamedTuple):
    engine: choices.Engine
    format: choices.Format
    repo_url: str
    revision: str
    path_prefix: str | None
    project: str
    destination: Destination
    argocd_namespace: str
    auto_sync: bool
    job_image: str
    job_tolerations: tuple[dict[str, Any], ...]
    image_pull_secrets: tuple[str, ...]


class Ignore(NamedTuple):
    """A finding that a person accepts, with the reason and the last day (ISO date) it is accepted for.

    ``at`` is the place that this holds for, as it is written (None: everywhere); ``pointer`` is where that is ("": the
    whole file), or None when nothing is there.
    """

    code: str
    reason: str
    until: str | None
    at: str | None = None
    pointer: str | None = ""


class Spec(NamedTuple):
    name: str
    cluster: Cluster
    alibaba_cloud: AlibabaCloud
    addons: Items[Addon]
    terway: Terway | None
    ram: Ram
    node_init: NodeInit
    node_pools: Items[NodePool]
    gitops: GitOps
    ignores: Items[Ignore]
