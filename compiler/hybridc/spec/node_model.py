"""The model below ``nodeInit``: how a node is prepared and joins. :mod:`hybridc.spec.model` has the rest."""

from __future__ import annotations

import re
from typing import NamedTuple

from hybridc.spec import choices
from hybridc.spec.hole import sure
from hybridc.spec.items import Items

_UNITS = {"h": 3600, "m": 60, "s": 1}


class Repository(NamedTuple):
    name: choices.RepositoryName
    family: choices.PackageFamily
    url: str
    key_url: str


class Tarball(NamedTuple):
    name: str
    url: str
    sha256: str
    arch: choices.Architecture


class Packages(NamedTuple):
    source: choices.PackageSource
    mirror: choices.Mirror
    repositories: Items[Repository]
    tarballs: Items[Tarball]
    extra: Items[str]


class Runtime(NamedTuple):
    """A runtime beside runc; ``default`` holds where ``binary`` is on the node."""

    name: str
    binary: str
    default: bool


class Containerd(NamedTuple):
    version: str
    sandbox_image: str
    runtimes: Items[Runtime]


class Proxy(NamedTuple):
    """``no_proxy`` holds what the spec names and every range of the cluster and the VPC."""

    http: str | None
    https: str | None
    no_proxy: Items[str]


class RegistryMirror(NamedTuple):
    url: str
    override_path: bool
    ca: str | None
    skip_verify: bool


class Token(NamedTuple):
    """Where the node finds its bootstrap token; the token itself is never part of a spec or an output."""

    source: choices.TokenSource
    url: str | None
    path: str | None
    name: str | None
    role: str | None
    ttl: str
    refresh: choices.TokenRefresh

    @property
    def ttl_seconds(self) -> int:
        """How long the token lives (Go duration: 24h, 1h30m); 0 is for ever."""
        return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"([0-9]{1,9})([hms])", sure(self.ttl)))


class Join(NamedTuple):
    method: choices.JoinMethod
    server: str | None
    command: str | None
    token: Token
    ignore_preflight_errors: Items[str]
    unsafe_skip_ca_verification: bool


class NodeLabels(NamedTuple):
    topology: bool
    restricted: choices.RestrictedLabels
    extra: dict[str, str]


class Hooks(NamedTuple):
    pre: str | None
    pre_join: str | None
    post: str | None


class Oss(NamedTuple):
    bucket: str
    prefix: str | None
    endpoint: str


class NodeInit(NamedTuple):
    """With mode ``managed`` there is no script and only ``mode`` has a meaning."""

    mode: choices.NodeInitMode
    os: choices.OperatingSystem
    packages: Packages
    containerd: Containerd
    proxy: Proxy | None
    registry_mirrors: dict[str, Items[RegistryMirror]]
    hosts: dict[str, str]
    trusted_cas: Items[str]
    system_default_registry: str | None
    join: Join
    kubelet_extra_args: dict[str, str]
    labels: NodeLabels
    allow_cgroup_v1: bool
    hooks: Hooks
    budget_seconds: int
    oss: Oss | None
    url: str | None
