"""VER: versions that do not fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from hybridc.catalog import cni as catalog
from hybridc.catalog import kubernetes, numbers, systems
from hybridc.catalog import terway as facts
from hybridc.diagnostic import WARNING
from hybridc.rules.node.quota import image_systems
from hybridc.rules.rule import TERWAY, Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec, Terway


@rule("VER001", over=TERWAY)
def terway_needs_newer_kubernetes(spec: Spec, terway: Terway) -> Findings:
    """Terway needs a newer Kubernetes, or is older than 1.1.0.

    Terway's release notes name the oldest Kubernetes of each line; an older API server lacks what it watches, and no
    cloud pod gets an address.

    Fails::
        cluster: {kubernetesVersion: 1.24.3}
        terway: {version: 1.16.8}
    Passes::
        cluster: {kubernetesVersion: 1.24.3}
        terway: {version: 1.8.18}

    Source: Terway release notes; maintained pairs: 1.24 to 1.28 with 1.8.17, 1.30 with 1.9.14, 1.31+ with 1.13.6.
    """
    if spec.cluster.minor < kubernetes.known_minors()[0]:
        return  # VER006 says it
    oldest = facts.oldest_minor(terway.release)
    advice = f"use Terway {facts.maintained(spec.cluster.minor)}"
    if oldest is None:
        yield finding(terway.version, f"Terway {terway.version} is too old", advice)
    elif spec.cluster.minor < oldest:
        yield finding(
            terway.version,
            f"{facts.told(terway.version)} needs Kubernetes 1.{oldest} or later, the cluster has "
            f"{spec.cluster.kubernetes_version}",
            advice,
        )


@rule("VER002", over=TERWAY)
def dropped_system(spec: Spec, terway: Terway) -> Findings:
    """A node pool boots an image that this Terway no longer supports.

    CentOS and Alibaba Cloud Linux 2 were dropped in 1.9.2: the node joins, and no pod on it gets an address.

    Fails::
        terway: {version: 1.16.8}
        nodePools: [{image: {type: CentOS}}]
    Passes::
        terway: {version: 1.16.8}
        nodePools: [{image: {type: AliyunLinux3}}]

    Source: Terway release notes 1.9.2.
    """
    since = facts.DROPPED_SINCE
    if terway.release < facts.release(since):
        return
    for pool in spec.node_pools:
        image = pool.image.type
        if image is not None and not is_hole(image) and image in facts.DROPPED_IMAGE_TYPES:
            yield finding(
                image,
                f'pool "{pool.name}": {facts.told(terway.version)} does not support {image} (dropped in {since})',
                "use AliyunLinux3 or Ubuntu",
            )


@rule("VER003", over=TERWAY)
def old_kernel(spec: Spec, terway: Terway) -> Findings:
    """Terway 1.14.0 or later on a kernel older than 5.10.

    Terway's init container ends with `unsupport kernel version`: the node joins and stays without a network. The
    kernel is that of the system's stock image; with a custom image and a newer kernel, accept it in `checks.ignore`.

    Fails::
        terway: {version: 1.16.8}
        nodeInit: {os: rhel-8}     # 4.18
        nodePools: [{image: {type: null, id: m-uf6a1b2c3d4e5f6}}]
    Passes::
        terway: {version: 1.16.8}
        nodeInit: {os: rhel-9}     # 5.14
        nodePools: [{image: {type: null, id: m-uf6a1b2c3d4e5f6}}]

    Source: Terway hack/init.sh, first in v1.14.0.
    """
    since, least = facts.KERNEL_SINCE, facts.KERNEL
    if terway.release < facts.release(since):
        return
    for value, system in _systems(spec):
        if system.kernel is not None and numbers(system.kernel) < numbers(least):
            yield finding(
                value,
                f"{facts.told(terway.version)} needs kernel {least} or later, {value} boots {system.kernel}",
                f"use a newer system, or a Terway before {since}",
            )


def _systems(spec: Spec) -> Iterator[tuple[str, systems.System]]:
    """``(value of the spec, system)`` where the spec leaves no doubt about the system."""
    if not is_hole(spec.node_init.os) and spec.node_init.mode == "script":
        yield spec.node_init.os, systems.system(spec.node_init.os)
    for pool in spec.node_pools:
        image = pool.image.type
        booted = () if image is None or is_hole(image) else image_systems(image)
        if image is not None and len(booted) == 1 and booted[0].id != spec.node_init.os:
            yield image, booted[0]


@rule("VER004")
def old_operator(spec: Spec) -> Findings:
    """A Tigera operator that cannot keep calico-node off cloud nodes.

    `Installation.spec.calicoNodeDaemonSet` exists since operator 1.27.17, that is Calico 3.24 (and late 3.23: a
    warning, since `cni.version` does not tell the operator's patch). An older one drops the field in silence, and
    calico-node takes every cloud node.

    Fails::
        cluster: {cni: {type: calico, routing: bgp, install: operator, version: 3.22.1}}
    Passes::
        cluster: {cni: {type: calico, routing: bgp, install: operator, version: 3.31.2}}

    Source: tigera/operator tags, measured.
    """
    version, places = _operated_calico(spec)
    main = next((place for place in places if place.main), None)
    if version is None or main is None or main.known_to(version):
        return
    maybe = main.since_perhaps is not None and not catalog.older(version, main.since_perhaps)
    yield finding(
        version,
        f"the Tigera operator of Calico {version} {'may have' if maybe else 'has'} no calicoNodeDaemonSet field",
        "upgrade Calico to 3.24 or later first" + (", or check for operator 1.27.17" if maybe else ""),
        WARNING if maybe else None,
    )


@rule("VER005")
def no_csi_field(spec: Spec) -> Findings:
    """A Tigera operator that cannot keep csi-node-driver off cloud nodes.

    `Installation.spec.csiNodeDriverDaemonSet` exists since operator 1.30.0 (Calico 3.26); hybridc leaves it out for an
    older one, and csi-node-driver starts on cloud nodes. It does no harm but errors in its log.

    Fails::
        cluster: {cni: {type: calico, routing: bgp, install: operator, version: 3.24.5}}
    Passes::
        cluster: {cni: {type: calico, routing: bgp, install: operator, version: 3.31.2}}

    Source: tigera/operator tags.
    """
    version, places = _operated_calico(spec)
    if version is None or not all(place.known_to(version) for place in places if place.main):
        return  # VER004 says it
    if not all(place.known_to(version) for place in places):
        yield finding(
            version,
            f"the Tigera operator of Calico {version} has no csiNodeDriverDaemonSet field",
            "csi-node-driver will run on cloud nodes: upgrade Calico to 3.26 or later, or accept it in checks.ignore",
        )


def _operated_calico(spec: Spec) -> tuple[str | None, tuple[catalog.Place, ...]]:
    """The version of a Calico that the Tigera operator runs, when it is known, and the operator's fields."""
    cni = spec.cluster.cni
    how = None if cni.routing != "bgp" else catalog.install(cni.type, cni.install)
    return (None, ()) if how is None or how.reverts is None else (cni.version, how.values)


@rule("VER006")
def kubernetes_out_of_range(spec: Spec) -> Findings:
    """A Kubernetes that this release of hybridc does not know.

    Below 1.24 nothing here was tested: an error. A newer minor than the catalog's newest gets the facts of the newest
    known one: a warning.

    Fails::
        cluster: {kubernetesVersion: 1.22.17}
    Passes::
        cluster: {kubernetesVersion: 1.34.2}

    Source: catalog/kubernetes.toml.
    """
    minors = kubernetes.known_minors()
    version = spec.cluster.kubernetes_version
    if spec.cluster.minor < minors[0]:
        yield finding(
            version,
            f"Kubernetes {version} is older than 1.{minors[0]}, the oldest supported",
            "upgrade the cluster first",
        )
    elif spec.cluster.minor > minors[-1]:
        yield finding(
            version,
            f"Kubernetes {version} is newer than 1.{minors[-1]}, the newest that this hybridc knows",
            f"the facts of 1.{minors[-1]} are used; look for a newer hybridc",
            WARNING,
        )


@rule("VER007", over=TERWAY)
def unknown_terway(_: Spec, terway: Terway) -> Findings:
    """A Terway that this release of hybridc does not know.

    It is newer than the newest known one, whose keys and actions are used, or it is a number between two releases that
    was never published (a typo, or a build of somebody's own). A build suffix does not matter.

    Fails::
        terway: {version: 1.16.77}
    Passes::
        terway: {version: 1.16.8}

    Source: catalog/terway.toml.
    """
    if facts.oldest_minor(terway.release) is None:
        return
    if terway.release > facts.release(facts.NEWEST):
        message = f"Terway {terway.version} is newer than {facts.NEWEST}, the newest that this hybridc knows"
        yield finding(terway.version, message, "check the version on the add-on's page")
    elif not facts.is_release(terway.release):
        message = f"there is no Terway {terway.version}, as far as this hybridc knows"
        near = facts.nearest_release(terway.release)
        yield finding(terway.version, message, f"the release before it is {near}; check the add-on's page")


@rule("VER008")
def bgp_export_of_pools(spec: Spec) -> Findings:
    """A Calico that cannot keep the disabled IPPools out of BGP.

    `disableBGPExport` exists since Calico 3.21; hybridc leaves it out for an older one, and BIRD announces the cloud's
    own ranges to the VBR, which then has two ways to its vSwitches.

    Fails::
        cluster: {cni: {type: calico, routing: bgp, version: 3.20.6}}
    Passes::
        cluster: {cni: {type: calico, routing: bgp, version: 3.31.2}}

    Source: projectcalico/calico pull request 5025.
    """
    cni = spec.cluster.cni
    since = catalog.DISABLE_BGP_EXPORT
    if cni.version is None or cni.disabled_ip_pools == "none" or not catalog.older(cni.version, since):
        return
    yield finding(
        cni.version,
        f"Calico {cni.version} has no disableBGPExport: it would announce the vSwitches' ranges over BGP",
        f"upgrade Calico to {since} or later, or filter them at the IDC router",
    )


@rule("VER009", over=TERWAY)
def no_datapathv2(spec: Spec, terway: Terway) -> Findings:
    """A Terway that does not know the datapath datapathv2.

    It came with 1.8.0. An older Terway takes any name but ipvlan for veth, without a word: what was to be faster is
    not, and the next upgrade gives new nodes another datapath than old ones.

    Fails::
        cluster: {kubernetesVersion: 1.24.3}
        terway: {version: 1.7.2, datapath: datapathv2}
    Passes::
        cluster: {kubernetesVersion: 1.24.3}
        terway: {version: 1.8.18, datapath: datapathv2}

    Source: Terway release notes 1.8.0; plugin/terway/cni.go before it compares with ipvlan alone.
    """
    if terway.datapath != "datapathv2":
        return
    if terway.release < facts.release(facts.DATAPATHV2_SINCE):
        yield finding(
            terway.datapath,
            f"{facts.told(terway.version)} does not know datapathv2 (new in {facts.DATAPATHV2_SINCE}): it uses veth",
            f"use datapath: veth, or Terway {facts.maintained(spec.cluster.minor)}",
        )


@rule("VER010", over=TERWAY)
def chart_with_other_values(_: Spec, terway: Terway) -> Findings:
    """A Terway chart whose values have another layout than the ones that hybridc writes.

    Up to 1.12.1 the chart's values are flat, from 1.13.2 on they stand below `terway:`. An older chart ignores the
    latter and runs the image that it was made with: at tag v1.8.18 that is Terway 1.6.0, which reads no Secret.

    Fails::
        cluster: {kubernetesVersion: 1.30.1}
        terway:
          version: 1.9.17
          install: chart
          chart: {repository: "https://git.example.com/terway.git", path: charts/terway, revision: v1.9.17}
    Passes::
        terway:
          version: 1.16.6
          install: chart
          chart: {repository: "https://git.example.com/terway.git", path: charts/terway, revision: v1.16.6}

    Source: charts/terway at the tags of AliyunContainerService/terway, inflated at v1.8.18, v1.12.1 and v1.16.6.
    """
    if terway.install != "chart":
        return
    since = facts.NESTED_VALUES_SINCE
    if terway.release < facts.release(since):
        yield finding(
            terway.version,
            f"the values of Terway's chart are other ones before {since}: it would run an older image",
            f"use {since} or later, or install: addon",
        )


@rule("VER011", over=TERWAY)
def no_such_tag(_: Spec, terway: Terway) -> Findings:
    """A revision of Terway's chart that its repository has no tag of.

    Some versions are of the managed add-on only: the source was never tagged, and `git clone --branch` fails.

    Fails::
        terway:
          install: chart
          chart:
            repository: https://github.com/AliyunContainerService/terway
            path: charts/terway
            revision: v1.16.8
    Passes::
        terway:
          version: 1.16.6
          install: chart
          chart:
            repository: https://github.com/AliyunContainerService/terway
            path: charts/terway
            revision: v1.16.6

    Source: git tag of AliyunContainerService/terway, 2026-07.
    """
    chart = terway.chart
    if chart is None:
        return
    upstream = chart.repository.lower().removesuffix(".git").endswith(facts.CHART_REPOSITORY)
    if upstream and chart.revision.removeprefix("v") in facts.UNTAGGED:
        yield finding(
            chart.revision,
            f"{chart.repository} has no tag {chart.revision}: that version is the managed add-on's alone",
            "use a tag such as v1.16.6, or install: addon",
        )
