"""What kubeadm gives a node that joins: ConfigMaps kubeadm-config and kubelet-config."""

from __future__ import annotations

import re
from typing import Any

from hybridc import cidr
from hybridc.catalog import kubernetes, systems
from hybridc.live.reads import Id
from hybridc.live.shapes import Data
from hybridc.live.state import State
from hybridc.live.texts import mapping
from hybridc.preflight.join import by_kubeadm
from hybridc.preflight.machines import kubelet_minor, listed, of_the_idc
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import finding
from hybridc.source.secrets import MASK
from hybridc.spec.model import Spec

_SYSTEM = "kube-system"
_JOIN = "/spec/nodeInit/join"
_DNS = ("kube-dns", "coredns")
_ALWAYS_KNOWN = ("AllAlpha", "AllBeta")
_LINK_LOCAL = ("169.254.0.0/16", "fe80::/10")
_MINOR = re.compile(r"v?1\.([0-9]{1,3})\.")


def wanted(spec: Spec) -> list[Id]:
    """What the rules here ask for by name."""
    if not by_kubeadm(spec):
        return []
    maps = [Id("ConfigMap", _SYSTEM, name) for name in ("kubeadm-config", *_kubelet_maps(spec))]
    return [*maps, *(Id("Service", _SYSTEM, name) for name in _DNS)]


def _kubelet_maps(spec: Spec) -> tuple[str, ...]:
    """Where kubeadm of this minor finds the kubelets' settings, in the order in which it asks.

    1.24 asks for the name without a version first, and then for that of 1.23 and older (kubernetes/website 33897).
    """
    return ("kubelet-config", "kubelet-config-1.24") if spec.cluster.minor <= 24 else ("kubelet-config",)


def _cluster(state: State) -> Data:
    """ClusterConfiguration; {} when it is not there or not readable, which NODE061 says."""
    return mapping((state.config_map(_SYSTEM, "kubeadm-config") or {}).get("ClusterConfiguration"))


def _kubelet(spec: Spec, state: State) -> Data:
    """KubeletConfiguration, as :func:`_cluster`."""
    found = (state.config_map(_SYSTEM, name) for name in _kubelet_maps(spec))
    return next((mapping(data.get("kubelet")) for data in found if data is not None), {})


@live("NODE061")
def nothing_to_join_with(spec: Spec, state: State) -> Findings:
    """Kubeadm's settings for a node that joins are not in the cluster.

    `kubeadm join` reads ConfigMap `kube-system/kubeadm-config` and, for the kubelet, `kubelet-config` (up to 1.24 also
    `kubelet-config-1.24`), and ends with an error where one is missing or no YAML. A cluster that was not made with
    kubeadm has neither: its nodes join with `join.method: custom`.

    Fails::
        kubectl -n kube-system delete configmap kubelet-config
    Passes::
        kubeadm init phase upload-config all

    Source: kubeadm cmd/kubeadm/app/util/config/cluster.go, componentconfigs/kubelet.go.
    """
    if not by_kubeadm(spec):
        return
    for names, key, phase in (
        (("kubeadm-config",), "ClusterConfiguration", "kubeadm"),
        (_kubelet_maps(spec), "kubelet", "kubelet"),
    ):
        # One after the other, as kubeadm asks: where the first is there, nobody has to see the second.
        texts = ((state.config_map(_SYSTEM, name) or {}).get(key, "") for name in names)
        # What was masked may be no YAML any more, and was there.
        if not any(mapping(text) or MASK in text for text in texts):
            message = f"ConfigMap {_SYSTEM}/{names[0]} is not there, or holds no settings: no node would join"
            yield finding(_JOIN, message, f"kubeadm init phase upload-config {phase}, on a control plane")


@live("VER021")
def kubeadm_cannot_read_the_cluster(spec: Spec, state: State) -> Findings:
    """Kubeadm of new nodes cannot read `kubeadm-config`.

    New nodes get the kubeadm of `kubernetesVersion`. It refuses a cluster whose `kubeadm-config` says a version more
    than one minor older ("this version of kubeadm only supports deploying clusters with the control plane version >=
    …"), also where the API server was upgraded in another way and the ConfigMap stayed behind. One before 1.31 does
    not know `kubeadm.k8s.io/v1beta4`, which a newer one has written there.

    Fails::
        kubernetesVersion: v1.30.4      # in kubeadm-config, and the spec has 1.34.2
    Passes::
        kubernetesVersion: v1.34.2

    Source: kubeadm cmd/kubeadm/app/util/config/common.go, NormalizeKubernetesVersion, which join calls; kubespray
    12880.
    """
    config = _cluster(state) if by_kubeadm(spec) else {}
    told = str(config.get("kubernetesVersion", ""))
    minor, version = _MINOR.match(told), spec.cluster.kubernetes_version
    if minor and int(minor[1]) < spec.cluster.minor - 1:
        message = (
            f"kubeadm-config says {told}, and kubeadm {version} joins no cluster older than 1.{spec.cluster.minor - 1}"
        )
        yield finding(version, message, "correct kubernetesVersion there (kubeadm upgrade does), or in hybrid.yaml")
    api, known = str(config.get("apiVersion", "")), kubernetes.join_configuration_version(spec.cluster.minor)
    if api.startswith("kubeadm.k8s.io/") and api > known:
        message = f"kubeadm-config is {api}, and kubeadm {version} reads {known} at most: no node would join"
        yield finding(version, message, "set kubernetesVersion to what the cluster runs")


@live("NODE062")
def dns_that_does_not_answer(spec: Spec, state: State) -> Findings:
    """Pods of cloud nodes ask a DNS server that is not known to be there.

    A pod's resolver is what its kubelet says: `nodeInit.kubeletExtraArgs` `cluster-dns`, else `clusterDNS` of the
    cluster's kubelet-config. A link-local address there is NodeLocal DNSCache, which `cluster.nodeLocalDNS` must name
    (with datapathv2 Terway lets pods reach no other); one in `cluster.serviceCIDRs` is the Service `kube-dns` or
    `coredns`, whose address is compared where one of them exists. Addresses of the IDC are taken as they are.

    Fails::
        clusterDNS: [172.20.0.3]      # and Service kube-dns has 172.20.0.10
    Passes::
        clusterDNS: [172.20.0.10]

    Source: kubelet --cluster-dns; kubespray's NodeLocal DNSCache listens on 169.254.25.10.
    """
    if not by_kubeadm(spec):
        return
    flag = spec.node_init.kubelet_extra_args.get("cluster-dns")
    config = _kubelet(spec, state)
    where = "nodeInit.kubeletExtraArgs" if flag is not None else "ConfigMap kube-system/kubelet-config"
    servers = str(flag).split(",") if flag is not None else config.get("clusterDNS") or []
    known = _services(state)
    if not servers and config:
        yield finding(
            _JOIN,
            f"{where} has no clusterDNS: pods of cloud nodes resolve no name of the cluster",
            "give the address of the DNS Service there",
        )
    for server in [str(each).strip() for each in servers] if isinstance(servers, list) else ():
        said = f"pods of cloud nodes ask the DNS server {server} ({where})"
        if _within(server, _LINK_LOCAL):
            if flag is None and server != spec.cluster.node_local_dns:  # of the flag CNI038 says it
                message = f"{said}, a NodeLocal DNSCache that cluster.nodeLocalDNS does not name"
                yield finding(spec.cluster.node_local_dns or "/spec/cluster", message, f"nodeLocalDNS: {server}")
        elif known and server not in known and _within(server, map(str, spec.cluster.service_cidrs)):
            message = f"{said}, and the cluster's has {', '.join(known)}"
            yield finding(flag or "/spec/cluster/serviceCIDRs", message, "name one address in both places")


def _services(state: State) -> list[str]:
    """The addresses of the cluster's DNS; the second name is asked for only where the first is not there."""
    found = next((each for name in _DNS if (each := state.one("Service", _SYSTEM, name)) is not None), {})
    spec = found.get("spec", {})
    addresses: list[str] = spec.get("clusterIPs") or [spec.get("clusterIP", "None")]
    return [each for each in addresses if each not in ("", "None")]


def _within(address: str, networks: Any) -> bool:
    inner = cidr.parse(address)
    outer = [span for span in map(cidr.parse, networks) if span is not None]
    return inner is not None and any(cidr.inside(inner, span) for span in outer)


@live("NODE063")
def kubelets_refuse_cgroup_v1(spec: Spec, state: State) -> Findings:
    """The cluster's kubelet-config refuses the cgroup v1 that nodes may have.

    With `failCgroupV1: true`, from 1.35 on the default, a kubelet does not start on a host with cgroup v1.
    `nodeInit.allowCgroupV1` lets such nodes join, so it needs `failCgroupV1: false` in the cluster's kubelet-config (or
    the flag `fail-cgroupv1`). Before 1.35 an explicit `true` there meets a system that boots with cgroup v1. Driver and
    resolver in kubelet-config are no finding: the node script follows them.

    Fails::
        nodeInit: {allowCgroupV1: true}      # Kubernetes 1.35, and kubelet-config without failCgroupV1
    Passes::
        failCgroupV1: false

    Source: KEP-5573; kubelet --fail-cgroupv1.
    """
    if not by_kubeadm(spec):
        return
    init, config = spec.node_init, _kubelet(spec, state)
    default = not kubernetes.release(spec.cluster.minor).cgroup_v1
    flag = init.kubelet_extra_args.get("fail-cgroupv1")
    refuses = str(flag).lower() == "true" if flag is not None else config.get("failCgroupV1", default)
    old = {image for each in systems.known_systems() if each.cgroup == 1 for image in each.image_types}
    images = [] if default else [pool.image.type for pool in spec.node_pools if pool.image.type in old]
    if config and refuses is True and (init.allow_cgroup_v1 or images):
        what = "true" if flag is not None or "failCgroupV1" in config else "true by default"
        message = f"nodes may have cgroup v1, and failCgroupV1 is {what}: their kubelet would not start"
        place = "/spec/nodeInit/allowCgroupV1" if init.allow_cgroup_v1 else images[0]
        yield finding(place, message, "set failCgroupV1: false in kubelet-config, or use images with cgroup v2")


@live("NODE069")
def feature_gates_of_other_kubelets(spec: Spec, state: State) -> Findings:
    """kubelet-config sets feature gates, and no kubelet of the IDC has the minor of new nodes.

    A node that joins takes `featureGates` of kubelet-config as they are. A kubelet that does not know a gate, or whose
    gate cannot be changed any more, ends at its start ("unrecognized feature gate", "cannot set feature gate"). Gates
    come and go with minors, and which a minor has is in no table of hybridc's: a kubelet of the same minor that runs in
    the IDC shows that it knows them.

    Fails::
        featureGates: {GracefulNodeShutdown: true}      # IDC kubelets are 1.31, and kubernetesVersion is 1.34.2
    Passes::
        kubernetesVersion: 1.31.9

    Source: kubelet cmd/kubelet/app/server.go; component-base featuregate/feature_gate.go, SetFromMap.
    """
    gates = mapping(_kubelet(spec, state).get("featureGates")) if by_kubeadm(spec) else {}
    names = sorted(str(name) for name in gates if str(name) not in _ALWAYS_KNOWN)
    minors = {kubelet_minor(node) for node in state.nodes if of_the_idc(node)} if names else set()
    if minors - {None} and spec.cluster.minor not in minors:
        run = ", ".join(f"1.{minor}" for minor in sorted(minor for minor in minors if minor is not None))
        message = f"kubelet-config sets {listed(names)} for kubelets {run}: one of 1.{spec.cluster.minor} may not start"
        yield finding(spec.cluster.kubernetes_version, message, "take away what that minor does not know, or accept it")


@live("NODE064")
def certificate_without_the_address(spec: Spec, state: State) -> Findings:
    """The API server's certificate may not have the address that nodes dial.

    kubeadm puts into it the addresses of the control planes, `controlPlaneEndpoint` and `apiServer.certSANs` of
    `kubeadm-config`. Where `cluster.apiServer` is none of them, as with a load balancer of the VPC in front, a node
    that joins ends with "x509: certificate is valid for …". A certificate that was renewed by hand may have more than
    the ConfigMap says, so this is a warning.

    Fails::
        controlPlaneEndpoint: lb.internal:6443      # and cluster.apiServer is 10.200.1.253:6443
    Passes::
        apiServer: {certSANs: [10.200.1.253]}

    Source: kubeadm cmd/kubeadm/app/util/pkiutil/pki_helpers.go, GetAPIServerAltNames.
    """
    config = _cluster(state) if by_kubeadm(spec) else {}
    endpoint, host = str(config.get("controlPlaneEndpoint") or ""), _host(str(spec.cluster.api_server))
    given = mapping(config.get("apiServer")).get("certSANs")
    known = {str(each).lower() for each in given} if isinstance(given, list) else set()
    known |= {_host(endpoint)} if endpoint else set()
    nodes = {
        str(each.get("address", "")).lower()
        for node in (state.nodes if config else ())
        for each in node.get("status", {}).get("addresses", [])
    }
    if known and host not in known | nodes:
        message = (
            f"the API server's certificate may lack {host}: kubeadm-config gives it {', '.join(sorted(known)[:5])}"
        )
        advice = f"add {host} to apiServer.certSANs and renew the certificate, unless it has it"
        yield finding(spec.cluster.api_server, message, advice)


def _host(endpoint: str) -> str:
    if endpoint.startswith("["):
        return endpoint[1:].partition("]")[0].lower()
    host, colon, port = endpoint.rpartition(":")
    return (host if colon and port.isdigit() and ":" not in host else endpoint).lower()
