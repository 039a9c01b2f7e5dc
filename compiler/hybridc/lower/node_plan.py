"""What the node script will do, phase by phase: the same values as the script's, in words."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import NamedTuple

from hybridc.catalog import joins, kubernetes, systems
from hybridc.lower.node_packages import RepositoryText
from hybridc.lower.node_script import NodeScript, SystemText, node_script_values
from hybridc.lower.shell import Shell
from hybridc.spec.model import Spec

_WIDTH = 21


class Phase(NamedTuple):
    """A phase as the script's log names it, the exit code of a failure in it, and what it does."""

    code: int
    name: str
    lines: list[str]


def text(spec: Spec) -> str:
    """The plan of a cluster's script, for a person to read."""
    script = node_script_values(spec)
    head = f"Kubernetes {script.kubernetes_version} joined by {script.method} on {script.os}"
    lines = [
        f"{script.cluster}: {head}, within {script.budget} s",
        "",
        f"{'exit':>4}  {'phase':<{_WIDTH}}what it does",
    ]
    for phase in plan(spec):
        first, *rest = phase.lines
        lines.append(f"{phase.code:>4}  {phase.name:<{_WIDTH}}{first}")
        lines += [f"{'':{6 + _WIDTH}}{line}" for line in rest]
    return "\n".join(lines)


def plan(spec: Spec) -> list[Phase]:
    """The phases in their order."""
    script, method = node_script_values(spec), spec.node_init.join.method
    api_server = _plain(script.api_server)
    found = [
        Phase(11, "check_host", list(_host(script))),
        Phase(20, "take_lock", ["waits up to 600 s for another run of the script"]),
        Phase(10, "read_inputs", list(_inputs(script))),
        Phase(
            15,
            "look_for_node",
            [f"asks {api_server} for the Node as {script.identity.certificate}", "ends here when there is one"],
        ),
    ]
    if script.trusted_cas:
        stored = f"{len(script.trusted_cas)} into the system's store of certificates"
        found.append(Phase(11, "trust_cas", [stored]))
    if script.disks:
        found.append(Phase(11, "prepare_disks", list(_disks(script))))
    if script.hooks.pre:
        found.append(Phase(18, "hook_pre", ["runs hooks.pre"]))
    found.append(Phase(11, "prepare_kernel", list(_kernel(script))))
    if script.hosts:
        found.append(Phase(11, "write_hosts", [f"/etc/hosts: {line}" for line in _rows(script.hosts)[1:-1]]))
    found.append(Phase(12, "install_packages", list(_packages(spec, script))))
    if script.cni:
        lines = ["/opt/cni/bin/loopback must be there", "removes CNI files of another network from /etc/cni/net.d"]
        found.append(Phase(12, "check_plugins", lines))
    if script.containerd:
        found.append(Phase(13, "configure_containerd", list(_containerd(spec, script))))
    if script.hooks.pre_join:
        found.append(Phase(18, "hook_before_join", ["runs hooks.preJoin"]))
    found += [
        Phase(15, "check_api_server", list(_api_server(script, api_server))),
        Phase(14, "fetch_token", [_token(script)]),
        Phase(16, {"kubeadm": "join_kubeadm", "custom": "join_custom"}.get(method, "join_agent"), list(_join(spec))),
    ]
    if script.fits_kubelet:
        found.append(Phase(13, "fit_kubelet", list(_fit(script))))
    found += [
        Phase(17, "verify_node", ["waits for the Node and compares its labels, taints and provider id"]),
        Phase(17, "wait_until_ready", ["up to 300 s; what keeps it from Ready is a warning"]),
    ]
    if script.hooks.post:
        found.append(Phase(18, "hook_post", ["runs hooks.post"]))
    return found


def _host(script: NodeScript) -> Iterator[str]:
    yield "needs root, /run on tmpfs, overlayfs" + (", eth0" if script.terway else "")
    for system in script.systems:
        yield f"{systems.families()[system.family].manager} on {_patterns(system)}"
    managers = " or ".join(family.manager for family in script.packages.families)
    yield f"any other system: {managers}, with a warning" if script.os == "auto" else "refuses any other system"
    if not script.cgroup_v1_supported:
        yield "lets cgroup v1 pass, with a warning" if script.allow_cgroup_v1 else "refuses cgroup v1"


def _disks(script: NodeScript) -> Iterator[str]:
    for pool, mounts in script.disks:
        for size, path in mounts:
            yield f"pool {_plain(pool)}: the one empty disk of {size} GiB becomes {_plain(path)}"
    yield "ends when there is none, or more than one"


def _kernel(script: NodeScript) -> Iterator[str]:
    forwarding = "ip_forward and IPv6 forwarding" if script.ipv6 else "ip_forward"
    yield f"overlay, br_netfilter, {forwarding}, bridge-nf-call; swap and firewalld off; chrony on"
    if script.terway:
        yield "rp_filter off; NetworkManager and systemd-networkd leave every interface but eth0 alone"


def _api_server(script: NodeScript, api_server: str) -> Iterator[str]:
    yield f"waits until {api_server} answers"
    if script.method == "kubeadm":
        yield "so must the server that cluster-info names"


def _fit(script: NodeScript) -> Iterator[str]:
    if script.follows_driver:
        yield "containerd follows the cgroup driver of the cluster's kubelets"
    if script.follows_resolver:
        yield "a resolvConf that is not here is replaced"


def _patterns(system: SystemText) -> str:
    return ", ".join(pattern.replace("'", "") for pattern in system.pattern.split(" | "))


def _inputs(script: NodeScript) -> Iterator[str]:
    yield "name, provider id, labels, taints from ACK; else name and provider id from the metadata service"
    if script.topology:
        yield "labels from the metadata service: region, zone, instance type"
    for label in script.spec_labels:
        yield f"label {_plain(label)}"
    yield f"label {_plain(script.required_label)}, always"
    if script.dual:
        yield "--node-ip: the IPv4 and the IPv6 address of eth0"
    how = "refused" if script.restricted == "fail" else "dropped, with a warning"
    yield f"labels that a kubelet may not set: {how}"
    for instance_type, pods in script.max_pods:
        yield f"--max-pods={pods} on {_plain(instance_type)}"


def _packages(spec: Spec, script: NodeScript) -> Iterator[str]:
    packages = script.packages
    if packages.source == "preinstalled":
        programs = {"kubeadm": "containerd, kubelet and kubeadm", "custom": "containerd and kubelet"}
        yield f"nothing: the image has {programs.get(script.method, script.method)} {script.minor_version}"
    for family in packages.families:
        for repository in family.repositories:
            yield from _repository(repository, family.manager, script)
    for family in packages.families:
        words = family.install or family.extra
        if words:
            yield f"{family.manager}: {' '.join(shlex.split(words))}"
    if packages.agent_url:
        yield f"{script.method} {script.kubernetes_version} by its sha256 from {_plain(packages.agent_url)}"
    for tarball in spec.node_init.packages.tarballs if packages.tarballs else ():
        yield f"{tarball.name} ({tarball.arch}) {tarball.url}"
        yield f"  sha256 {tarball.sha256}"
    if script.proxy:
        yield f"through {_plain(script.proxy.http)}"


def _repository(repository: RepositoryText, manager: str, script: NodeScript) -> Iterator[str]:
    yield f"{manager}: repository {repository.name} {_filled_in(repository.url, script)}"
    checked = _plain(repository.fingerprint)
    yield f"  signed by {checked or 'the key at ' + _filled_in(repository.key_url, script)}"


def _filled_in(url: Shell, script: NodeScript) -> str:
    """With what the node would put into it, where the system is known."""
    if len(script.systems) > 1:
        return _plain(url)
    (system,) = script.systems
    return _plain(url).replace("$EL", str(system.el)).replace("$ID", _patterns(system).split()[0])


def _containerd(spec: Spec, script: NodeScript) -> Iterator[str]:
    init = spec.node_init
    version = f"containerd {init.containerd.version}" if init.packages.source == "repo" else "containerd"
    yield f"{version}: configuration version 2, systemd cgroups"
    yield f"pause image {init.containerd.sandbox_image}"
    for runtime in init.containerd.runtimes:
        default = ", the default where it is there" if runtime.default else ""
        yield f"runtime {runtime.name}: {runtime.binary}{default}"
    for host, mirrors in init.registry_mirrors.items():
        yield f"{host} by way of {', '.join(str(mirror.url) for mirror in mirrors)}"
    if script.proxy:
        yield f"pulls through {_plain(script.proxy.https)}"


def _token(script: NodeScript) -> str:
    source = script.token
    if source.env:
        return f"{source.kind} from the variable {source.env}"
    where = _plain(source.value or Shell("''")).partition("?")[0]  # what follows may be a signature
    return f"{source.kind} from {where}" + (f" as the role {_plain(source.role)}" if source.role else "")


def _join(spec: Spec) -> Iterator[str]:
    join = spec.node_init.join
    if join.method == "custom":
        yield "runs join.command with HYBRIDC_TOKEN_FILE, HYBRIDC_NODE_NAME and what else it may need"
        return
    if joins.join(join.method).agent:
        yield f"starts {join.method}-agent with /etc/rancher/{join.method}/config.yaml; server {join.server}"
        return
    yield "resets the rest of an earlier join; removes certificates that the image brought"
    yield f"kubeadm join, JoinConfiguration {kubernetes.join_configuration_version(spec.cluster.minor)}"
    if join.unsafe_skip_ca_verification:
        yield "takes any CA (unsafeSkipCAVerification)"
    else:
        yield from (f"takes the CA {digest} only" for digest in spec.cluster.ca_cert_hashes)
    yield "three tries; waits while a Node of this name is still Ready"


def _plain(word: Shell) -> str:
    """The value of one quoted word."""
    return "".join(shlex.split(word))


def _rows(heredoc: Shell) -> list[str]:
    """The lines between a here-document's delimiters."""
    return heredoc.split("\n")[1:-1]
