"""What a node pool's image and its instance types say about its nodes."""

from __future__ import annotations

from functools import cache

from hybridc.catalog import instance_types, systems
from hybridc.catalog.systems import System
from hybridc.spec.model import Spec

_VARIANTS = ("Arm64", "Security")


@cache
def image_systems(image_type: str) -> tuple[System, ...]:
    """The systems of the catalog that images of this type boot; () when it knows none."""
    base = image_type
    for variant in _VARIANTS:
        base = base.removesuffix(variant)
    return tuple(system for system in systems.known_systems() if base in system.image_types)


def pods(spec: Spec, instance_type: str) -> int | None:
    """Pod addresses of an instance type: what the spec says, else the catalog; None when neither knows it."""
    own = spec.alibaba_cloud.instance_types.get(instance_type)
    if own is not None:
        return own.pods
    known = instance_types.find(instance_type)
    return None if known is None else known.pods


def addresses(spec: Spec, instance_type: str) -> tuple[int | None, int | None]:
    """IPv4 and IPv6 addresses of an ENI of an instance type; None where neither spec nor catalog knows the number."""
    own = spec.alibaba_cloud.instance_types.get(instance_type)
    if own is not None:
        return own.ips_per_eni, own.ipv6_per_eni
    known = instance_types.find(instance_type)
    return (None, None) if known is None else (known.ips_per_eni, known.ipv6_per_eni)


def arch(spec: Spec, instance_type: str) -> str | None:
    """The architecture of an instance type: what the spec says, else the catalog; None when neither knows it."""
    own = spec.alibaba_cloud.instance_types.get(instance_type)
    return own.arch if own is not None else instance_types.arch(instance_type)
