"""Files of the container runtime that the node script writes: whole, as text that is known when compiling."""

from __future__ import annotations

from dataclasses import dataclass

from hybridc.catalog.kubernetes import mirror_hosts
from hybridc.catalog.network import DOCKER_HUB
from hybridc.lower.shell import Shell, heredoc, quote, systemd_assignment, toml_string, yaml_string
from hybridc.spec.items import Items
from hybridc.spec.model import NodeInit, RegistryMirror, Spec

CRI = 'plugins."io.containerd.grpc.v1.cri"'


@dataclass(frozen=True)
class ContainerdText:
    """containerd's configuration, its pause image, and a ``hosts.toml`` (path, text) for every registry with mirrors.

    ``no_image`` is what to say when the tarball ``pause`` holds another one.
    """

    config: Shell
    image: Shell
    no_image: Shell
    mirrors: tuple[tuple[Shell, Shell], ...]


@dataclass(frozen=True)
class ProxyText:
    """The proxy as words for the environment of a command, and as a drop-in for a systemd service."""

    http: Shell
    https: Shell
    no_proxy: Shell
    unit: Shell


def containerd(init: NodeInit) -> ContainerdText:
    """The runtime's files."""
    mirrors = tuple(
        (quote(f"/etc/containerd/certs.d/{host}/hosts.toml"), heredoc(_hosts_toml(host, entries), "TOML"))
        for host, entries in init.registry_mirrors.items()
    )
    image = init.containerd.sandbox_image
    other = f"the tarball pause does not hold {image}: nodeInit.containerd.sandboxImage"
    return ContainerdText(heredoc(_config(image), "TOML"), quote(image), quote(other), mirrors)


def registries(mirrors: dict[str, Items[RegistryMirror]]) -> str:
    """The same mirrors as k3s and RKE2 read them (``registries.yaml``); a path in a URL overrides by itself."""
    lines = ["mirrors:"]
    for host, entries in mirrors.items():
        endpoints = ", ".join(yaml_string(entry.url) for entry in entries)
        name = "*" if host == "_default" else host
        lines.append(f"  {yaml_string(name)}: {{endpoint: [{endpoints}]}}")
    return "\n".join(lines)


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


def _config(image: str) -> str:
    return f"""version = 2

[{CRI}]
  sandbox_image = {toml_string(image)}

[{CRI}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[{CRI}.containerd.runtimes.runc.options]
  SystemdCgroup = true

[{CRI}.registry]
  config_path = "/etc/containerd/certs.d"

[{CRI}.cni]
  bin_dir = "/opt/cni/bin"
  conf_dir = "/etc/cni/net.d"
"""


def _hosts_toml(host: str, entries: tuple[RegistryMirror, ...]) -> str:
    """The mirrors of a registry, tried in this order before the registry itself."""
    server = f"https://{DOCKER_HUB}" if host == "docker.io" else f"https://{host}"
    blocks = [] if host == "_default" else [f"server = {toml_string(server)}\n"]
    for entry in entries:
        override = "  override_path = true\n" if entry.override_path else ""
        blocks.append(f'[host.{toml_string(entry.url)}]\n  capabilities = ["pull", "resolve"]\n{override}')
    return "\n".join(blocks)
