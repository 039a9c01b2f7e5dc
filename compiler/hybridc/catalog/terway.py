"""What each version of Terway reads, needs and calls (``terway.toml``)."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, NamedTuple

from hybridc.catalog import load

Release = tuple[int, int, int]
NEWEST: str = load("terway")["newest"]
"""The newest Terway that the catalog knows."""


class Key(NamedTuple):
    """A key of ``eni_conf`` or of the CNI configuration.

    ``use`` is ``spec`` (hybridc writes it; ``field`` names the field), ``pass``, ``refuse`` (``why`` says) or ``dead``.
    ``also`` are the first releases of older lines that have the key too; ``values``, ``format``, ``low`` and ``high``
    limit its value. ``absent`` is what Terway does where the key is not there.
    """

    name: str
    type: str
    since: Release
    removed: Release | None
    use: str
    field: str | None
    why: str | None
    also: tuple[Release, ...] = ()
    values: tuple[str, ...] = ()
    format: str | None = None
    low: float | None = None
    high: float | None = None
    absent: Any = None

    def known_to(self, version: Release) -> bool:
        """Whether this version of Terway reads the key."""
        if self.removed is not None and version >= self.removed:
            return False
        return version >= self.since or any(first[:2] == version[:2] and version >= first for first in self.also)


def release(version: str) -> Release:
    """A version as numbers, a build suffix left out: (1, 13, 2) for 1.13.2-1718bc8."""
    major, minor, patch = version.split("-")[0].split(".")
    return int(major), int(minor), int(patch)


@cache
def keys(table: Literal["eni_conf", "cni_conf"] = "eni_conf") -> dict[str, Key]:
    """Every key that ``eni_conf`` (or ``cni_conf``) ever had, by name."""
    return {
        name: Key(
            name=name,
            type=entry.get("type", "any"),
            since=release(entry.get("since", "0.1.0")),
            removed=release(entry["removed"]) if "removed" in entry else None,
            use=entry["use"],
            field=entry.get("field"),
            why=entry.get("why"),
            also=tuple(release(first) for first in entry.get("also", ())),
            values=tuple(entry.get("values", ())),
            format=entry.get("format"),
            low=entry.get("low"),
            high=entry.get("high"),
            absent=entry.get("absent"),
        )
        for name, entry in load("terway")[table].items()
    }


def knows(key: str, version: Release) -> bool:
    """Whether this version of Terway reads the key of ``eni_conf``."""
    found = keys().get(key)
    return found is not None and found.known_to(version)


def oldest_minor(version: Release) -> int | None:
    """The oldest minor of Kubernetes 1.x that this Terway runs on; None for a Terway that is too old to know."""
    rows = [row["minor"] for row in load("terway")["kubernetes"] if release(row["from"]) <= version]
    return rows[-1] if rows else None


def maintained(minor: int) -> str:
    """The releases that Alibaba maintains for a minor of Kubernetes, in words: ``1.9.14 to 1.9.17``."""
    rows = load("terway")["maintained"]
    row = next((row for row in reversed(rows) if row["minor"] <= minor), rows[0])
    return f"{row['first']} to {row['last']}" if "last" in row else f"{row['first']} or later"


ADDON_SECRET_SINCE: str = load("terway")["addon_secret"]["since"]
IPVLAN_DEPRECATED: str = load("terway")["ipvlan"]["deprecated"]
DATAPATHV2_SINCE: str = load("terway")["datapathv2"]["since"]
HOST_STACK_SINCE: str = load("terway")["host_stack"]["since"]
"""The first version whose datapathv2 reads ``host_stack_cidrs``."""
HOST_STACK_DEFAULT: str = load("terway")["host_stack"]["default"]
"""What reaches the host's stack without ``host_stack_cidrs``."""
LINK_ADDRESS: str = load("terway")["link"]["address"]
"""The gateway of every pod."""
CHART_REPOSITORY: str = load("terway")["chart"]["repository"]
NESTED_VALUES_SINCE: str = load("terway")["chart"]["nested_values_since"]
"""The first chart whose values hybridc writes."""
CHART_POLICY: str = load("terway")["chart_policy"]["container"]
"""The container of the chart that AppArmor must leave alone."""
UNTAGGED: tuple[str, ...] = tuple(load("terway")["chart"]["untagged"])
"""Versions of the managed add-on that the chart's repository has no tag of."""
DROPPED_IMAGE_TYPES: tuple[str, ...] = tuple(load("terway")["systems"]["dropped_image_types"])
DROPPED_SINCE: str = load("terway")["systems"]["dropped_since"]
KERNEL: str = load("terway")["systems"]["kernel"]
"""The oldest kernel that Terway runs on, from KERNEL_SINCE on."""

KERNEL_SINCE: str = load("terway")["systems"]["kernel_since"]


def security_group_limit(version: Release) -> int:
    """How many security groups an ENI configuration may name."""
    facts = load("terway")["security_groups"]
    return int(facts["limit"] if version >= release(facts["since"]) else facts["limit_before"])


@cache
def _releases() -> frozenset[Release]:
    return frozenset(release(known) for known in load("terway")["releases"])


def is_release(version: Release) -> bool:
    """Whether there is such a release, as far as the catalog knows."""
    return version in _releases()


def nearest_release(version: Release) -> str:
    """The last release before a version; the first one for what is older still."""
    return ".".join(
        str(part) for part in max((known for known in _releases() if known <= version), default=min(_releases()))
    )


def told(version: str) -> str:
    """A Terway in a sentence that states a fact; an unknown one with the release that it is taken for."""
    wanted = release(version)
    return f"Terway {version}" if is_release(wanted) else f"Terway {version} (taken for {nearest_release(wanted)})"
