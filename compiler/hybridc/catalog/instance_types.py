"""ENI quota of ECS instance types (``instance_types.toml``)."""

from __future__ import annotations

from dataclasses import dataclass

from hybridc.catalog import load


@dataclass(frozen=True)
class Quota:
    """Network interfaces of an instance type, and IPv4 addresses on each."""

    enis: int
    ips_per_eni: int
    arch: str

    @property
    def pods(self) -> int:
        """Pods with an address of their own: every interface but the first one serves pods."""
        return (self.enis - 1) * self.ips_per_eni


def quota(instance_type: str) -> Quota | None:
    """The quota of an instance type such as ``ecs.g6.large``; None when the catalog does not know it."""
    entry = load("instance_types")["types"].get(instance_type)
    return Quota(entry["enis"], entry["ips_per_eni"], entry["arch"]) if entry else None
