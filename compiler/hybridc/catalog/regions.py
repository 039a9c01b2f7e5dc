"""Regions: the names of OSS there (``regions.tsv``) and their zones (``zones.tsv``)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from hybridc.catalog import rows


class Environment(NamedTuple):
    """OSS in a region: hosts that answer inside of it, and its public host ("": not established).

    A finance region has two: an internal and a public environment.
    """

    internal: tuple[str, ...]
    public: str


@cache
def _regions() -> dict[str, list[Environment]]:
    found: dict[str, list[Environment]] = {}
    for region, _, internal, public, _ in rows("regions"):
        hosts = () if internal == "-" else tuple(internal.split(","))
        found.setdefault(region, []).append(Environment(hosts, "" if public == "-" else public))
    return found


def names() -> tuple[str, ...]:
    """The regions that the catalog knows."""
    return tuple(_regions())


def internal_endpoints(region: str) -> tuple[str, ...]:
    """Hosts of OSS that answer inside a region: one in most, several in finance regions, () when none is known."""
    return tuple(host for environment in _regions().get(region, ()) for host in environment.internal)


class Endpoint(NamedTuple):
    """A host of OSS: its region, and whether it answers inside of it only."""

    region: str
    internal: bool


@cache
def _hosts() -> dict[str, Endpoint]:
    found: dict[str, Endpoint] = {}
    for region, environments in _regions().items():
        for environment in environments:
            found.update((host, Endpoint(region, True)) for host in environment.internal)
            found.update({environment.public: Endpoint(region, False)} if environment.public else {})
    return found


def of_endpoint(host: str) -> Endpoint | None:
    """What an OSS host is; None when the catalog does not know it."""
    return _hosts().get(host)


@cache
def zones(region: str) -> tuple[str, ...]:
    """The zones of a region; () when no whole list is known. No closed list: zones are added."""
    for name, listed, state, _ in rows("zones"):
        if name == region and state == "complete":
            return tuple(listed.split(","))
    return ()


def public_endpoint(region: str) -> str:
    """The host of OSS that answers from anywhere; by the pattern of all others where the catalog has none."""
    known = [environment.public for environment in _regions().get(region, ()) if environment.public]
    return known[0] if known else f"oss-{region}.aliyuncs.com"


@cache
def _oss_regions() -> dict[str, str]:
    return {region: oss for region, oss, *_ in rows("regions")}


def of_oss(region: str) -> str:
    """What OSS calls a region, where a bucket is; by the pattern of all others where the catalog has none."""
    known = _oss_regions().get(region, "-")
    return known if known != "-" else f"oss-{region}"
