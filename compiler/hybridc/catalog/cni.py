"""What the on-prem CNI plugins are (``cni.toml``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from hybridc.catalog import facts, load, numbers


class Place(NamedTuple):
    """A value of a chart (or of an operator's object) that takes an affinity as a whole; ``path`` is dotted.

    ``main``: that of the plugin's DaemonSet. ``keep``: what the owner's default says beside nodeAffinity. ``since``:
    the first version that has it for sure, ``since_perhaps``: some builds of this version have it.
    """

    path: str
    main: bool = False
    terms: Sequence[dict[str, Any]] = ()
    keep: Mapping[str, Any] = MappingProxyType({})
    since: str | None = None
    since_perhaps: str | None = None

    def known_to(self, version: str | None) -> bool:
        """Whether this version of the plugin has the place; an unknown one counts as the newest."""
        return version is None or self.since is None or not older(version, self.since)


class Setting(NamedTuple):
    """A value of a chart; ``path`` is dotted."""

    path: str
    value: Any


class Install(NamedTuple):
    """A way of installing a plugin.

    ``values`` are the places for the exclusion, ``()`` when its owner takes none; they stand ``under`` a key of the
    ``chart``'s values or of a merge patch of ``object``. ``settings``
    are further values of the chart, ``by_hand`` what has to be done where there is no chart.
    ``reverts``: who undoes a patch of the DaemonSet at once;
    ``rewrites``: what applies the DaemonSet anew, now and then.
    """

    values: tuple[Place, ...] = ()
    under: str | None = None
    chart: str | None = None
    object: dict[str, Any] | None = None
    settings: tuple[Setting, ...] = ()
    by_hand: str | None = None
    reverts: str | None = None
    rewrites: str | None = None


class Plugin(NamedTuple):
    """A CNI plugin; the fields are explained in the data file. ``installs`` is empty without a CNI."""

    title: str
    installs: dict[str, Install]
    policy: str | None = None
    crds: str | None = None
    annotations: Sequence[str] = ()
    config: str | None = None
    pod_watcher: str | None = None
    ip_pools: bool = False
    block: int | None = None
    node_range: int | None = None
    tunnel: str | None = None


class DaemonSet(NamedTuple):
    """A plugin's DaemonSet as its project ships it; ``terms`` are its nodeSelectorTerms."""

    namespace: str
    name: str
    terms: tuple[dict[str, Any], ...]


class Companion(NamedTuple):
    """Another workload that a plugin brings along; ``tolerates_all``: a taint does not keep it off a node."""

    kind: str
    namespace: str
    name: str
    tolerates_all: bool


@cache
def plugins() -> dict[str, Plugin]:
    """Every plugin, by the ``cni.type`` of a spec."""
    return {name: _plugin(facts(entry)) for name, entry in load("cni")["plugin"].items()}


def plugin(kind: str) -> Plugin:
    """The plugin that ``cni.type`` names. KeyError for one that the catalog does not know."""
    return plugins()[str(kind)]


def install(kind: str, how: str) -> Install:
    """How a plugin was installed. KeyError for a way that the catalog does not know of this plugin."""
    return plugin(kind).installs[str(how)]


def _plugin(entry: dict[str, Any]) -> Plugin:
    installs = {how: _install(facts(given)) for how, given in entry.get("install", {}).items()}
    return Plugin(installs=installs, **{key: value for key, value in entry.items() if key != "install"})


def _install(entry: dict[str, Any]) -> Install:
    places = load("cni")["values"][entry["values"]] if "values" in entry else ()
    settings = tuple(Setting(**setting) for setting in entry.get("settings", ()))
    return Install(**{**entry, "values": tuple(Place(**facts(place)) for place in places), "settings": settings})


def daemon_set(kind: str, how: str, version: str | None) -> DaemonSet:
    """The DaemonSet of a CNI; an unknown version counts as the newest. KeyError when the catalog knows none."""
    for entry in load("cni")["daemon_set"]:
        if entry["type"] != kind or entry.get("install", how) != how:
            continue
        if "before" in entry and (version is None or not older(version, entry["before"])):
            continue
        return DaemonSet(entry["namespace"], entry["name"], tuple(entry["terms"]))
    raise KeyError(kind)


def companions(kind: str, how: str, version: str | None) -> list[Companion]:
    """What a CNI brings along beside its DaemonSet; an unknown version counts as the newest."""
    return [
        Companion(entry["kind"], entry["namespace"], entry["name"], entry["tolerates"] == "all")
        for entry in load("cni")["companion"]
        if entry["type"] == kind
        and entry.get("install", how) == how
        and not ("since" in entry and version is not None and older(version, entry["since"]))
    ]


DISABLE_BGP_EXPORT: str = load("cni")["ip_pool"]["disable_bgp_export"]
"""The first Calico whose IPPools have ``disableBGPExport``."""

REFUSED_POOLS: str = load("cni")["ip_pool"]["refused"]
"""The network that no IPPool may overlap."""


def older(version: str, than: str) -> bool:
    """Whether a version of a CNI is older than another one."""
    return numbers(version) < numbers(than)
