"""Operating systems of nodes (``systems.toml``)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from hybridc.catalog import facts, load


class Family(NamedTuple):
    """Systems with one kind of packages; the fields are explained in the data file."""

    id: str
    manager: str
    script: str
    exact: str
    line: str
    el: bool
    ca_folder: str
    ca_update: str
    platforms: tuple[str, ...]


class System(NamedTuple):
    """An operating system: ``family`` is that of its packages, None for ``auto``; the data file explains the rest."""

    id: str
    family: str | None
    match: tuple[str, ...]
    cgroup: int | None
    el: int | None
    kernel: str | None
    image_types: tuple[str, ...]
    newest_containerd: str | None


AUTO = System("auto", None, (), None, None, None, (), None)


@cache
def families() -> dict[str, Family]:
    """Every family of packages, by its id."""
    return {
        name: Family(id=name, **{**facts(entry), "platforms": tuple(entry["platforms"])})
        for name, entry in load("systems")["family"].items()
    }


def known_systems() -> tuple[System, ...]:
    """Every system of the catalog, in its order; ``auto`` is none of them."""
    return tuple(
        System(
            id=entry["id"],
            family=entry["family"],
            match=tuple(entry["match"]),
            cgroup=entry["cgroup"],
            el=entry.get("el"),
            kernel=entry["kernel"],
            image_types=tuple(entry["image_types"]),
            newest_containerd=entry.get("newest_containerd"),
        )
        for entry in load("systems")["system"]
    )


def system(os_id: str) -> System:
    """The system that ``nodeInit.os`` names; ``auto`` gives :data:`AUTO`. KeyError for an unknown one."""
    if os_id == AUTO.id:
        return AUTO
    for entry in known_systems():
        if entry.id == os_id:
            return entry
    raise KeyError(os_id)


def package_name(name: str, family: str) -> str:
    """What ``family`` calls a package; a name that the catalog does not know is the package's own."""
    known = load("systems")["package_names"].get(name)
    return str(known[family]) if known else name
