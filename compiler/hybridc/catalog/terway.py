"""What each version of Terway reads, needs and calls (``terway.toml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hybridc.catalog import load

Release = tuple[int, int, int]
NEWEST: str = load("terway")["newest"]
"""The newest Terway that the catalog knows."""


@dataclass(frozen=True)
class Key:
    """A key of ``eni_conf`` or of the CNI configuration.

    ``use`` is ``spec`` (hybridc writes it; ``field`` names the field), ``pass``, ``refuse`` (``why`` says) or ``dead``.
    """

    name: str
    type: str
    since: Release
    removed: Release | None
    use: str
    field: str | None
    why: str | None


def release(version: str) -> Release:
    """A version as numbers, a build suffix left out: (1, 13, 2) for 1.13.2-1718bc8."""
    major, minor, patch = version.split("-")[0].split(".")
    return int(major), int(minor), int(patch)


@cache
def keys(table: str = "eni_conf") -> dict[str, Key]:
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
        )
        for name, entry in load("terway")[table].items()
    }


def knows(key: str, version: Release) -> bool:
    """Whether this version of Terway reads the key of ``eni_conf``."""
    found = keys().get(key)
    return found is not None and found.since <= version and (found.removed is None or version < found.removed)


def oldest_minor(version: Release) -> int | None:
    """The oldest minor of Kubernetes 1.x that this Terway runs on; None for a Terway that is too old to know."""
    rows = [row["minor"] for row in load("terway")["kubernetes"] if release(row["from"]) <= version]
    return rows[-1] if rows else None


def security_group_limit(version: Release) -> int:
    """How many security groups an ENI configuration may name."""
    facts = load("terway")["security_groups"]
    return int(facts["limit"] if version >= release(facts["since"]) else facts["limit_before"])
