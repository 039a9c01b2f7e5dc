"""ECS instance types: ENI quota, GPUs, architecture (``instance_types.tsv``)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from hybridc.catalog import ack, table


class InstanceType(NamedTuple):
    """ENIs of an instance type and addresses on each (None: not established), architecture.

    ``gpu``: it has GPUs, or a part of one.
    """

    enis: int | None
    ips_per_eni: int | None
    ipv6_per_eni: int | None
    gpu: bool
    arch: str

    @property
    def pods(self) -> int | None:
        """Pods with an address of their own: every interface but the first one serves pods."""
        return None if self.enis is None or self.ips_per_eni is None else (self.enis - 1) * self.ips_per_eni


def family(name: str) -> str:
    """``ecs.g8y`` for ``ecs.g8y.xlarge``."""
    return name.rpartition(".")[0]


@cache
def find(name: str) -> InstanceType | None:
    """An instance type such as ``ecs.g6.large``; None when the catalog does not know it."""
    _, found, rest = table("instance_types").partition(f"\n{name}\t")
    if not found:
        return None
    _, _, enis, ips, ipv6, gpus, arch = f"\t{rest.partition(chr(10))[0]}".split("\t")[1:]
    return InstanceType(_number(enis), _number(ips), _number(ipv6), gpus != "0", arch)


def siblings(name: str) -> tuple[str, ...]:
    """The known types of the same family; () when the catalog lacks the family."""
    lines = table("instance_types").splitlines()
    return tuple(line.partition("\t")[0] for line in lines if line.startswith(f"{family(name)}."))


def has_gpus(name: str) -> bool:
    """Whether an instance type has GPUs; one that the catalog does not know is told by its family's name."""
    found = find(name)
    if found is None:
        return name.removeprefix("ecs.").startswith(ack.GPU_FAMILIES)
    return found.gpu


def arch(name: str) -> str | None:
    """The architecture of an instance type, or of its family; None when the catalog knows neither."""
    found = find(name)
    known = (found,) if found is not None else tuple(entry for other in siblings(name) if (entry := find(other)))
    return known[0].arch if known else None


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
