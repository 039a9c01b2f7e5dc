"""Kubernetes minors, their packages and the runtime that goes with them (``kubernetes.toml``)."""

from __future__ import annotations

from typing import NamedTuple

from hybridc.catalog import facts, load, numbers, systems

MAX_PODS: int = load("kubernetes")["kubelet"]["max_pods"]
"""Pods of a node whose kubelet is not told otherwise."""


KUBELET_SIGNERS: tuple[str, ...] = tuple(load("kubernetes")["kubelet_signers"]["names"])
"""Signers of the certificates that a kubelet asks for: those that it logs in with and serves with."""

SERVICE_CIDR_SINCE: int = load("kubernetes")["service_cidr"]["minor"]
"""The first minor that serves ServiceCIDRs in ``networking.k8s.io/v1``."""

ANNOTATION_BYTES: int = load("kubernetes")["annotations"]["max_bytes"]
"""What all annotations of an object may take, in bytes."""


class KubernetesRelease(NamedTuple):
    """What changes from minor to minor for a node; the fields are explained in the data file."""

    minor: int
    kubeadm_api: str
    containerd: str
    config_validate: bool
    conntrack: bool
    cgroup_v1: bool


class PackageRepository(NamedTuple):
    """A package repository: ``fingerprint`` is its signing key's, as 40 hex digits."""

    url: str
    key_url: str
    fingerprint: str


def known_minors() -> tuple[int, ...]:
    """The minors that the catalog knows, ascending: ``(24, …, 37)``."""
    return tuple(sorted(entry["minor"] for entry in load("kubernetes")["release"]))


def release(minor: int) -> KubernetesRelease:
    """The facts of a minor; one that the catalog does not know has those of the nearest that it does."""
    known = known_minors()
    wanted = max(known[0], min(minor, known[-1]))
    entry = next(entry for entry in load("kubernetes")["release"] if entry["minor"] == wanted)
    return KubernetesRelease(**facts(entry))


def told(version: str) -> str:
    """A Kubernetes (``1.x.y``) in a sentence that states a fact; an unknown one with the minor that it is taken for."""
    minor = numbers(version)[1]
    return f"Kubernetes {version}" + ("" if minor in known_minors() else f" (taken for 1.{release(minor).minor})")


def join_configuration_version(minor: int) -> str:
    """The apiVersion of the JoinConfiguration that kubeadm of this minor reads without a complaint."""
    return release(minor).kubeadm_api


def bootstrap_bindings() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Kubeadm's ClusterRoleBindings for tokens: name, role, and the groups one of which must have it."""
    found = load("kubernetes")["bootstrap"]["bindings"]
    return tuple((each["name"], each["role"], tuple(each["groups"])) for each in found)


def bootstrap_readers() -> tuple[tuple[tuple[str, str], str], ...]:
    """Kubeadm's RoleBindings for tokens: namespace and name, and the phase of ``kubeadm init`` that makes it."""
    found = load("kubernetes")["bootstrap"]["readers"]
    return tuple(((each["namespace"], each["name"]), each["phase"]) for each in found)


def everybody() -> tuple[str, ...]:
    """Groups and users that stand for all who ask."""
    return tuple(load("kubernetes")["bootstrap"]["everybody"])


def token_secrets() -> str:
    """How the names of the Secrets of bootstrap tokens start."""
    return str(load("kubernetes")["bootstrap"]["token_secrets"])


def token_type() -> str:
    """The type of the Secret of a bootstrap token."""
    return str(load("kubernetes")["bootstrap"]["token_type"])


def token_group() -> str:
    """The group that kubeadm gives a token: that of nodes that join."""
    return str(load("kubernetes")["bootstrap"]["token_group"])


def oldest_kubelet(minor: int) -> int:
    """The minor of the oldest kubelet that an API server of ``minor`` serves: 31 for 34."""
    skew = load("kubernetes")["skew"]
    return int(minor - (skew["minors"] if minor >= skew["since"] else skew["minors_before"]))


def app_armor_annotation(minor: int) -> str | None:
    """The start of the annotation that says AppArmor's profile of a container; None where a field says it."""
    known = load("kubernetes")["app_armor"]
    return None if minor >= known["field_since"] else str(known["annotation"])


def default_containerd(minor: int, os_id: str) -> str:
    """The containerd line (``x.y``) for a minor; an operating system may cap it."""
    wanted = release(minor).containerd
    newest = systems.system(os_id).newest_containerd
    return min(wanted, newest or wanted, key=numbers)


def default_sandbox_image(minor: int, region: str) -> str:
    """The pause image that nodes of ``region`` reach inside their VPC; one image serves every minor."""
    del minor  # the mirror holds one tag, and any pause version serves any kubelet
    template: str = load("kubernetes")["sandbox_image"]["vpc"]
    return template.format(region=region)


def removed_kubelet_flag(flag: str, minor: int) -> int | None:
    """The minor whose kubelet no longer knows ``flag`` (without dashes), when that is ``minor`` or older."""
    for entry in load("kubernetes")["removed_kubelet_flags"]:
        if flag in entry["flags"] and entry["minor"] <= minor:
            return int(entry["minor"])
    return None


def package_repository(name: str, family: str, mirror: str, minor: int) -> PackageRepository:
    """The repository ``name`` (kubernetes, containerd) of a ``family`` (rpm, deb) on a mirror.

    ``$EL``, ``$ID`` and ``$basearch`` in the result are left for the node to fill in.
    """
    known = load("kubernetes")["repositories"][name]
    values = {"base": known["base"][mirror], "minor": f"1.{minor}"}
    own = known["family"][family]
    return PackageRepository(own["url"].format(**values), own["key"].format(**values), own["fingerprint"])


def mirror_hosts(mirror: str) -> list[str]:
    """The hosts that a mirror's repositories are on, each once."""
    repositories = load("kubernetes")["repositories"].values()
    return list(dict.fromkeys(_host(known["base"][mirror]) for known in repositories))


def _host(url: str) -> str:
    return url.split("/")[2]


def containerd_el() -> tuple[int, ...]:
    """The EL releases that Docker's repository goes on for; ``linux/rhel/<el>`` of any other is not there."""
    return tuple(load("kubernetes")["repositories"]["containerd"]["el"])
