"""The node script: ``init-node-ecs.sh``, which a new ECS instance runs as root to join the cluster.

The text is in ``chart-templates/node/``, one file a concern. Here its values are worked out: everything of the
spec is shell source already (:mod:`hybridc.lower.shell`) when a template sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from hybridc.catalog import containerd, instance_types, joins, kubernetes, systems
from hybridc.catalog.ack import EXTERNAL_LABEL, OWN_PODS
from hybridc.lower import names, node_join, node_packages, node_runtime, templates
from hybridc.lower.node_join import Identity, JoinText, TokenText
from hybridc.lower.node_packages import PackageText
from hybridc.lower.node_runtime import ContainerdText, ProxyText
from hybridc.lower.shell import Shell, bare, heredoc, quote
from hybridc.spec.model import Spec

TEMPLATE = "node/init-node-ecs.sh.j2"
"""Join methods that bring a runtime, and a kubelet, of their own."""


@dataclass(frozen=True)
class SystemText:
    """A branch of the script's look at os-release: a ``case`` pattern, the package family, the EL release."""

    pattern: Shell
    family: str
    el: int | None


@dataclass(frozen=True)
class HookText:
    """Shell text of the spec as here-documents; None where the spec has no such hook."""

    pre: Shell | None
    pre_join: Shell | None
    post: Shell | None

    @property
    def any(self) -> bool:
        return bool(self.pre or self.pre_join or self.post)


@dataclass(frozen=True)
class NodeScript:
    """Everything that the templates print or decide by. ``Shell`` fields are printed, the rest decides."""

    cluster: Shell
    kubernetes_version: Shell
    minor_version: str
    method: str
    os: str
    budget: int
    api_server: Shell
    systems: tuple[SystemText, ...]
    terway: bool
    ipv6: bool
    dual: bool
    cni: bool
    fits_kubelet: bool
    follows_driver: bool
    follows_resolver: bool
    cgroup_v1_supported: bool
    allow_cgroup_v1: bool
    hosts: Shell | None
    trusted_cas: tuple[Shell, ...]
    pool_label: str
    disks: tuple[tuple[Shell, tuple[tuple[int, Shell], ...]], ...]
    hooks: HookText
    required_label: Shell
    spec_labels: tuple[Shell, ...]
    restricted: str
    topology: bool
    max_pods: tuple[tuple[Shell, int], ...]
    identity: Identity
    packages: PackageText
    containerd: ContainerdText | None
    proxy: ProxyText | None
    token: TokenText
    join: JoinText
    argument_list: bool
    config_validate: bool


def node_script(spec: Spec) -> str:
    """The script of a cluster whose ``nodeInit.mode`` is ``script``."""
    script = node_script_values(spec)
    values = {field.name: getattr(script, field.name) for field in fields(script)}
    return templates.render(TEMPLATE, **values)


def node_script_values(spec: Spec) -> NodeScript:
    """The values of a cluster's script."""
    init = spec.node_init
    release = kubernetes.release(spec.cluster.minor)
    agent = joins.join(init.join.method).agent
    return NodeScript(
        cluster=bare(spec.name),
        kubernetes_version=bare(spec.cluster.kubernetes_version),
        minor_version=f"1.{spec.cluster.minor}",
        method=init.join.method,
        os=init.os,
        budget=init.budget_seconds,
        api_server=quote(spec.cluster.api_server),
        systems=_systems(init.os),
        terway=spec.terway is not None,
        ipv6=_ipv6(spec),
        dual=_dual(spec) and "node-ip" not in init.kubelet_extra_args,
        cni=not agent or spec.terway is not None,
        fits_kubelet=not agent and (_follows_driver(spec) or "resolv-conf" not in init.kubelet_extra_args),
        follows_driver=_follows_driver(spec),
        follows_resolver="resolv-conf" not in init.kubelet_extra_args,
        cgroup_v1_supported=release.cgroup_v1,
        allow_cgroup_v1=bool(init.allow_cgroup_v1),
        hosts=_hosts(init.hosts),
        trusted_cas=tuple(heredoc(certificate, "PEM") for certificate in init.trusted_cas),
        pool_label=names.POOL_LABEL,
        disks=_disks(spec),
        hooks=HookText(_hook(init.hooks.pre), _hook(init.hooks.pre_join), _hook(init.hooks.post)),
        required_label=quote("=".join(EXTERNAL_LABEL)),
        spec_labels=tuple(quote(f"{key}={value}") for key, value in init.labels.extra.items()),
        restricted=init.labels.restricted,
        topology=bool(init.labels.topology),
        max_pods=_max_pods(spec),
        identity=node_join.identity(init.join.method),
        packages=node_packages.packages(spec),
        containerd=None if agent else node_runtime.containerd(init),
        proxy=node_runtime.proxy(spec),
        token=node_join.token(spec),
        join=node_join.join(spec),
        argument_list=release.kubeadm_api.endswith("v1beta4"),
        config_validate=release.config_validate,
    )


def _systems(os_id: str) -> tuple[SystemText, ...]:
    """A branch for each kind of system: those of one family and EL release share theirs."""
    chosen = systems.known_systems() if os_id == systems.AUTO.id else (systems.system(os_id),)
    branches: dict[tuple[str, int | None], list[str]] = {}
    for system in chosen:
        patterns = branches.setdefault((str(system.family), system.el), [])
        patterns.extend(_pattern(text) for text in system.match)
    return tuple(SystemText(Shell(" | ".join(texts)), *kind) for kind, texts in branches.items())


def _pattern(text: str) -> str:
    """A ``case`` pattern in which a final star, and nothing else, is special."""
    return quote(text[:-1]) + "*" if text.endswith("*") else quote(text)


def _ipv6(spec: Spec) -> bool:
    """Whether pods, Services or the API server have IPv6: kubeadm's preflight and kube-proxy then want it forwarded."""
    return (
        _dual(spec)
        or spec.cluster.api_server.startswith("[")
        or any(":" in cidr for cidr in spec.cluster.service_cidrs)
    )


def _dual(spec: Spec) -> bool:
    return spec.terway is not None and spec.terway.ip_stack == "dual"


def _follows_driver(spec: Spec) -> bool:
    """Whether the runtime has to follow the kubelet's cgroup driver.

    From 1.31 on a kubelet asks a containerd of 2.0 or newer, and takes its own setting only when that cannot say
    (KEP-4033: beta and on in 1.31, GA in 1.34). Which containerd an image or a tarball has is not known.
    """
    init = spec.node_init
    asked = spec.cluster.minor >= 31 and containerd.line(init.containerd.version) >= (2, 0)
    return "cgroup-driver" not in init.kubelet_extra_args and not (asked and init.packages.source == "repo")


def _hosts(hosts: dict[str, str]) -> Shell | None:
    if not hosts:
        return None
    lines = ["# hybridc begin", *(f"{address} {name}" for name, address in hosts.items()), "# hybridc end"]
    return heredoc("\n".join(lines), "HOSTS")


def _disks(spec: Spec) -> tuple[tuple[Shell, tuple[tuple[int, Shell], ...]], ...]:
    """By pool: the sizes in GiB of the data disks that the script mounts, and where."""
    found = []
    for pool in spec.node_pools:
        mounts = [(int(disk.size_gib), quote(disk.mount)) for disk in pool.data_disks if disk.mount is not None]
        if mounts:
            found.append((quote(pool.name), tuple(mounts)))
    return tuple(found)


def _hook(text: str | None) -> Shell | None:
    return None if text is None else heredoc(text, "HOOK")


def _max_pods(spec: Spec) -> tuple[tuple[Shell, int], ...]:
    """Pods that each instance type of the cluster has room for: its pools' types, and those of the spec.

    That is the addresses of its interfaces and what surely runs beside them in the node's own network.
    Without Terway the pods' addresses do not come from network interfaces; a ``max-pods`` of the spec wins.
    """
    if spec.terway is None or "max-pods" in spec.node_init.kubelet_extra_args:
        return ()
    own = spec.alibaba_cloud.instance_types
    found: dict[str, int] = {name: quota.pods for name, quota in own.items()}
    for pool in spec.node_pools:
        for name in pool.instance_types:
            known = instance_types.find(name)
            if known is not None and known.pods is not None:
                found.setdefault(name, known.pods)
    return tuple((quote(name), found[name] + OWN_PODS) for name in sorted(found))
