"""What a release line of containerd can serve (``containerd.toml``)."""

from __future__ import annotations

from hybridc.catalog import load

Line = tuple[int, int]


def line(version: str) -> Line:
    """A release line as numbers: (1, 7) for 1.7."""
    major, minor = version.split(".")
    return int(major), int(minor)


def cannot_serve(version: str, minor: int) -> str | None:
    """Why a kubelet of this minor does not start with this line; None when it does."""
    facts = load("containerd")
    if line(version) < line(facts["cri_v1"]["line"]) and minor >= facts["cri_v1"]["minor"]:
        return "it has no CRI v1"
    if line(version) < line(facts["runtime_config"]["line"]) and minor >= facts["runtime_config"]["minor"]:
        return "it cannot tell the kubelet its cgroup driver"
    return None


def warns(version: str, minor: int) -> bool:
    """Whether kubeadm of this minor warns about this line: the next releases will refuse it."""
    facts = load("containerd")["runtime_config"]
    return line(version) < line(facts["line"]) and minor >= facts["warns"]


def ended(version: str) -> str | None:
    """When the line got its last release; None while it is maintained."""
    found: str | None = load("containerd")["ended"].get(version)
    return found
