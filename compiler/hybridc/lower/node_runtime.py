"""Files of the container runtime that the node script writes: whole, as text that is known when compiling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from hybridc.catalog.kubernetes import mirror_hosts
from hybridc.catalog.network import DOCKER_HUB
from hybridc.lower.shell import Shell, heredoc, quote, systemd_assignment, toml_string, yaml_string
from hybridc.spec.items import Items
from hybridc.spec.model import Spec
from hybridc.spec.node_model import Containerd, NodeInit, RegistryMirror, Runtime

HUB = "docker.io"
CRI = 'plugins."io.containerd.grpc.v1.cri"'


@dataclass(frozen=True)
class ContainerdText:
    """containerd's configuration, its pause image, and a ``hosts.toml`` (path, text) for every registry with mirrors.

    ``no_image`` is what to say when the tarball ``pause`` holds another one; ``default`` the program of the runtime
    that is the default where that program is, and what to say where it is not.
    """

    config: Shell
    image: Shell
    no_image: Shell
    mirrors: tuple[tuple[Shell, Shell], ...]
    default: tuple[Shell, Shell] | None


@dataclass(frozen=True)
class ProxyText:
    """The proxy as words for the environment of a command, and as a drop-in for a systemd service."""

    http: Shell
    https: Shell
    no_proxy: Shell
    unit: Shell


def containerd(init: NodeInit) -> ContainerdText:
    """The runtime's files."""
    image = init.containerd.sandbox_image
    other = f"the tarball pause does not hold {image}: nodeInit.containerd.sandboxImage"
    config = heredoc(_config(init.containerd), "TOML")
    return ContainerdText(config, quote(image), quote(other), tuple(_mirror_files(init)), _default_runtime(init))


def _mirror_files(init: NodeInit) -> Iterator[tuple[Shell, Shell]]:
    """Paths and texts: the CAs of a registry's mirrors, then its ``hosts.toml``, read at every pull."""
    for host, entries in init.registry_mirrors.items():
        folder = f"/etc/containerd/certs.d/{host}"
        for path, text in _authorities(entries, folder).items():
            yield quote(path), heredoc(text, "PEM")
        yield quote(f"{folder}/hosts.toml"), heredoc(_hosts_toml(host, entries, folder), "TOML")


def _authorities(entries: Items[RegistryMirror], folder: str) -> dict[str, str]:
    """CAs by the path of their file."""
    return {_ca_path(folder, number): entry.ca for number, entry in enumerate(entries) if entry.ca is not None}


def _ca_path(folder: str, number: int) -> str:
    return f"{folder}/ca-{number}.pem"


def _default_runtime(init: NodeInit) -> tuple[Shell, Shell] | None:
    for runtime in init.containerd.runtimes:
        if runtime.default:
            missing = f"no {runtime.binary} here: runc is the default, not {runtime.name}"
            return quote(runtime.binary), quote(missing)
    return None


def agent_files(init: NodeInit) -> tuple[tuple[Shell, Shell], ...]:
    """The same mirrors for k3s or RKE2, as (path, text): the CAs, and ``registries.yaml``; () without mirrors."""
    folder = f"/etc/rancher/{init.join.method}"
    mirrors = _with_default_registry(init)
    if not mirrors:
        return ()
    authorities: dict[str, str] = {}
    for host, entries in mirrors.items():
        authorities |= _authorities(entries, f"{folder}/certs.d/{host}")
    files = [(quote(path), heredoc(text, "PEM")) for path, text in authorities.items()]
    return (*files, (quote(f"{folder}/registries.yaml"), heredoc(_registries(mirrors, folder), "YAML")))


def _with_default_registry(init: NodeInit) -> dict[str, Items[RegistryMirror]]:
    """The mirrors; the registry of the distribution's own images is the first one of docker.io.

    As a mirror it serves every version: k3s has no flag for it on agents, RKE2 takes the server's
    (pkg/cli/cmds/agent.go of both).
    """
    registry, mirrors = init.system_default_registry, init.registry_mirrors
    if registry is None:
        return mirrors
    first = RegistryMirror(f"https://{registry}", False, None, False)
    return {**mirrors, HUB: Items((first, *mirrors.get(HUB, Items())))}


def _registries(mirrors: dict[str, Items[RegistryMirror]], folder: str) -> str:
    """``registries.yaml``; a path in a URL overrides by itself, and TLS is told by the mirror's host."""
    lines, configs = ["mirrors:"], []
    for host, entries in mirrors.items():
        endpoints = ", ".join(yaml_string(entry.url) for entry in entries)
        name = "*" if host == "_default" else host
        lines.append(f"  {yaml_string(name)}: {{endpoint: [{endpoints}]}}")
        for number, entry in enumerate(entries):
            path = yaml_string(_ca_path(f"{folder}/certs.d/{host}", number))
            tls = [f"ca_file: {path}"] if entry.ca is not None else []
            tls += ["insecure_skip_verify: true"] if entry.skip_verify else []
            if tls:
                configs.append(f"  {yaml_string(urlsplit(entry.url).netloc)}: {{tls: {{{', '.join(tls)}}}}}")
    return "\n".join([*lines, *(["configs:", *configs] if configs else [])])


def proxy(spec: Spec) -> ProxyText | None:
    """The proxy; hosts that answer inside the VPC alone are never asked through it."""
    found = spec.node_init.proxy
    if found is None:
        return None
    http, https = found.http or found.https or "", found.https or found.http or ""
    direct = ",".join([*found.no_proxy, *_vpc_hosts(spec.node_init)])
    values = {"HTTP_PROXY": http, "HTTPS_PROXY": https, "NO_PROXY": direct}
    unit = ["[Service]", *(systemd_assignment(name, value) for name, value in values.items())]
    return ProxyText(quote(http), quote(https), quote(direct), heredoc("\n".join(unit), "UNIT"))


def _vpc_hosts(init: NodeInit) -> list[str]:
    registry = init.containerd.sandbox_image.split("/")[0]
    found = []
    if init.packages.mirror == "vpc":
        found += mirror_hosts("vpc")
    if "-vpc." in registry:
        found.append(registry)
    return found


def _config(containerd: Containerd) -> str:
    default = [runtime.name for runtime in containerd.runtimes if runtime.default]
    named = f"\n[{CRI}.containerd]\n  default_runtime_name = {toml_string(default[0])}\n" if default else ""
    return f"""version = 2

[{CRI}]
  sandbox_image = {toml_string(containerd.sandbox_image)}
{named}
[{CRI}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[{CRI}.containerd.runtimes.runc.options]
  SystemdCgroup = true
{"".join(map(_runtime, containerd.runtimes))}
[{CRI}.registry]
  config_path = "/etc/containerd/certs.d"

[{CRI}.cni]
  bin_dir = "/opt/cni/bin"
  conf_dir = "/etc/cni/net.d"
"""


def _runtime(runtime: Runtime) -> str:
    return f"""
[{CRI}.containerd.runtimes.{runtime.name}]
  runtime_type = "io.containerd.runc.v2"

[{CRI}.containerd.runtimes.{runtime.name}.options]
  BinaryName = {toml_string(runtime.binary)}
  SystemdCgroup = true
"""


def _hosts_toml(host: str, entries: tuple[RegistryMirror, ...], folder: str) -> str:
    """The mirrors of a registry, tried in this order before the registry itself."""
    server = f"https://{DOCKER_HUB}" if host == HUB else f"https://{host}"
    blocks = [] if host == "_default" else [f"server = {toml_string(server)}\n"]
    for number, entry in enumerate(entries):
        options = "  override_path = true\n" if entry.override_path else ""
        options += f"  ca = {toml_string(_ca_path(folder, number))}\n" if entry.ca is not None else ""
        options += "  skip_verify = true\n" if entry.skip_verify else ""
        blocks.append(f'[host.{toml_string(entry.url)}]\n  capabilities = ["pull", "resolve"]\n{options}')
    return "\n".join(blocks)
