"""INIT: operating systems, packages and images of a node."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybridc.catalog import ack, containerd, instance_types, joins, kubernetes, network, numbers, systems
from hybridc.diagnostic import ERROR, WARNING
from hybridc.rules.node.quota import image_systems
from hybridc.rules.partial import members
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec
from hybridc.spec.node_model import Packages
from hybridc.spec.origin import written

_LEGACY_REPOSITORY = re.compile(r"/kubernetes/(?:yum|apt)\b|packages\.cloud\.google\.com|apt\.kubernetes\.io")
_MINOR_OF_URL = re.compile(r"/v1\.([0-9]{1,2})(?:/|\Z)")
_OPTIMIZED = "ContainerOptimized"
_LAST_LEGACY = (1, 28, 2)


@rule("INIT004")
def cgroup_v1(spec: Spec) -> Findings:
    """The nodes boot with cgroup v1, which Kubernetes 1.35 and later refuse.

    The kubelet does not start (`failCgroupV1` is true by default) and kubeadm's preflight fails. Plain Alibaba Cloud
    Linux 3, Anolis 8 and the EL 8 family are cgroup v1; the container-optimized images and everything newer are v2:
    with them in every pool `os: alinux3` is fine, and the node script looks at each node. `nodeInit.allowCgroupV1`
    takes that look away, and asks for `failCgroupV1: false` in the cluster's kubelet-config.

    Fails::
        cluster: {kubernetesVersion: 1.35.1}
        nodeInit: {os: alinux3}
    Passes::
        cluster: {kubernetesVersion: 1.35.1}
        nodeInit: {os: alinux3}
        nodePools: [{image: {type: AliyunLinux3ContainerOptimized}}]

    Source: KEP-5573; kubeadm 1.36.2, seen running; Alibaba Cloud "Migrate nodes to cgroup v2".
    """
    init = spec.node_init
    if init.mode != "script" or init.allow_cgroup_v1 or kubernetes.release(spec.cluster.minor).cgroup_v1:
        return
    kubelet = kubernetes.told(spec.cluster.kubernetes_version)
    advice = (
        "use AliyunLinux3ContainerOptimized in every pool, or an image (by its id) of a system such as ubuntu-24.04"
    )
    if init.os != systems.AUTO.id:
        optimized = [str(pool.image.type).endswith(_OPTIMIZED) for pool in spec.node_pools]
        if systems.system(init.os).cgroup == 1 and not (optimized and all(optimized)):
            yield finding(init.os, f"{init.os} boots with cgroup v1, {kubelet} refuses it", advice)
        return
    for pool in spec.node_pools:
        image = pool.image.type
        if is_hole(image) or image is None:
            continue
        boots = image_systems(image)
        if image in ack.LEGACY_IMAGES or (boots and all(entry.cgroup == 1 for entry in boots)):
            yield finding(image, f"{image} boots with cgroup v1, {kubelet} refuses it", advice)


@rule("INIT005")
def containerd_line(spec: Spec) -> Findings:
    """A containerd that cannot serve this Kubernetes, or that gets no more fixes.

    A kubelet from 1.26 on wants CRI v1 (containerd 1.6), one from 1.38 on wants to be told its cgroup driver
    (containerd 2.0; kubeadm warns from 1.35 on). A line that has ended is a warning.

    Fails::
        cluster: {kubernetesVersion: 1.34.2}
        nodeInit: {containerd: {version: "1.5"}}
    Passes::
        cluster: {kubernetesVersion: 1.34.2}
        nodeInit: {containerd: {version: "2.3"}}

    Source: containerd RELEASES.md, 2026-08; KEP-4033.
    """
    init, minor = spec.node_init, spec.cluster.minor
    version = init.containerd.version
    if init.mode != "script" or joins.join(init.join.method).agent or not written(version):
        return
    refused, last = containerd.cannot_serve(version, minor), containerd.ended(version)
    advice = f'use the default, "{kubernetes.default_containerd(minor, init.os)}"'
    kubelet = kubernetes.told(spec.cluster.kubernetes_version)
    if refused is not None:
        yield finding(version, f"containerd {version} cannot serve {kubelet}: {refused}", advice)
    elif containerd.warns(version, minor):
        yield finding(version, f"containerd {version} serves {kubelet}, and 1.38 will refuse it", advice, WARNING)
    elif last is not None:
        yield finding(version, f"containerd {version} had its last release in {last}", advice, WARNING)


@rule("INIT018")
def repository_without_version(spec: Spec) -> Findings:
    """A Kubernetes repository that does not hold this version.

    The legacy repositories ended with 1.28.2, and the new ones hold one minor each: the install step of every node
    fails with "no package".

    Fails::
        cluster: {kubernetesVersion: 1.34.2}
        nodeInit:
          packages:
            repositories:
              - name: kubernetes
                family: rpm
                url: https://repo.idc.example.com/k8s/v1.33/rpm/
                keyURL: https://repo.idc.example.com/k8s/repomd.xml.key
    Passes::
        cluster: {kubernetesVersion: 1.34.2}
        nodeInit:
          packages:
            repositories:
              - name: kubernetes
                family: rpm
                url: https://repo.idc.example.com/k8s/v1.34/rpm/
                keyURL: https://repo.idc.example.com/k8s/repomd.xml.key

    Source: kubernetes.io, "pkgs.k8s.io: introducing Kubernetes community-owned package repositories".
    """
    version = spec.cluster.kubernetes_version
    for repository in spec.node_init.packages.repositories:
        if is_hole(repository.url) or repository.name != "kubernetes":
            continue
        minor = _MINOR_OF_URL.search(repository.url)
        if _LEGACY_REPOSITORY.search(repository.url) and numbers(version) > _LAST_LEGACY:
            advice = f"use the repository of the minor: …/core/stable/v1.{spec.cluster.minor}/{repository.family}/"
            yield finding(repository.url, f"the legacy repositories ended with 1.28.2, not with {version}", advice)
        elif minor and int(minor[1]) != spec.cluster.minor:
            advice = f"use the repository of v1.{spec.cluster.minor}: each holds one minor"
            yield finding(repository.url, f"the repository of v1.{minor[1]} has no {version}", advice)


@rule("INIT019")
def key_over_http(spec: Spec) -> Findings:
    """The key that signs a package repository comes over plain http.

    Whoever answers for that host chooses the key, and with it what every node installs as root. The keys of the
    built-in mirrors are pinned by their fingerprint; one of your own is not.

    Fails::
        nodeInit:
          packages:
            repositories:
              - name: kubernetes
                family: rpm
                url: https://repo.idc.example.com/k8s/v1.34/rpm/
                keyURL: http://repo.idc.example.com/k8s/repomd.xml.key
    Passes::
        nodeInit:
          packages:
            repositories:
              - name: kubernetes
                family: rpm
                url: https://repo.idc.example.com/k8s/v1.34/rpm/
                keyURL: https://repo.idc.example.com/k8s/repomd.xml.key

    Source: dnf gpgkey, apt signed-by.
    """
    for repository in spec.node_init.packages.repositories:
        if not is_hole(repository.key_url) and repository.key_url.startswith("http:"):
            yield finding(repository.key_url, "the signing key comes over plain http", "serve it over https")


@rule("INIT020")
def source_on_the_internet(spec: Spec) -> Findings:
    """Nodes install from the internet, and nothing says that they reach it.

    An ECS instance has no way out without a NAT gateway or a public address, and neither is a field here. Packages or
    the pause image then time out, and no node joins. With a proxy in the spec nothing is said.

    Fails::
        nodeInit: {packages: {mirror: upstream}}
    Passes::
        nodeInit: {packages: {mirror: vpc}}

    Source: ACK One "Create a custom script for a node pool"; mirrors.cloud.aliyuncs.com answers inside a VPC.
    """
    init = spec.node_init
    if init.mode != "script" or is_hole(init.proxy) or init.proxy is not None:
        return
    advice = "if the VPC has a NAT gateway, say so in checks.ignore; else "
    if init.packages.source == "repo":
        yield from _packages_on_the_internet(init.packages, init.join.method, advice)
    image = init.containerd.sandbox_image
    host = image.partition("/")[0]
    if (
        host in network.PUBLIC_REGISTRIES
        and host not in init.registry_mirrors
        and "_default" not in init.registry_mirrors
    ):
        message = f"nodes pull the pause image from {host}, which a VPC without internet does not reach"
        yield finding(image, message, advice + "use the default, or a registryMirrors entry")


def _packages_on_the_internet(packages: Packages, method: str, advice: str) -> Findings:
    if joins.join(method).agent:
        where = joins.join(method).release_host(upstream=packages.mirror == "upstream")
        message = f"nodes download {method} from {where}, which a VPC without internet does not reach"
        yield finding(packages.source, message, advice + "use packages.source tarball or preinstalled")
    elif packages.mirror != "vpc" and packages.repositories.whole and len({e.name for e in packages.repositories}) < 2:
        host = " and ".join(kubernetes.mirror_hosts(packages.mirror))
        message = f"nodes install from {host}, which a VPC without internet does not reach"
        yield finding(packages.mirror, message, advice + "use mirror: vpc")


@rule("INIT021")
def frozen_registry(spec: Spec) -> Findings:
    """An image from k8s.gcr.io.

    It is frozen since 2023-04-03 and may vanish; nothing newer than pause 3.9 is there.

    Fails::
        nodeInit: {containerd: {sandboxImage: "k8s.gcr.io/pause:3.9"}}
    Passes::
        nodeInit: {containerd: {sandboxImage: "registry.k8s.io/pause:3.10"}}

    Source: kubernetes.io, "k8s.gcr.io image registry will be frozen".
    """
    init = spec.node_init
    for value in (init.containerd.sandbox_image, *_mirror_urls(spec)):
        if not is_hole(value) and re.sub("^https?://", "", value).partition("/")[0] == network.FROZEN_REGISTRY:
            message = f"{network.FROZEN_REGISTRY} is frozen since {network.FROZEN_SINCE}"
            yield finding(value, message, "use registry.k8s.io or a mirror of it")


def _mirror_urls(spec: Spec) -> Iterator[str]:
    for _, entries in members(spec.node_init.registry_mirrors):
        yield from (entry.url for entry in entries)


@rule("INIT033")
def ended_system(spec: Spec) -> Findings:
    """A pool boots CentOS 7 or Alibaba Cloud Linux 2.

    CentOS 7 ended on 2024-06-30: its packages for Kubernetes and containerd stop there, its kernel is 3.10. No node
    script is written for either. From Kubernetes 1.35 on they cannot run a kubelet at all (INIT004), which is an error.

    Fails::
        cluster: {kubernetesVersion: 1.28.15}
        terway: {version: 1.8.18}
        nodePools: [{image: {type: CentOS}}]
    Passes::
        cluster: {kubernetesVersion: 1.28.15}
        terway: {version: 1.8.18}
        nodePools: [{image: {type: AliyunLinux3}}]

    Source: CentOS; Alibaba Cloud image types.
    """
    if spec.node_init.mode != "script" or (spec.node_init.os == systems.AUTO.id and _refuses_cgroup_v1(spec)):
        return
    for pool in spec.node_pools:
        if is_hole(pool.image.type) or pool.image.type not in ack.LEGACY_IMAGES:
            continue
        name = ack.LEGACY_IMAGES[pool.image.type]
        severity = ERROR if _refuses_cgroup_v1(spec) else WARNING
        yield finding(
            pool.image.type,
            f"image {pool.image.type} is {name}, which no node script is written for",
            "use AliyunLinux3, or the id of an image",
            severity,
        )


def _refuses_cgroup_v1(spec: Spec) -> bool:
    return not kubernetes.release(spec.cluster.minor).cgroup_v1 and not spec.node_init.allow_cgroup_v1


@rule("INIT036")
def gpu(spec: Spec) -> Findings:
    """A GPU instance type, and nothing in the spec installs its driver.

    The node joins and offers no GPU: pods that ask for one stay pending. Install driver and container toolkit in
    `nodeInit.hooks.pre` or `hooks.preJoin`, or use an image that has them. The runtime is a field,
    `containerd.runtimes`: the script writes containerd's configuration whole, and what a tool has written into it
    before is gone.

    Fails::
        nodePools: [{instanceTypes: [ecs.gn7i-c8g1.2xlarge]}]
    Passes::
        nodePools: [{instanceTypes: [ecs.gn7i-c8g1.2xlarge]}]
        nodeInit:
          hooks: {pre: "/opt/gpu/install.sh"}
          containerd:
            runtimes: [{name: nvidia, binary: /usr/bin/nvidia-container-runtime, default: true}]

    Source: ACK One "Create a custom script for a node pool": GPU nodes need a script of their own.
    """
    init = spec.node_init
    if init.mode != "script" or init.hooks.pre is not None or init.hooks.pre_join is not None:
        return
    for pool in spec.node_pools:
        if is_hole(pool.image.id) or pool.image.id is not None:
            continue
        for instance_type in pool.instance_types:
            if instance_types.has_gpus(instance_type):
                message = f"{instance_type} has GPUs, and nothing installs their driver"
                yield finding(instance_type, message, "install it in nodeInit.hooks.pre, or use an image that has it")


@rule("INIT049")
def two_runtimes(spec: Spec) -> Findings:
    """Two runtimes of one name (runc is always there), or two that are the default.

    containerd does not read a table that stands twice, and has one default: no node of the cluster would join.

    Fails::
        nodeInit:
          containerd:
            runtimes: [{name: nvidia, binary: /usr/bin/nvidia-container-runtime}, {name: nvidia, binary: /opt/nvidia}]
    Passes::
        nodeInit:
          containerd:
            runtimes: [{name: nvidia, binary: /usr/bin/nvidia-container-runtime, default: true}]

    Source: containerd, docs/cri/config.md; TOML 1.0: a table is defined once.
    """
    names = {"runc"}
    default = ""
    for runtime in spec.node_init.containerd.runtimes:
        if str(runtime.name) in names:
            yield finding(runtime.name, f"there is a runtime {runtime.name} already", "remove one")
        names.add(str(runtime.name))
        if runtime.default and default:
            yield finding(runtime.default, f"{default} is the default already", "leave default out here, or there")
        default = default or (str(runtime.name) if runtime.default else "")
