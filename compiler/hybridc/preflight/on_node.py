"""What a report of a node has against the spec: rules over a spec and a :class:`NodeReport`, each with its code.

A look that could not be made says nothing. The place of a finding is that of the value that was looked for.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from hybridc.catalog import network
from hybridc.codes import CODES
from hybridc.diagnostic import ERROR, WARNING, Diagnostic
from hybridc.rules.rule import SPEC, Finding, Findings, Rule, finding
from hybridc.spec.model import Spec

if TYPE_CHECKING:
    from hybridc.preflight.node_report import Look, NodeReport
    from hybridc.source.document import Document

F = TypeVar("F", bound=Callable[..., Any])
RULES: dict[str, Rule] = {}


def on_node(code: str) -> Callable[[F], F]:
    """Register the check of a code: it takes ``(spec, report)``."""

    def register(function: F) -> F:
        RULES[code] = Rule(CODES[code], function, SPEC)
        return function

    return register


def node_rules() -> tuple[Rule, ...]:
    """All rules of this module, in the order of :data:`hybridc.codes.CODES`."""
    return tuple(RULES[code] for code in CODES if code in RULES)


def judge(spec: Spec, document: Document, report: NodeReport) -> Iterator[Diagnostic]:
    """What the report has against the spec."""
    for rule in node_rules():
        for each in rule.check(spec, report):
            yield each.diagnostic(rule.code, document)


def _failed(report: NodeReport, *names: str) -> Iterator[Look]:
    for look in report.looks:
        if look.result == "failed" and look.name.partition(":")[0] in names:
            yield look


def _of(report: NodeReport, value: object, look: Look, advice: str, severity: str | None = None) -> Finding:
    kind = {"idc": "an IDC node", "cloud": "a cloud node"}[report.side]
    message = f"{look.name} {look.about}: {look.seen}"
    return finding(value, message, advice, severity, where=f"seen on {report.host}, {kind}")


@on_node("NODE001")
def no_eth0(spec: Spec, report: NodeReport) -> Findings:
    """The first network interface of a node is not called eth0.

    Terway's init sets `net.ipv4.conf.eth0.rp_filter` and ends without an eth0, as on images with predictable names
    (ens5). A spec cannot tell: images are known by type or id only. The node script ends with exit code 11, and the
    script of `hybridc preflight --node` says it before. Alibaba Cloud's own images boot with `net.ifnames=0`; give a
    custom image the same.

    Fails::
        ens5 on the node
    Passes::
        eth0 on the node

    Source: Terway v1.17.5, hack/init.sh.
    """
    for look in _failed(report, "eth0"):
        yield _of(report, "/spec/nodePools", look, "boot the image with net.ifnames=0")


@on_node("NODE050")
def api_server_unreachable(spec: Spec, report: NodeReport) -> Findings:
    """The API server does not answer a node.

    No node joins: the node script ends with exit code 15. What was seen says where to look: a name that does not
    resolve is the DNS of the VPC (or `nodeInit.hosts`), a connection that is refused a wrong port or a firewall that
    rejects, no answer in time a route or a security group that is missing. Looked at are `cluster.apiServer`, the
    server that `cluster-info` names (a join goes on there), and `join.server` of k3s and RKE2.

    Fails::
        {"look": "api-server", "result": "failed", "seen": "the name does not resolve"}
    Passes::
        {"look": "api-server", "result": "ok", "seen": "HTTP 200"}

    Source: kubeadm's discovery; the node script, phase check_api_server.
    """
    for look in _failed(report, "api-server", "cluster-info-server", "join-server"):
        value: object = spec.cluster.api_server
        if look.name == "join-server" and spec.node_init.join.server is not None:
            value = spec.node_init.join.server
        yield _of(report, value, look, _way(look, "the port of the API server to the nodes"))


def _way(look: Look, what: str) -> str:
    """The way out by what was seen."""
    if "resolve" in look.seen:
        return "let the node's resolvers know the name (PrivateZone, nodeInit.hosts), or name an address"
    if look.seen.startswith("HTTP "):
        return "see what answers there: another server, or a proxy in between"
    return f"open {what}: routes both ways (hybridc steps, network.routes), security groups, firewall"


@on_node("NODE051")
def another_ca(spec: Spec, report: NodeReport) -> Findings:
    """The CA has none of the hashes of caCertHashes, or the API server's certificate is not of it.

    kubeadm takes the CA that `cluster-info` names only with one of the hashes, and speaks to `apiServer` with that CA:
    a certificate without this address among its names fails as well. The script of `hybridc preflight --node` computes
    the same hash, where openssl is there.

    Fails::
        {"look": "ca", "result": "failed", "seen": "cluster-info has the CA sha256:7c2e…"}
    Passes::
        {"look": "ca", "result": "ok", "seen": "sha256:7c2e…"}

    Source: kubeadm, discovery/token and pubkeypin.
    """
    for look in _failed(report, "ca"):
        hashes = spec.cluster.ca_cert_hashes
        value = hashes[0] if hashes else "/spec/cluster/caCertHashes"
        yield _of(report, value, look, "set caCertHashes to the hash of this cluster's CA, or correct apiServer")
    for look in _failed(report, "certificate"):
        advice = "put the address of apiServer into the certificate (kubeadm: apiServer.certSANs), or use one it has"
        yield _of(report, spec.cluster.api_server, look, advice)


@on_node("NODE052")
def no_cluster_info(spec: Spec, report: NodeReport) -> Findings:
    """The ConfigMap cluster-info cannot be read without credentials.

    kubeadm reads it before it has any: with anonymous requests off, or without the ConfigMap in kube-public, no node
    joins by a token.

    Fails::
        {"look": "cluster-info", "result": "failed", "seen": "HTTP 404"}
    Passes::
        {"look": "cluster-info", "result": "ok", "seen": "it can be read without credentials"}

    Source: kubeadm, discovery/token; Kubernetes, "Authenticating with Bootstrap Tokens".
    """
    for look in _failed(report, "cluster-info"):
        advice = "kubeadm init phase bootstrap-token makes it; 401 and 403: allow anonymous requests to it"
        yield _of(report, spec.cluster.api_server, look, advice)


@on_node("NODE053")
def script_out_of_reach(spec: Spec, report: NodeReport) -> Findings:
    """The node script, or the token beside it, cannot be fetched by a node.

    HTTP 404: it is not published, or under another name. HTTP 403: it is there and the bucket's policy does not let
    this VPC read it. No answer: the internal endpoint is in 100.64.0.0/10, which the security groups have to admit.

    Fails::
        {"look": "script", "about": "https://…/init-node-ecs-….sh", "result": "failed", "seen": "HTTP 403: …"}
    Passes::
        {"look": "script", "about": "https://…/init-node-ecs-….sh", "result": "ok", "seen": "HTTP 200"}

    Source: OSS, error responses; Alibaba Cloud, "Internal endpoints of OSS".
    """
    init = spec.node_init
    for look in _failed(report, "script", "token"):
        value: object = init.oss.bucket if init.oss else "/spec/nodeInit"
        if look.name == "script" and init.url is not None:
            yield _of(
                report, init.url, look, "put the script of this build there, where nodes read it without credentials"
            )
        elif look.seen.startswith("HTTP 404"):
            step = "token.put" if look.name == "token" else "oss.script"
            yield _of(report, value, look, f"publish it: hybridc steps, {step}")
        elif look.seen.startswith("HTTP 403"):
            advice = f"set the bucket's policy, which admits {spec.alibaba_cloud.vpc.id}: hybridc steps, oss.policy"
            yield _of(report, value, look, advice)
        else:
            advice = f"admit {network.RESERVED} in the security groups: hybridc steps, network.security-groups"
            yield _of(report, value, look, advice)


@on_node("NODE054")
def another_place(spec: Spec, report: NodeReport) -> Findings:
    """The metadata service does not answer a cloud node, or it says another region or VPC than the spec.

    The node script takes name and provider id from there. An instance of another VPC sees other routes: what its report
    says about the network does not hold for the nodes.

    Fails::
        {"look": "vpc", "about": "vpc-uf6k8m2q9s", "result": "failed", "seen": "this instance is in vpc-other"}
    Passes::
        {"look": "vpc", "about": "vpc-uf6k8m2q9s", "result": "ok", "seen": "vpc-uf6k8m2q9s"}

    Source: Alibaba Cloud ECS, instance metadata.
    """
    cloud = spec.alibaba_cloud
    for look in _failed(report, "metadata", "region", "vpc"):
        value: object = {"region": cloud.region, "vpc": cloud.vpc.id}.get(look.name, "/spec/alibabaCloud/vpc")
        advice = "look from an instance in a vSwitch of the nodes, or correct the spec"
        if look.name == "metadata":
            advice = f"admit {network.RESERVED} in the security groups: hybridc steps, network.security-groups"
        yield _of(report, value, look, advice)


@on_node("NODE055")
def source_out_of_reach(spec: Spec, report: NodeReport) -> Findings:
    """A package repository, a tarball, a registry or a mirror does not answer a cloud node.

    The node script fails while it installs (exit code 12), or the node joins and pulls no image. They are asked as the
    node script asks them, through its proxy where the spec has one. A registry that answers 401 is fine: a pull takes a
    token there.

    Fails::
        {"look": "pause-image", "about": "https://…/v2/", "result": "failed", "seen": "no answer in time…"}
    Passes::
        {"look": "pause-image", "about": "https://…/v2/", "result": "ok", "seen": "HTTP 200"}

    Source: the node script, phases install_packages and configure_containerd; OCI distribution specification, end-1.
    """
    for look in _failed(report, "repository", "tarball", "release", "pause-image", "mirror"):
        advice = "let the nodes reach it (NAT gateway, nodeInit.proxy), or use a source inside the VPC"
        yield _of(report, _source(spec, look), look, advice)


def _source(spec: Spec, look: Look) -> object:
    """The value of the spec that a source of packages or images comes from."""
    init, name = spec.node_init, look.name.partition(":")[2]
    if look.name == "pause-image":
        return init.containerd.sandbox_image
    if look.name == "mirror":
        for entries in init.registry_mirrors.values():
            for entry in entries:
                if entry.url.startswith(look.about.removesuffix("/v2/")):
                    return entry.url
    for tarball in init.packages.tarballs:
        if tarball.url.partition("?")[0] == look.about:
            return tarball.url
    for repository in init.packages.repositories:
        if repository.name == name and repository.url.removesuffix("/") == look.about:
            return repository.url
    return init.packages.mirror


@on_node("NODE056")
def clock_off(spec: Spec, report: NodeReport) -> Findings:
    """The clock of a node is far from that of the API server.

    A kubelet's new certificate is valid from five minutes ago: a clock that is further behind refuses it, and the node
    never registers. One that is ahead takes certificates and tokens for expired too early: a warning.

    Fails::
        {"look": "clock", "result": "failed", "seen": "the clock here is -900 s from …"}
    Passes::
        {"look": "clock", "result": "ok", "seen": "0 s from that of the API server"}

    Source: kubernetes/kubernetes pkg/controller/certificates/signer/signer.go, Backdate.
    """
    for look in _failed(report, "clock"):
        behind = re.search(r" -[0-9]+ s ", look.seen) is not None
        advice = "let chrony reach a time server, and mend the clock of the API server's hosts"
        yield _of(report, spec.cluster.api_server, look, advice, ERROR if behind else None)


@on_node("NODE057")
def peer_unreachable(spec: Spec, report: NodeReport) -> Findings:
    """A node does not reach an address on the other side.

    Whoever ran the script named it with `--peer`: a node or a pod of the other side, or a port. Routes in both
    directions and the security groups (or the IDC's firewall) have to admit it. What lies in no range of the spec is
    told as such, as a warning: it shows nothing about the spec.

    Fails::
        {"look": "peer", "result": "failed", "seen": "it does not answer a ping"}
    Passes::
        {"look": "peer", "result": "ok", "seen": "it answers a ping"}

    Source: ACK One, "Network planning for registered clusters": node and pod ranges reach each other.
    """
    for look in _failed(report, "peer"):
        value = _range(spec, look.about)
        advice = (
            "routes both ways (hybridc steps, network.routes), security groups and firewall: network.security-groups"
        )
        if value is None:
            advice = "it lies in no range of the spec: name a node or a pod of the other side"
        place = "/spec/alibabaCloud/vpc/cidrs" if value is None else value
        yield _of(report, place, look, advice, WARNING if value is None else None)


def _range(spec: Spec, about: str) -> object | None:
    """The narrowest range of the spec that an address lies in."""
    host = about if about.count(":") > 1 and not about.startswith("[") else about.strip("[").partition("]")[0]
    host = host if host.count(":") > 1 else host.partition(":")[0]
    vpc = spec.alibaba_cloud.vpc
    ranges = [each.cidr for each in (*vpc.pod_vswitches, *vpc.node_vswitches)]
    ranges += [*spec.cluster.node_cidrs, *spec.cluster.pod_cidrs, *vpc.cidrs]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    found = [each for each in ranges if address in ipaddress.ip_network(str(each))]
    return max(found, key=lambda each: ipaddress.ip_network(str(each)).prefixlen, default=None)


@on_node("NODE058")
def small_mtu(spec: Spec, report: NodeReport) -> Findings:
    """Packets of 1500 bytes do not pass between a node and a peer in one piece.

    Pods and nodes send 1500 bytes, and where something on the way (a VPN, a tunnel) takes less and its ICMP does not
    come back, connections open and then hang: TLS handshakes, image pulls, `kubectl logs`.

    Fails::
        {"look": "mtu", "result": "failed", "seen": "1400 bytes pass in one piece, and 1500 do not"}
    Passes::
        {"look": "mtu", "result": "ok", "seen": "1500 bytes pass in one piece"}

    Source: RFC 1191, RFC 2923 (black holes of path MTU discovery).
    """
    for look in _failed(report, "mtu"):
        advice = "raise the MTU of what lies between, or clamp TCP's MSS there"
        yield _of(report, _range(spec, look.about) or "/spec/alibabaCloud/vpc/cidrs", look, advice)


@on_node("NODE059")
def unfit_host(spec: Spec, report: NodeReport) -> Findings:
    """A machine is none that the node script takes: its system, its cgroups, its resolvers.

    The node script ends with exit code 11 on another system than it was compiled for, without overlayfs, or on cgroup
    v1 where Kubernetes refuses that. Without a nameserver nothing resolves.

    Fails::
        {"look": "cgroup", "result": "failed", "seen": "cgroup v1"}
    Passes::
        {"look": "cgroup", "result": "ok", "seen": "cgroup v2"}

    Source: the node script, phase check_host.
    """
    init = spec.node_init
    for look in _failed(report, "system", "cgroup", "resolvers"):
        value: object = "/spec/nodeInit" if look.name == "resolvers" else init.os
        ways = {
            "system": "use an image of that system, or set nodeInit.os",
            "cgroup": "use an image with cgroup v2",
        }
        yield _of(report, value, look, ways.get(look.name, "give the machine a nameserver (the VPC's DHCP does)"))
