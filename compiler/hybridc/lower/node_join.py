"""How the node script joins: its token, the configuration of the join, the files that prove its identity."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote as percent_encode

from hybridc.catalog import joins, kubernetes
from hybridc.catalog.ack import SCRIPT_FLAGS
from hybridc.catalog.joins import Join
from hybridc.lower import node_runtime
from hybridc.lower.names import object_url, token_key
from hybridc.lower.shell import Shell, bare, heredoc, quote, variable, yaml_string
from hybridc.spec.model import Spec


@dataclass(frozen=True)
class Identity:
    """Paths of the kubelet's client certificate, key and the cluster's CA; the unit that runs the kubelet.

    ``key`` is None where the certificate's file holds the key too.
    """

    certificate: str
    key: str | None
    ca: str
    unit: str


@dataclass(frozen=True)
class TokenText:
    """Where the token comes from. ``constant`` names the script's constant for ``value``; ``env`` the variable.

    ``pattern`` is None where what comes is handed on as it is; ``create`` is the command that makes a token.
    """

    source: str
    pattern: str | None
    kind: str
    form: str
    create: str
    constant: str | None
    value: Shell | None
    env: Shell | None
    role: Shell | None
    direct: bool
    forbidden: Shell
    region: Shell
    resource: Shell | None


@dataclass(frozen=True)
class JoinText:
    """Parts of the join's configuration that are known when compiling; the script adds the rest between them."""

    head: Shell
    discovery: Shell | None
    arguments: Shell | None
    files: tuple[tuple[Shell, Shell], ...]
    command: Shell | None


def identity(method: str) -> Identity:
    """Where a join by ``method`` leaves the node's own certificate; ``custom`` is expected to do as kubeadm does."""
    if joins.join(method).agent:
        folder = f"/var/lib/rancher/{method}/agent"
        files = (f"{folder}/client-kubelet.crt", f"{folder}/client-kubelet.key", f"{folder}/server-ca.crt")
        return Identity(*files, f"{method}-agent")
    pem = "/var/lib/kubelet/pki/kubelet-client-current.pem"
    return Identity(pem, None, "/etc/kubernetes/pki/ca.crt", "kubelet")


def token(spec: Spec) -> TokenText:
    """The source of the token. ``oss`` and ``ramRole`` need ``nodeInit.oss``: ValueError without it."""
    source = spec.node_init.join.token
    constant, value, resource = None, None, None
    if source.source in ("oss", "ramRole"):
        constant, value = "TOKEN_URL", quote(_token_url(spec))
    elif source.source == "url":
        constant, value = "TOKEN_URL", quote(source.url or "")
    elif source.source == "file":
        constant, value = "TOKEN_FILE", quote(source.path or "")
    if source.source == "ramRole" and spec.node_init.oss:
        resource = quote(percent_encode(f"/{spec.node_init.oss.bucket}/{token_key(spec)}", safe="/~"))
    way = joins.join(spec.node_init.join.method)
    return TokenText(
        source=source.source,
        pattern=_pattern(way, source.source),
        kind="bootstrap token" if way.method == "kubeadm" else "join token",
        form=_form(way, source.source),
        create=way.create,
        constant=constant,
        value=value,
        env=variable(source.name or "") if source.source == "env" else None,
        role=quote(source.role or "") if source.source == "ramRole" else None,
        direct=source.source in ("oss", "ramRole"),
        forbidden=quote(_forbidden(source.source, source.role)),
        region=bare(spec.alibaba_cloud.region),
        resource=resource,
    )


def _pattern(way: Join, source: str) -> str | None:
    """What a token looks like. In OSS, where a VPC reads it, an agent's must have an end (k3s and RKE2, token)."""
    return way.ending if way.ending is not None and source == "oss" else way.token


def _form(way: Join, source: str) -> str:
    """What the pattern asks for, to end a sentence; empty where the kind of the token says it."""
    return way.ending_form if way.ending is not None and source == "oss" else way.token_form


def join(spec: Spec) -> JoinText:
    """The configuration that the method of the spec reads."""
    init = spec.node_init
    if joins.join(init.join.method).agent:
        arguments = [f"- {yaml_string(f'{name}={value}')}" for name, value in _arguments(spec)]
        return JoinText(
            head=heredoc(_agent_head(spec), "YAML"),
            discovery=None,
            arguments=heredoc("\n".join(arguments), "YAML") if arguments else None,
            files=node_runtime.agent_files(init),
            command=None,
        )
    command = heredoc(init.join.command, "COMMAND") if init.join.command is not None else None
    return JoinText(heredoc(_head(spec), "YAML"), heredoc(_discovery(spec), "YAML"), None, (), command)


def _token_url(spec: Spec) -> str:
    oss = spec.node_init.oss
    if oss is None:
        raise ValueError("a token in OSS needs nodeInit.oss")
    return object_url(oss, token_key(spec))


def _forbidden(source: str, role: str | None) -> str:
    """What to look at when the token is there and may not be read."""
    if source == "ramRole":
        return f"may the role {role} read it?"
    if source == "oss":
        return "does the bucket policy name this VPC?"
    return "has its signature expired?"


def _arguments(spec: Spec) -> list[tuple[str, str]]:
    """Flags of the kubelet that the spec adds, without those that are the script's own."""
    return [(name, value) for name, value in spec.node_init.kubelet_extra_args.items() if name not in SCRIPT_FLAGS]


def _agent_head(spec: Spec) -> str:
    join, method = spec.node_init.join, spec.node_init.join.method
    lines = [
        f"server: {yaml_string(join.server or '')}",
        f"token-file: /etc/rancher/{method}/agent-token",
        f"pause-image: {yaml_string(spec.node_init.containerd.sandbox_image)}",
    ]
    registry = spec.node_init.system_default_registry
    if method == "rke2" and registry is not None:
        lines.append(f"system-default-registry: {yaml_string(registry)}")
    return "\n".join(lines)


def _head(spec: Spec) -> str:
    """The JoinConfiguration up to the kubelet's arguments, which the script continues."""
    version = kubernetes.join_configuration_version(spec.cluster.minor)
    newest = version.endswith("v1beta4")
    lines = [f"apiVersion: {version}", "kind: JoinConfiguration"]
    if newest:
        lines.append("timeouts: {discovery: 2m0s, tlsBootstrap: 3m0s}")
    ignored = ", ".join(yaml_string(check) for check in _ignored(spec))
    lines += [
        "nodeRegistration:",
        "  criSocket: unix:///run/containerd/containerd.sock",
        f"  ignorePreflightErrors: [{ignored}]",
        "  kubeletExtraArgs:",
    ]
    for name, value in _arguments(spec):
        if newest:
            lines += [f"  - name: {yaml_string(name)}", f"    value: {yaml_string(value)}"]
        else:
            lines.append(f"    {yaml_string(name)}: {yaml_string(value)}")
    return "\n".join(lines)


def _ignored(spec: Spec) -> list[str]:
    """Preflight checks to pass over; a host that may have cgroup v1 needs one that the spec need not name."""
    ignored = [str(check) for check in spec.node_init.join.ignore_preflight_errors]
    refuses = not kubernetes.release(spec.cluster.minor).cgroup_v1
    if spec.node_init.allow_cgroup_v1 and refuses and not {"SystemVerification", "all"} & set(ignored):
        ignored.append("SystemVerification")
    return ignored


def _discovery(spec: Spec) -> str:
    """The end of the JoinConfiguration; the token follows as the last line."""
    lines = ["discovery:"]
    if not kubernetes.join_configuration_version(spec.cluster.minor).endswith("v1beta4"):
        lines.append("  timeout: 3m0s")
    lines += ["  bootstrapToken:", f"    apiServerEndpoint: {yaml_string(spec.cluster.api_server)}"]
    if spec.node_init.join.unsafe_skip_ca_verification:
        lines.append("    unsafeSkipCAVerification: true")
    else:
        hashes = ", ".join(yaml_string(digest) for digest in spec.cluster.ca_cert_hashes)
        lines.append(f"    caCertHashes: [{hashes}]")
    return "\n".join(lines)
