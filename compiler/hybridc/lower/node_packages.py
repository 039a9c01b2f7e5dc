"""What the node script installs, and where from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hybridc.catalog import kubernetes, systems
from hybridc.lower.shell import Shell, heredoc, quote, words
from hybridc.spec.model import NodeInit, Spec

PLUGINS = "kubernetes-cni"
"""The package that brings ``loopback`` to /opt/cni/bin; k3s and RKE2 keep theirs to themselves."""

HELD = {"kubernetes": "kubelet kubeadm kubectl cri-tools kubernetes-cni", "containerd": "containerd.io"}
"""Packages of a repository that nothing but the script may move."""

PLACES = {
    "containerd": 'tar --no-same-owner -xzf "$2" -C /usr/local',
    "cni-plugins": 'mkdir -p /opt/cni/bin && tar --no-same-owner -xzf "$2" -C /opt/cni/bin',
    "runc": 'install -m 0755 "$2" /usr/local/sbin/runc',
    "crictl": 'tar --no-same-owner -xzf "$2" -C /usr/local/bin',
    "kubelet": 'install -m 0755 "$2" /usr/bin/kubelet',
    "kubeadm": 'install -m 0755 "$2" /usr/bin/kubeadm',
    "pause": 'cp "$2" "$STATE_DIR/pause.tar"',
    "rke2": 'tar --no-same-owner -xzf "$2" -C /usr/local',
}
"""What becomes of a tarball, by its name; any other is a program for /usr/local/bin."""


@dataclass(frozen=True)
class RepositoryText:
    """A repository to set up; ``fingerprint`` is empty where the key is fetched over https or is the spec's own."""

    name: str
    url: Shell
    key_url: Shell
    fingerprint: Shell
    held: Shell
    suite: Shell


@dataclass(frozen=True)
class PackageText:
    """Packages as arguments of dnf and apt-get; None where the family installs nothing or is not this node's.

    ``rpm`` and ``deb`` come from the repositories here, the pinned ones and the spec's extras; where there are no
    such repositories ``extra_rpm`` and ``extra_deb`` come from those of the image.
    """

    source: str
    rpm: Shell | None
    deb: Shell | None
    extra_rpm: Shell | None
    extra_deb: Shell | None
    rpm_repositories: tuple[RepositoryText, ...]
    deb_repositories: tuple[RepositoryText, ...]
    tarballs: Shell | None
    asked: str
    places: tuple[tuple[str, str], ...]
    imports_pause: bool
    agent_url: Shell | None

    @property
    def repositories(self) -> bool:
        return bool(self.rpm_repositories or self.deb_repositories)

    @property
    def held(self) -> str:
        """What apt may not move by itself."""
        return PLUGINS if self.agent_url else "kubelet kubeadm containerd.io"

    @property
    def lifted(self) -> str:
        """The options that let dnf install, this once, what the repositories here hold back."""
        return " ".join(f"--disableexcludes=hybridc-{entry.name}" for entry in self.rpm_repositories)

    @property
    def el(self) -> str:
        """The EL releases that the rpm repositories have, as alternatives of a pattern; "" where none asks for one."""
        if any("$EL" in entry.url + entry.key_url for entry in self.rpm_repositories):
            return "|".join(str(el) for el in kubernetes.containerd_el())
        return ""

    @property
    def fingerprints(self) -> bool:
        """Whether a signing key comes over plain http, so that its fingerprint has to be checked."""
        return any(entry.fingerprint != quote("") for entry in self.rpm_repositories + self.deb_repositories)

    @property
    def downloads(self) -> bool:
        return self.repositories or self.tarballs is not None or self.agent_url is not None


def packages(spec: Spec) -> PackageText:
    """The packages of a cluster's nodes."""
    init = spec.node_init
    source, agent = init.packages.source, init.join.method in ("k3s", "rke2")
    pinned = source == "repo" and (not agent or spec.terway is not None)
    names = sorted({tarball.name for tarball in init.packages.tarballs}) if source == "tarball" else []
    return PackageText(
        source=source,
        rpm=_words(spec, "rpm", _pinned) if pinned else None,
        deb=_words(spec, "deb", _pinned) if pinned else None,
        extra_rpm=None if pinned else _words(spec, "rpm", _extra),
        extra_deb=None if pinned else _words(spec, "deb", _extra),
        rpm_repositories=_repositories(spec, "rpm") if pinned else (),
        deb_repositories=_repositories(spec, "deb") if pinned else (),
        tarballs=_tarballs(init) if names else None,
        asked=_asked(spec) if source != "repo" else "",
        places=tuple((name, PLACES[name]) for name in names if name in PLACES),
        imports_pause="pause" in names,
        agent_url=_agent_url(spec) if source == "repo" and agent else None,
    )


def _serves(spec: Spec, family: str) -> bool:
    """Whether a node of this spec may be of the family."""
    return systems.system(spec.node_init.os).family in (None, family)


def _words(spec: Spec, family: str, of: Callable[[Spec, str], list[str]]) -> Shell | None:
    found = of(spec, family) if _serves(spec, family) else []
    return words(found) if found else None


def _extra(spec: Spec, family: str) -> list[str]:
    init = spec.node_init
    if init.packages.source == "preinstalled":
        return []
    asked = ["conntrack"] if init.packages.source == "tarball" and "conntrack" in _asked(spec) else []
    return [systems.package_name(name, family) for name in (*asked, *init.packages.extra)]


def _pinned(spec: Spec, family: str) -> list[str]:
    """The versions of the spec, what its kubeadm still asks for, and the extras."""
    version, line = spec.cluster.kubernetes_version, spec.node_init.containerd.version
    if spec.node_init.join.method in ("k3s", "rke2"):
        return [PLUGINS, *_extra(spec, family)]
    if family == "rpm":
        found = [f"kubelet-{version}", f"kubeadm-{version}", f"containerd.io-{line}.*"]
    else:
        found = [f"kubelet={version}-*", f"kubeadm={version}-*", f"containerd.io={line}.*"]
    if kubernetes.release(spec.cluster.minor).conntrack:
        found.append(systems.package_name("conntrack", family))
    return found + _extra(spec, family)


def _asked(spec: Spec) -> str:
    """Programs that kubeadm's preflight asks for and that neither an image nor a tarball surely has."""
    asks = spec.node_init.join.method == "kubeadm" and kubernetes.release(spec.cluster.minor).conntrack
    return "crictl conntrack" if asks else ""


def _repositories(spec: Spec, family: str) -> tuple[RepositoryText, ...]:
    names = ["kubernetes"] if spec.node_init.join.method in ("k3s", "rke2") else HELD
    return tuple(_repository(spec, name, family) for name in names) if _serves(spec, family) else ()


def _repository(spec: Spec, name: str, family: str) -> RepositoryText:
    """The spec's own repository of this name and family, or the mirror's."""
    init = spec.node_init
    fingerprint = ""
    for own in init.packages.repositories:
        if (own.name, own.family) == (name, family):
            url, key_url = own.url, own.key_url
            break
    else:
        known = kubernetes.package_repository(name, family, init.packages.mirror, spec.cluster.minor)
        url, key_url = known.url, known.key_url
        fingerprint = known.fingerprint if key_url.startswith("http:") else ""
    flat = name == "kubernetes" or url.endswith("/")
    return RepositoryText(
        name=name,
        url=quote(url),
        key_url=quote(key_url),
        fingerprint=quote(fingerprint),
        held=quote(HELD[name]),
        suite=Shell("/" if flat else '"$CODENAME stable"'),
    )


def _tarballs(init: NodeInit) -> Shell:
    rows = (f"{tar.name} {tar.arch} {tar.sha256} {tar.url}" for tar in init.packages.tarballs)
    return heredoc("\n".join(rows), "TARBALLS")


def _agent_url(spec: Spec) -> Shell:
    """The folder that holds a release of k3s or RKE2 and its checksums."""
    method = spec.node_init.join.method
    upstream = spec.node_init.packages.mirror == "upstream"
    return quote(kubernetes.agent_release_url(method, spec.cluster.kubernetes_version, upstream=upstream))
