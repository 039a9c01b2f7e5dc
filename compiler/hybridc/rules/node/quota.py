"""What a node pool's image and its instance types say about its nodes."""

from __future__ import annotations

from functools import cache

from hybridc.catalog import ack, instance_types, systems
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
        return (own.enis - 1) * own.ips_per_eni
    quota = instance_types.quota(instance_type)
    return None if quota is None else quota.pods


def arch(spec: Spec, instance_type: str) -> str:
    """The architecture of an instance type: ``amd64`` unless the spec, the catalog or the family's name says arm64."""
    own = spec.alibaba_cloud.instance_types.get(instance_type)
    if own is not None:
        return str(own.arch)
    quota = instance_types.quota(instance_type)
    if quota is not None:
        return quota.arch
    return "arm64" if family(instance_type) in ack.ARM_FAMILIES else "amd64"


def family(instance_type: str) -> str:
    """``g8y`` for ``ecs.g8y.xlarge``."""
    return str(instance_type).split(".")[1]
