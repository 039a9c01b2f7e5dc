"""What the node script installs, and where from."""

from __future__ import annotations

from dataclasses import dataclass

from hybridc.catalog import joins, kubernetes, systems
from hybridc.catalog.systems import Family
from hybridc.lower.shell import Shell, heredoc, quote, words
from hybridc.spec.model import Spec
from hybridc.spec.node_model import NodeInit

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
class FamilyText:
    """What nodes of a family install, as arguments of its package manager; None where they install nothing.

    ``install`` comes from the repositories here, the pinned packages and the spec's extras; where there are no such
    repositories ``extra`` comes from those of the image.
    """

    id: str
    manager: str
    script: str
    el: bool
    ca_folder: str
    ca_update: str
    install: Shell | None
    extra: Shell | None
    repositories: tuple[RepositoryText, ...]

    @property
    def lifted(self) -> str:
        """The options that let dnf install, this once, what the repositories here hold back."""
        return " ".join(f"--disableexcludes=hybridc-{entry.name}" for entry in self.repositories)


@dataclass(frozen=True)
class PackageText:
    """The packages of every family that a node of this spec may be of, and what is not a package."""

    source: str
    families: tuple[FamilyText, ...]
    tarballs: Shell | None
    asked: str
    places: tuple[tuple[str, str], ...]
    imports_pause: bool
    agent_url: Shell | None

    @property
    def pinned(self) -> tuple[FamilyText, ...]:
        """The families that install from the repositories here."""
        return tuple(family for family in self.families if family.install is not None)

    @property
    def extras(self) -> tuple[FamilyText, ...]:
        """The families that install from the repositories of the image."""
        return tuple(family for family in self.families if family.extra is not None)

    @property
    def repositories(self) -> tuple[RepositoryText, ...]:
        return tuple(repository for family in self.families for repository in family.repositories)

    @property
    def held(self) -> str:
        """What apt may not move by itself."""
        return PLUGINS if self.agent_url else "kubelet kubeadm containerd.io"

    @property
    def el(self) -> str:
        """The EL releases that the repositories have, as alternatives of a pattern; "" where none asks for one."""
        if any("$EL" in entry.url + entry.key_url for entry in self.repositories):
            return "|".join(str(el) for el in kubernetes.containerd_el())
        return ""

    @property
    def fingerprints(self) -> bool:
        """Whether a signing key comes over plain http, so that its fingerprint has to be checked."""
        return any(entry.fingerprint != quote("") for entry in self.repositories)

    @property
    def downloads(self) -> bool:
        return bool(self.repositories) or self.tarballs is not None or self.agent_url is not None


def packages(spec: Spec) -> PackageText:
    """The packages of a cluster's nodes."""
    init = spec.node_init
    source, agent = init.packages.source, joins.join(init.join.method).agent
    pinned = source == "repo" and (not agent or spec.terway is not None)
    names = sorted({tarball.name for tarball in init.packages.tarballs}) if source == "tarball" else []
    return PackageText(
        source=source,
        families=tuple(
            _family(spec, family, pinned=pinned) for family in systems.families().values() if _serves(spec, family)
        ),
        tarballs=_tarballs(init) if names else None,
        asked=_asked(spec) if source != "repo" else "",
        places=tuple((name, PLACES[name]) for name in names if name in PLACES),
        imports_pause="pause" in names,
        agent_url=_agent_url(spec) if source == "repo" and agent else None,
    )


def _serves(spec: Spec, family: Family) -> bool:
    """Whether a node of this spec may be of the family."""
    return systems.system(spec.node_init.os).family in (None, family.id)


def _family(spec: Spec, family: Family, *, pinned: bool) -> FamilyText:
    return FamilyText(
        id=family.id,
        manager=family.manager,
        script=family.script,
        el=family.el,
        ca_folder=family.ca_folder,
        ca_update=family.ca_update,
        install=_words(_pinned(spec, family)) if pinned else None,
        extra=None if pinned else _words(_extra(spec, family)),
        repositories=_repositories(spec, family.id) if pinned else (),
    )


def _words(found: list[str]) -> Shell | None:
    return words(found) if found else None


def _extra(spec: Spec, family: Family) -> list[str]:
    init = spec.node_init
    if init.packages.source == "preinstalled":
        return []
    asked = ["conntrack"] if init.packages.source == "tarball" and "conntrack" in _asked(spec) else []
    return [systems.package_name(name, family.id) for name in (*asked, *init.packages.extra)]


def _pinned(spec: Spec, family: Family) -> list[str]:
    """The versions of the spec, what its kubeadm still asks for, and the extras."""
    version, line = spec.cluster.kubernetes_version, spec.node_init.containerd.version
    if joins.join(spec.node_init.join.method).agent:
        return [PLUGINS, *_extra(spec, family)]
    found = [family.exact.format(name=name, version=version) for name in ("kubelet", "kubeadm")]
    found.append(family.line.format(name="containerd.io", version=line))
    if kubernetes.release(spec.cluster.minor).conntrack:
        found.append(systems.package_name("conntrack", family.id))
    return found + _extra(spec, family)


def _asked(spec: Spec) -> str:
    """Programs that kubeadm's preflight asks for and that neither an image nor a tarball surely has."""
    asks = spec.node_init.join.method == "kubeadm" and kubernetes.release(spec.cluster.minor).conntrack
    return "crictl conntrack" if asks else ""


def _repositories(spec: Spec, family: str) -> tuple[RepositoryText, ...]:
    names = ["kubernetes"] if joins.join(spec.node_init.join.method).agent else HELD
    return tuple(_repository(spec, name, family) for name in names)


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
    way, upstream = joins.join(spec.node_init.join.method), spec.node_init.packages.mirror == "upstream"
    return quote(way.releases(spec.cluster.kubernetes_version, upstream=upstream))
