"""INIT: the addresses that a node dials and is told."""

from __future__ import annotations

import re

from hybridc import cidr
from hybridc.catalog import joins, network
from hybridc.diagnostic import INFO, WARNING
from hybridc.rules.partial import members
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec

_NOT_PUBLIC = (".local", ".localdomain", ".internal", ".lan", ".home", ".corp", ".intranet")
_LOCAL_NAMES = ("localhost", "localhost.localdomain")
_NOT_DIALLED = (
    *network.SPECIAL.items(),
    (network.RESERVED, "reserved by Alibaba Cloud"),
    *((unspecified, "no address of a machine") for unspecified in network.UNSPECIFIED),
)


def _host(spec: Spec) -> str:
    """The host of the API server, without brackets."""
    return spec.cluster.api_server.rpartition(":")[0].strip("[]")


def _is_name(host: str) -> bool:
    """Whether a host is a name and no address, right or wrong."""
    return ":" not in host and re.fullmatch(r"[0-9.]+", host) is None


@rule("INIT010")
def endpoint(spec: Spec) -> Findings:
    """The API server is not host:port.

    kubeadm takes no URL there and knows no default port. Numbers and dots that are no IPv4 address are no host name
    either: nobody resolves 10.200.1.999.

    Fails::
        cluster: {apiServer: "https://10.200.1.253"}
    Passes::
        cluster: {apiServer: "10.200.1.253:6443"}

    Source: kubeadm, discovery.bootstrapToken.apiServerEndpoint.
    """
    host = _host(spec)
    if not _is_name(host) and _address(host) is None:
        kind = "IPv6" if ":" in host else "IPv4"
        message = f"{spec.cluster.api_server}: {host} is no {kind} address"
        yield finding(spec.cluster.api_server, message, "write the address that cloud nodes dial, or a name")


def _address(text: str) -> cidr.Span | None:
    """One address; a network is none."""
    return None if "/" in text else cidr.parse(text)


@rule("INIT032")
def name_that_nodes_must_resolve(spec: Spec) -> Findings:
    """The API server is a name that a new ECS instance may not resolve.

    An instance asks the VPC's DNS. A name of the IDC's own DNS or of its hosts files (KubeKey's lb.kubesphere.local)
    is unknown there. A name that may be public or in PrivateZone is information only.

    Fails::
        cluster: {apiServer: "lb.kubesphere.local:6443"}
    Passes::
        cluster: {apiServer: "lb.kubesphere.local:6443"}
        nodeInit: {hosts: {lb.kubesphere.local: 192.168.10.10}}

    Source: KubeKey; VPC DNS.
    """
    host = spec.cluster.api_server.rpartition(":")[0]
    if spec.node_init.mode != "script" or host.startswith("[") or host in spec.node_init.hosts:
        return
    if not _is_name(host) or host in _LOCAL_NAMES:
        return
    private = "." not in host or host.endswith(_NOT_PUBLIC)
    yield finding(
        spec.cluster.api_server,
        f"ECS instances must resolve {host} before they join",
        f"add nodeInit.hosts: {{{host}: <address>}}, or publish the name in PrivateZone",
        WARNING if private else INFO,
    )


@rule("INIT044")
def address_of_a_host(spec: Spec) -> Findings:
    """A value of `nodeInit.hosts` is no IP address.

    It becomes a line of /etc/hosts, and resolvers pass over a line that begins with anything else: the name stays
    unknown, and the join times out.

    Fails::
        nodeInit: {hosts: {k8s-api.idc.example.com: 192.168.10.999}}
    Passes::
        nodeInit: {hosts: {k8s-api.idc.example.com: 192.168.10.10}}

    Source: hosts(5).
    """
    for name, value in members(spec.node_init.hosts):
        if _address(value) is None:
            yield finding(value, f"hosts: {value} is no IP address, so {name} stays unknown", "write an IP address")


@rule("INIT047")
def endpoint_that_nobody_reaches(spec: Spec) -> Findings:
    """The API server's address means something else on a cloud node.

    `localhost` and 127.0.0.1 are the node itself (a kubeconfig of an IDC machine often says so), 0.0.0.0 and
    link-local addresses are no way to a machine, and 100.64.0.0/10 is Alibaba Cloud's own: every join times out.

    Fails::
        cluster: {apiServer: "127.0.0.1:6443"}
    Passes::
        cluster: {apiServer: "10.200.1.253:6443"}

    Source: RFC 6890; VPC and SLB documentation.
    """
    host, value = _host(spec), spec.cluster.api_server
    advice = "write the address of a machine or a load balancer that cloud nodes reach"
    if host in _LOCAL_NAMES:
        yield finding(value, f"{host} is the cloud node itself", advice)
    span = None if _is_name(host) else _address(host)
    for text, what in _NOT_DIALLED:
        network = cidr.parse(text)
        if span is not None and network is not None and cidr.inside(span, network):
            yield finding(value, f"{host} is {what} ({text}): no cloud node reaches the API server there", advice)


@rule("INIT050")
def unverified_mirror(spec: Spec) -> Findings:
    """Nodes take images from a mirror whose certificate nobody checks.

    Whoever answers for the mirror's name chooses what runs on every cloud node. `ca` makes a private CA known.

    Fails::
        nodeInit: {registryMirrors: {docker.io: [{url: "https://mirror.idc.example.com", skipVerify: true}]}}
    Passes::
        nodeInit: {registryMirrors: {docker.io: [{url: "https://mirror.idc.example.com"}]}}

    Source: containerd, docs/hosts.md: skip_verify.
    """
    for _, entries in members(spec.node_init.registry_mirrors):
        for entry in entries:
            if entry.skip_verify:
                advice = "give its CA instead: ca, or nodeInit.trustedCAs"
                yield finding(entry.skip_verify, f"nobody checks the certificate of {entry.url}", advice)


@rule("INIT051")
def images_of_rke2(spec: Spec) -> Findings:
    """RKE2 takes its own images from docker.io, and nothing says that nodes reach it.

    Its agent pulls `rancher/rke2-runtime` before it starts anything: without a way to docker.io, which a VPC without
    internet and most of mainland China do not have, no node joins.

    Fails::
        nodeInit:
          join: {method: rke2, server: "https://192.168.10.10:9345", token: {from: file}}
          packages: {source: preinstalled}
    Passes::
        nodeInit:
          join: {method: rke2, server: "https://192.168.10.10:9345", token: {from: file}}
          packages: {source: preinstalled}
          systemDefaultRegistry: registry.idc.example.com

    Source: docs.rke2.io/architecture; rancher/rke2 pkg/cli/cmds/agent.go, read 2026-11-30.
    """
    init = spec.node_init
    if init.mode != "script" or is_hole(init.registry_mirrors):
        return
    images = joins.join(init.join.method).images
    if images and init.system_default_registry is None and not {"docker.io", "_default"} & set(init.registry_mirrors):
        advice = "name the registry that has them: nodeInit.systemDefaultRegistry, or registryMirrors of docker.io"
        yield finding(init.join.method, f"{init.join.method} pulls {images} from docker.io", advice)
