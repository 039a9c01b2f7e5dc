"""INIT: fields that have no effect with the way in which nodes join."""

from __future__ import annotations

from collections.abc import Iterator

from hybridc.catalog import joins
from hybridc.rules.partial import members
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.model import Spec
from hybridc.spec.origin import written


@rule("INIT042")
def no_effect(spec: Spec) -> Findings:
    """A field that nothing reads, with this way of joining.

    k3s and RKE2 bring their containerd and check the server by their own token; a command of your own gets the token
    and nothing else. `caCertHashes`, `unsafeSkipCAVerification`, `ignorePreflightErrors` and `token.ttl` are
    kubeadm's, and `containerd.runtimes` go into the configuration that the script writes for a containerd of its own.
    `containerd.version` chooses a package of a repository, so it chooses nothing with tarballs or an image that holds
    all. Somebody believes that such a field does something.

    Fails::
        cluster: {caCertHashes: ["sha256:7c2e6913…"]}
        nodeInit:
          containerd: {version: "2.3"}
          registryMirrors: {docker.io: [{url: "https://mirror.idc.example.com/v2", overridePath: true}]}
          packages: {source: preinstalled}
          join:
            method: k3s
            server: https://192.168.10.10:6443
            token: {from: file, ttl: 12h}
            ignorePreflightErrors: [SystemVerification]
            unsafeSkipCAVerification: true
    Passes::
        cluster: {caCertHashes: null}
        nodeInit: {packages: {source: preinstalled}, join: {method: k3s, server: "https://192.168.10.10:6443"}}

    Source: the node script.
    """
    init = spec.node_init
    if init.mode != "script":
        return
    method = init.join.method
    agent = joins.join(method).agent
    for name, value in _of_kubeadm(spec) if method != "kubeadm" else ():
        if written(value):
            yield finding(value, f"{name} has no effect with join.method {method}", "remove it")
    version = init.containerd.version
    if agent and written(version):
        yield finding(
            version, f"containerd.version has no effect with join.method {method}, which has its own", "remove it"
        )
    elif init.packages.source in ("tarball", "preinstalled") and written(version):
        message = f"containerd.version has no effect with packages.source {init.packages.source}"
        yield finding(version, message, "remove it: the version is that of the tarball or of the image")
    for runtime in init.containerd.runtimes[:1] if agent else ():
        message = f"containerd.runtimes has no effect with join.method {method}, which finds nvidia's by itself"
        yield finding(runtime.name, message, "remove it")
    for value in _override_paths(spec) if agent else ():
        message = f"overridePath has no effect with join.method {method}: a path in the url overrides by itself"
        yield finding(value, message, "remove it")


def _of_kubeadm(spec: Spec) -> Iterator[tuple[str, object]]:
    """Names and values of what only kubeadm reads."""
    join = spec.node_init.join
    hashes, ignored = spec.cluster.ca_cert_hashes, join.ignore_preflight_errors
    yield from (("cluster.caCertHashes", value) for value in hashes[:1])
    yield from (("join.ignorePreflightErrors", value) for value in ignored[:1])
    yield "join.unsafeSkipCAVerification", join.unsafe_skip_ca_verification
    yield "join.token.ttl", join.token.ttl
    if join.method == "custom":
        flags = [flag for flag, _ in members(spec.node_init.kubelet_extra_args)]
        yield from (("kubeletExtraArgs", flag) for flag in flags[:1])


def _override_paths(spec: Spec) -> Iterator[object]:
    for _, entries in members(spec.node_init.registry_mirrors):
        yield from (entry.override_path for entry in entries if written(entry.override_path))


@rule("INIT043")
def refreshed_by_nobody(spec: Spec) -> Findings:
    """A CronJob is to refresh the token, and the token is none of kubeadm's.

    The CronJob moves the expiry of a bootstrap token's Secret. Tokens of k3s and RKE2 live with their server, and what
    a command of your own needs is not known: no CronJob is made, and somebody waits for it.

    Fails::
        nodeInit:
          packages: {source: preinstalled}
          join: {method: rke2, server: "https://192.168.10.10:9345", token: {from: oss, refresh: cronJob}}
    Passes::
        nodeInit:
          packages: {source: preinstalled}
          join: {method: rke2, server: "https://192.168.10.10:9345", token: {from: oss, refresh: external}}

    Source: hybridc; k3s and RKE2 documentation, token.
    """
    join = spec.node_init.join
    if spec.node_init.mode == "script" and join.method != "kubeadm" and join.token.refresh == "cronJob":
        advice = "use ci, or external when something else publishes the token"
        yield finding(join.token.refresh, f"no CronJob refreshes a token of join.method {join.method}", advice)
